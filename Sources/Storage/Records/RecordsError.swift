internal import GRDB

/// Why the registry's records could not be read or written.
public enum RecordsError: Error, Hashable, Sendable {
    /// The file is no database, or its pages or rows contradict each other. It is never recreated.
    case damaged(String)
    /// A later release of the registry wrote the file.
    case newerFormat(String)
    /// The database belongs to another program.
    case foreign
    /// There is no file where one must be.
    case missing
    case full
    /// Another connection kept the database longer than we wait.
    case busy
    case unreadable(String)
    /// The asker went away before the change was made; nothing was changed.
    case cancelled
    /// A bug of ours, with what SQLite said.
    case failed(String)
}

extension RecordsError {
    /// Sorts what SQLite and GRDB throw.
    init(_ error: any Error) {
        switch error {
        case let error as RecordsError: self = error
        case is CancellationError: self = .cancelled
        case let error as DatabaseError: self = RecordsError(error)
        default: self = .failed(String(describing: type(of: error)))
        }
    }

    private init(_ error: DatabaseError) {
        let message = error.message ?? "code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: self = .damaged(message)
        case .SQLITE_FULL: self = .full
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .busy
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_AUTH:
            self = .unreadable(message)
        case .SQLITE_INTERRUPT, .SQLITE_ABORT: self = .cancelled
        default: self = .failed(message)
        }
    }
}
