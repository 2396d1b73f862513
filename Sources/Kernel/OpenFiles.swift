internal import CLinux

/// How many files and sockets this process may have open.
public enum OpenFiles {
    /// Asks for room for so many, as far as the machine lets us without privileges; gives what is allowed then, and nil
    /// where the kernel does not say.
    public static func raiseLimit(to wanted: Int) -> Int? {
        let limit = clinux_raise_open_files(UInt64(clamping: wanted))
        return limit < 0 ? nil : Int(clamping: limit)
    }
}
