internal import CLinux

/// A file's bytes without reading them into memory. The file must not be shortened while it is mapped: map only files
/// that are replaced by renaming.
@safe public final class MappedFile: Sendable {
    private let address: UInt
    public let count: Int

    public convenience init(path: String) throws(SystemError) {
        try self.init(try Files.open(path, followLink: true), path: path)
    }

    /// Maps all of the file as long as it is now.
    public init(_ file: SharedFile, path: String? = nil) throws(SystemError) {
        let found = try file.stat()
        guard found.isRegular, let size = Int(exactly: found.size) else {
            throw SystemError(call: "mmap", errno: EINVAL, path: path)
        }
        // The kernel maps no empty file.
        guard size > 0 else {
            address = 0
            count = 0
            return
        }
        var status: Int32 = 0
        let start = unsafe clinux_map(file.rawDescriptor, size, &status)
        try SystemError.check(status, "mmap", path)
        address = UInt(bitPattern: start)
        count = size
    }

    deinit { if count > 0 { unsafe clinux_unmap(UnsafeMutableRawPointer(bitPattern: address), count) } }

    /// Lends the bytes for the time of the call.
    public func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = unsafe UnsafePointer<UInt8>(bitPattern: address)
        let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
        return try body(unsafe bytes.span)
    }
}
