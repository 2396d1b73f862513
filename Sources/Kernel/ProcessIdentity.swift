internal import CLinux

/// What this process is, and small things only the kernel knows.
public enum ProcessIdentity {
    public static var pid: Int32 { getpid() }
    public static var parent: Int32 { getppid() }
    public static var uid: UInt32 { getuid() }
    public static var effectiveUID: UInt32 { geteuid() }

    /// The program that runs now, whatever its first argument says.
    public static func executablePath() throws(SystemError) -> String {
        #if os(Linux)
            try Files.readlink("/proc/self/exe")
        #else
            throw SystemError(call: "executable path", errno: EOPNOTSUPP)
        #endif
    }

    /// Other processes of the same user can then neither trace us nor read our memory or environment.
    public static func setUndumpable() throws(SystemError) { try SystemError.check(clinux_set_undumpable(), "prctl") }

    /// Nanoseconds that never go backwards; only differences mean something.
    public static func monotonicNanoseconds() -> UInt64 { clinux_monotonic() }

    /// Seconds since 1970 and the nanoseconds of the current one.
    public static func wallClock() -> (seconds: Int64, nanoseconds: Int32) {
        var seconds: Int64 = 0
        var nanoseconds: Int32 = 0
        unsafe clinux_wall_clock(&seconds, &nanoseconds)
        return (seconds, nanoseconds)
    }

    /// Bytes nobody can foresee.
    public static func randomBytes(_ count: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            // Up to 256 bytes come whole or not at all.
            var part = [UInt8](repeating: 0, count: min(256, count - bytes.count))
            let got = unsafe part.withUnsafeMutableBytes { unsafe clinux_random($0.baseAddress, $0.count) }
            bytes += part.prefix(Int(try SystemError.check(got, "getrandom")))
        }
        return bytes
    }

    public static func hostName() throws(SystemError) -> String {
        var text = [CChar](repeating: 0, count: 256)
        let status = unsafe text.withUnsafeMutableBufferPointer {
            unsafe clinux_host_name($0.baseAddress, $0.count - 1)
        }
        try SystemError.check(status, "gethostname")
        return string(text[...])
    }

    /// The kernel's name, release and machine, as `uname` says them.
    public static func system() throws(SystemError) -> (name: String, release: String, machine: String) {
        var text = [CChar](repeating: 0, count: 3 * 128)
        let status = unsafe text.withUnsafeMutableBufferPointer { space in
            guard let start = space.baseAddress else { return -EIO }
            return unsafe clinux_system(start, start + 128, start + 256, 128)
        }
        try SystemError.check(status, "uname")
        return (string(text[..<128]), string(text[128..<256]), string(text[256...]))
    }

    /// The text of `/etc/os-release`; `nil` where there is none.
    public static func osRelease() -> String? {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            if let bytes = try? Files.readAll(path, limit: 64 << 10) { return String(decoding: bytes, as: UTF8.self) }
        }
        return nil
    }

    public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The columns of a terminal; `nil` for what is none.
    public static func terminalWidth(_ descriptor: Int32) -> Int? { terminalSize(descriptor)?.columns }

    /// `nil` for what is no terminal, or one that does not know.
    public static func terminalSize(_ descriptor: Int32) -> TerminalSize? {
        let size = TerminalSize(rows: Int(clinux_rows(descriptor)), columns: Int(clinux_columns(descriptor)))
        return size.columns > 0 ? size : nil
    }

    private static func string(_ text: ArraySlice<CChar>) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// How much a terminal shows at once.
public struct TerminalSize: Hashable, Sendable {
    public let rows: Int
    public let columns: Int
}
