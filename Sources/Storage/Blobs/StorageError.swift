public import Core
internal import Kernel

/// Why storage could not do what it was asked.
public enum StorageError: Error, Hashable, Sendable {
    /// No room, no inodes or over quota.
    case full(path: String)
    /// What lies there is not what was stored.
    case damaged(path: String, what: String)
    /// Another process holds it.
    case locked(path: String, holder: String)
    case failed(path: String, what: String)

    init(_ error: SystemError, path: String) {
        self = error.isFull ? .full(path: error.path ?? path) : .failed(path: error.path ?? path, what: "\(error)")
    }
}

extension StorageError {
    /// The problem a person sees.
    public var problem: Problem {
        switch self {
        case .full(let path):
            Problem(
                .storageFull,
                subject: path,
                summary: "has no room left",
                remedy: "Free space or inodes there, or point --cache at a larger disk; nothing incomplete was kept."
            )
        case .damaged(let path, let what):
            Problem(
                .storageDamaged,
                subject: path,
                summary: what,
                remedy: "Restore it from a backup, or move it away; it is never repaired by deleting."
            )
        case .locked(let path, let holder):
            Problem(
                .stateLocked,
                subject: path,
                summary: "is in use by \(holder)",
                remedy: "Wait for that process to end, or use another folder."
            )
        case .failed(let path, let what):
            Problem(
                .storageDamaged,
                subject: path,
                summary: "could not be used: \(what)",
                remedy: "Check that the folder exists, is a real folder and can be written by this user."
            )
        }
    }
}
