internal import CLinux

/// Files by path. Paths are used as they are given; nothing here expands or cleans them.
public enum Files {
    /// Opens to read. A symbolic link as the last part is refused unless `followLink`; a FIFO does not block.
    public static func open(_ path: String, followLink: Bool = false) throws(SystemError) -> SharedFile {
        try SystemError.checkPath(path)
        let descriptor = try SystemError.check(unsafe clinux_open_read(path, followLink ? 1 : 0), "open", path)
        return SharedFile(adopting: descriptor, path: path)
    }

    /// Makes a file that did not exist, to read and write.
    public static func create(_ path: String, mode: UInt32 = 0o600) throws(SystemError) -> SharedFile {
        try SystemError.checkPath(path)
        let descriptor = try SystemError.check(unsafe clinux_create(path, mode), "create", path)
        return SharedFile(adopting: descriptor, path: path)
    }

    /// Opens to read and to append, making the file when there is none.
    public static func openAppending(_ path: String, mode: UInt32 = 0o600) throws(SystemError) -> SharedFile {
        try SystemError.checkPath(path)
        let descriptor = try SystemError.check(unsafe clinux_open_append(path, mode), "open", path)
        return SharedFile(adopting: descriptor, path: path)
    }

    /// Opens what is there already to write to it: a setting below `/proc`, a device.
    public static func openSetting(_ path: String) throws(SystemError) -> SharedFile {
        try SystemError.checkPath(path)
        return SharedFile(adopting: try SystemError.check(unsafe clinux_open_setting(path), "open", path), path: path)
    }

    /// All of a file of at most `limit` bytes; a longer one is the error EFBIG.
    public static func readAll(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        let file = try open(path, followLink: true)
        let tooLarge = SystemError(call: "read", errno: EFBIG, path: path)
        let told = try file.stat().size
        guard told <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        // Files of /proc tell no size: read until the end.
        var part = max(4096, Int(told) + 1)
        while true {
            let more = try file.read(at: Int64(bytes.count), count: part)
            bytes += more
            guard bytes.count <= limit else { throw tooLarge }
            if more.count < part { return bytes }
            part = 1 << 20
        }
    }

    public static func stat(_ path: String, followLink: Bool = false) throws(SystemError) -> FileStat {
        try SystemError.checkPath(path)
        var found = clinux_status()
        try SystemError.check(unsafe clinux_stat_path(path, followLink ? 1 : 0, &found), "stat", path)
        return FileStat(found)
    }

    /// Whether anything has this name, a dangling link too. An unreadable folder counts as no.
    public static func exists(_ path: String) -> Bool { (try? stat(path)) != nil }

    public static func chmod(_ path: String, mode: UInt32) throws(SystemError) {
        try SystemError.checkPath(path)
        try SystemError.check(unsafe clinux_chmod(path, mode), "chmod", path)
    }

    public static func unlink(_ path: String) throws(SystemError) {
        try SystemError.checkPath(path)
        try SystemError.check(unsafe clinux_unlink(path), "unlink", path)
    }

    public static func symlink(_ path: String, to target: String) throws(SystemError) {
        try SystemError.checkPath(path)
        try SystemError.checkPath(target)
        try SystemError.check(unsafe clinux_symlink(target, path), "symlink", path)
    }

    public static func readlink(_ path: String) throws(SystemError) -> String {
        try SystemError.checkPath(path)
        var space = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = unsafe space.withUnsafeMutableBufferPointer {
            unsafe clinux_readlink(path, $0.baseAddress, $0.count)
        }
        try SystemError.check(count, "readlink", path)
        return String(decoding: space.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public static func realpath(_ path: String) throws(SystemError) -> String {
        try SystemError.checkPath(path)
        var status: Int32 = 0
        let found = unsafe clinux_real_path(path, &status)
        try SystemError.check(status, "realpath", path)
        guard let text = unsafe found else { throw SystemError(call: "realpath", errno: EIO, path: path) }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// The bytes an ordinary user may still write to the file system of `path`, and its size.
    public static func freeSpace(_ path: String) throws(SystemError) -> (available: UInt64, total: UInt64) {
        try SystemError.checkPath(path)
        var available: UInt64 = 0
        var total: UInt64 = 0
        try SystemError.check(unsafe clinux_free_space(path, &available, &total), "statvfs", path)
        return (available, total)
    }

    /// The folder a path is in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
