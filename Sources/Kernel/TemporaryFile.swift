internal import CLinux
internal import Synchronization

/// A file that is gone unless it is committed: without a name where the file system can do that, else with a random
/// one that `deinit` removes.
public final class TemporaryFile: Sendable {
    public let file: SharedFile
    private let folder: String
    private let name: Mutex<String?>

    public init(in folder: String) throws(SystemError) {
        try SystemError.checkPath(folder)
        self.folder = folder
        let nameless = unsafe clinux_open_nameless(folder, 0o600)
        if nameless >= 0 {
            file = SharedFile(adopting: nameless, path: folder)
            name = Mutex(nil)
            return
        }
        // Overlay and network file systems without O_TMPFILE answer EOPNOTSUPP, old kernels EISDIR.
        guard [-EOPNOTSUPP, -EISDIR, -EINVAL].contains(nameless) else {
            try SystemError.check(nameless, "open", folder)
            throw SystemError(call: "open", errno: EIO, path: folder)
        }
        let path = try Self.randomName(in: folder)
        file = try Files.create(path)
        name = Mutex(path)
    }

    /// Always with a name, as where there are no nameless files.
    init(namedIn folder: String) throws(SystemError) {
        self.folder = folder
        let path = try Self.randomName(in: folder)
        file = try Files.create(path)
        name = Mutex(path)
    }

    deinit { if let left = name.withLock({ $0 }) { try? Files.unlink(left) } }

    /// Syncs the bytes, gives the file its name on the same file system, and syncs that. Without `replacing`, an
    /// existing file is the error EEXIST and stays. Not `durably`, for caches: whole after a crash of the process, but a
    /// power cut may lose or tear it.
    public func commit(to path: String, replacing: Bool, durably: Bool = true) throws(SystemError) {
        if durably { try file.fsync() }
        if !replacing {
            try Files.link(file, to: path)
        } else {
            let own = name.withLock { $0 }
            let source: String
            if let own { source = own } else { source = try linkAside() }
            try moveOver(source, to: path)
        }
        if durably { try Files.syncFolder(Files.folder(of: path)) }
    }

    private func moveOver(_ source: String, to path: String) throws(SystemError) {
        do throws(SystemError) {
            try SystemError.checkPath(path)
            try SystemError.check(unsafe clinux_rename(source, path), "rename", path)
            name.withLock { $0 = nil }
        } catch {
            name.withLock { $0 = source }
            throw error
        }
    }

    /// A name beside the target, since linking cannot replace.
    private func linkAside() throws(SystemError) -> String {
        let path = try Self.randomName(in: folder)
        try Files.link(file, to: path)
        return path
    }

    private static func randomName(in folder: String) throws(SystemError) -> String {
        let digits = try ProcessIdentity.randomBytes(12).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return folder + "/.staged-" + digits.joined()
    }
}
