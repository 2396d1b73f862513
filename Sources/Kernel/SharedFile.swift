internal import CLinux

/// An open file that several may hold; closed as the last lets go. All reads and writes name their place or append, so
/// nobody depends on a shared position.
public final class SharedFile: Sendable {
    /// For calls that are not ours (sendfile): valid as long as this object is held.
    public let rawDescriptor: Int32
    private let path: String?

    /// Takes the descriptor over.
    public init(adopting descriptor: Int32, path: String? = nil) {
        rawDescriptor = descriptor
        self.path = path
    }

    deinit { clinux_close(rawDescriptor) }

    /// Up to `count` bytes from `offset`: fewer only at the end of the file.
    public func read(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        let got = try read(at: offset, into: &bytes)
        bytes.removeLast(bytes.count - got)
        return bytes
    }

    /// Fills `space` from `offset` and tells how much: less than its length only at the end of the file.
    public func read(at offset: Int64, into space: inout [UInt8]) throws(SystemError) -> Int {
        var done = 0
        while done < space.count {
            let got = unsafe space.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                return unsafe clinux_read_at(rawDescriptor, rest.baseAddress, rest.count, offset + Int64(done))
            }
            if try check(got, "read") == 0 { break }
            done += Int(got)
        }
        return done
    }

    /// Adds up to `count` bytes from `offset` to `space`: fewer only at the end of the file or of the space.
    public func read(at offset: Int64, count: Int, into space: inout OutputRawSpan) throws(SystemError) {
        let wanted = min(count, space.freeCapacity)
        var done = 0
        while done < wanted {
            let got = unsafe space.withUnsafeMutableBytes { bytes, filled in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                let got = unsafe clinux_read_at(rawDescriptor, rest.baseAddress, wanted - done, offset + Int64(done))
                filled += max(0, Int(got))
                return got
            }
            if try check(got, "read") == 0 { break }
            done += Int(got)
        }
    }

    /// The next bytes of a pipe or terminal; empty at its end. Blocks.
    public func readNext(upTo count: Int = 64 << 10) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(1, count))
        let got = unsafe bytes.withUnsafeMutableBytes {
            unsafe clinux_read(rawDescriptor, $0.baseAddress, $0.count)
        }
        try check(got, "read")
        bytes.removeLast(bytes.count - Int(got))
        return bytes
    }

    /// Writes all of `bytes` at `offset`.
    public func write(_ bytes: Span<UInt8>, at offset: Int64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let rest = bytes.extracting(done...)
            let got = unsafe rest.withUnsafeBytes {
                unsafe clinux_write_at(rawDescriptor, $0.baseAddress, $0.count, offset + Int64(done))
            }
            done += try progress(got)
        }
    }

    public func write(_ bytes: [UInt8], at offset: Int64) throws(SystemError) { try write(bytes.span, at: offset) }

    /// Writes all of `bytes` where the file stands: at its end when it was opened to append.
    public func append(_ bytes: Span<UInt8>) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let rest = bytes.extracting(done...)
            let got = unsafe rest.withUnsafeBytes {
                unsafe clinux_write(rawDescriptor, $0.baseAddress, $0.count)
            }
            done += try progress(got)
        }
    }

    public func append(_ bytes: [UInt8]) throws(SystemError) { try append(bytes.span) }

    /// Everything of the file is on the disk when this returns. After an error nothing written before may be trusted.
    public func fsync() throws(SystemError) { try check(clinux_sync(rawDescriptor), "fsync") }

    /// The bytes and what is needed to read them are on the disk when this returns.
    public func fdatasync() throws(SystemError) { try check(clinux_sync_bytes(rawDescriptor), "fdatasync") }

    public func truncate(to size: Int64) throws(SystemError) {
        try check(clinux_truncate(rawDescriptor, size), "ftruncate")
    }

    public func chmod(_ mode: UInt32) throws(SystemError) {
        try check(clinux_chmod_file(rawDescriptor, mode), "fchmod")
    }

    public func stat() throws(SystemError) -> FileStat {
        var found = clinux_status()
        try check(unsafe clinux_stat_file(rawDescriptor, &found), "fstat")
        return FileStat(found)
    }

    /// Copies a range within the kernel where it can, else through memory.
    public func copy(from offset: Int64, count: Int64, to other: SharedFile, at place: Int64) throws(SystemError) {
        var done: Int64 = 0
        while done < count {
            let part = Int(min(count - done, 1 << 30))
            let got = clinux_copy_range(rawDescriptor, offset + done, other.rawDescriptor, place + done, part)
            if got > 0 {
                done += got
                continue
            }
            // Across file systems, on old kernels, or at the end: reading tells which.
            let bytes = try read(at: offset + done, count: min(part, 1 << 20))
            guard !bytes.isEmpty else { throw SystemError(call: "copy_file_range", errno: ENODATA, path: path) }
            try other.write(bytes, at: place + done)
            done += Int64(bytes.count)
        }
    }

    private func progress(_ got: Int64) throws(SystemError) -> Int {
        // Writing nothing of something would be repeated for ever.
        guard try check(got, "write") > 0 else { throw SystemError(call: "write", errno: EIO, path: path) }
        return Int(got)
    }

    @discardableResult
    private func check<Answer: FixedWidthInteger>(_ answer: Answer, _ call: String) throws(SystemError) -> Answer {
        try SystemError.check(answer, call, path)
    }
}

/// The streams a process is born with, which nobody may close.
public enum StandardStream {
    /// Everything of the input up to its end, or up to `limit` bytes. The descriptor stays open: another file under its
    /// number would be every child's input.
    public static func input(limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < limit {
            let got = unsafe part.withUnsafeMutableBytes { unsafe clinux_read(0, $0.baseAddress, $0.count) }
            try SystemError.check(got, "read")
            if got == 0 { break }
            bytes += part[..<Int(got)]
        }
        return bytes
    }

    /// Writes everything; a reader that has gone is EPIPE.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        let span = bytes.span
        var done = 0
        while done < span.count {
            let rest = span.extracting(done...)
            let got = unsafe rest.withUnsafeBytes { unsafe clinux_write(descriptor, $0.baseAddress, $0.count) }
            if got < 0 {
                if got == -Int(EINTR) { continue }
                throw SystemError(call: "write", errno: Int32(-got))
            }
            done += Int(got)
        }
    }
}
