internal import CLinux

/// An exclusive lock on a file, held until this object is let go or the process ends, however it ends. The file holds
/// the owner's process number as text and stays when the lock is gone.
public final class FileLock: Sendable {
    private let file: SharedFile
    public let path: String

    private init(_ file: SharedFile, path: String) {
        self.file = file
        self.path = path
    }

    /// The lock, or `nil` when somebody else holds it. Does not wait.
    public static func attempt(_ path: String) throws(SystemError) -> FileLock? {
        try SystemError.checkPath(path)
        let descriptor = try SystemError.check(unsafe clinux_open_lock(path), "open", path)
        let file = SharedFile(adopting: descriptor, path: path)
        let status = clinux_try_lock(descriptor)
        if status == -EWOULDBLOCK { return nil }
        try SystemError.check(status, "flock", path)
        // Whoever held it may have removed the file meanwhile; the next to come would then lock another one.
        let (held, named) = (try file.stat(), try? Files.stat(path, followLink: true))
        guard held.device == named?.device, held.inode == named?.inode else { return nil }
        try file.truncate(to: 0)
        try file.write(Array("\(ProcessIdentity.pid)\n".utf8), at: 0)
        return FileLock(file, path: path)
    }

    /// Takes the file away, for locks on things of which there are many. The lock is held until it is let go all the
    /// same.
    public func removeFile() { try? Files.unlink(path) }

    /// Who holds, or last held, the lock of this file.
    public static func holder(of path: String) -> String? {
        guard let bytes = try? Files.readAll(path, limit: 4096) else { return nil }
        let text = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }
}
