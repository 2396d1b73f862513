public import Core
internal import Kernel
public import Storage
internal import Synchronization

/// The registry's data directory, held by one process at a time: records, blobs, uploads under way, and the lock.
public final class StateFolder: Sendable {
    public let path: String
    public let records: Records
    public let blobs: BlobStore
    let uploads: Uploads
    /// The first administration token, where this process made the folder; shown once and kept nowhere.
    public let firstToken: Token?
    private let lock: Mutex<FileLock?>

    private static let format = Array("purser-registry 1\n".utf8)

    /// Opens the folder, and makes it first where there is none (or an empty one).
    public static func open(
        _ path: String,
        mayCreate: Bool = true,
        now: Timestamp
    ) async throws(Problem) -> StateFolder {
        do {
            let isThere = Files.exists("\(path)/FORMAT")
            if !isThere {
                guard mayCreate else { throw absent(path) }
                try refuseForeignContent(of: path)
                try Files.makeFolder(path)
            }
            guard let lock = try FileLock.attempt("\(path)/lock") else { throw locked(path) }
            // Somebody else may have made it while we waited for nothing.
            let isNew = !Files.exists("\(path)/FORMAT")
            if !isNew { try checkFormat(of: path) }
            let records = try Records.open(path: "\(path)/records.sqlite", mayCreate: isNew)
            let blobs = try BlobStore(folder: "\(path)/blobs", durability: .durable)
            let uploads = try Uploads(folder: "\(path)/uploads")
            let token = isNew ? try await furnish(records, at: now) : nil
            if isNew {
                try Files.writeAtomically("\(path)/FORMAT", format)
                // One that we may not read is not ours to sync.
                try? Files.syncFolder("\(path)/..")
            }
            return StateFolder((path, lock), (records, blobs, uploads), token)
        } catch {
            throw problem(error, path)
        }
    }

    private init(
        _ place: (path: String, lock: FileLock),
        _ stores: (records: Records, blobs: BlobStore, uploads: Uploads),
        _ firstToken: Token?
    ) {
        path = place.path
        lock = Mutex(place.lock)
        records = stores.records
        blobs = stores.blobs
        uploads = stores.uploads
        self.firstToken = firstToken
    }

    /// Lets another process have the folder, although somebody here may still look at it.
    func release() { lock.withLock { $0 = nil } }

    /// What a new registry has: the repository `main` and one token for everything.
    private static func furnish(_ records: Records, at now: Timestamp) async throws -> Token {
        _ = try await records.add(Repository(name: "main"), by: "command", at: now)
        let token = Token.mint()
        let record = token.record("first administrator", scopes: [.admin], repositories: ["*"], created: now)
        try await records.add(record, by: "command", at: now)
        return token
    }

    private static func refuseForeignContent(of path: String) throws {
        // What a start that was killed halfway leaves behind is ours.
        let ours: Set<String> = [
            "lock", "blobs", "uploads", "records.sqlite", "records.sqlite-wal", "records.sqlite-shm",
        ]
        guard Files.exists(path) else { return }
        let names = try Files.list(path).filter { !ours.contains($0) }
        guard names.isEmpty else {
            throw Problem(
                .usageInvalid,
                subject: path,
                summary: "holds other things (\(names[0])) and is no data directory of a registry",
                remedy: "Name an empty or a new folder with --data."
            )
        }
    }

    private static func checkFormat(of path: String) throws {
        let found = try Files.readAll("\(path)/FORMAT", limit: 1_024)
        guard found == format else {
            throw Problem(
                .storageDamaged,
                subject: path,
                summary: "was made by another release: \(String(decoding: found, as: UTF8.self).prefix(40))",
                remedy: "Use the release of purser-registry that made it, or a newer one."
            )
        }
    }

    private static func absent(_ path: String) -> Problem {
        Problem(
            .notFound,
            subject: path,
            summary: "is no data directory of a registry",
            remedy: "Make one with `purser-registry init --data \(path)`, or name the right one with --data."
        )
    }

    private static func locked(_ path: String) -> Problem {
        let holder = FileLock.holder(of: "\(path)/lock") ?? "another process"
        return Problem(
            .stateLocked,
            subject: path,
            summary: "is in use by process \(holder)",
            remedy: "Stop that server first, or name another folder with --data.",
            details: ["holder": holder]
        )
    }

    static func problem(_ error: any Error, _ path: String) -> Problem {
        switch error {
        case let error as Problem: error
        case let error as RecordsError: error.problem
        case let error as StorageError: error.problem
        case let error as SystemError:
            Problem(
                error.isFull ? .storageFull : .storageDamaged,
                subject: error.path ?? path,
                summary: error.isFull ? "has no room left" : "cannot be used: \(error)",
                remedy: "Check the folder's owner, permissions and disk, or name another with --data."
            )
        default: Problem(.bug, subject: path, summary: "\(error)", remedy: "Report this.")
        }
    }
}
