#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// A file open for reading at any offset, until the last holder lets go of it; or bytes in memory, read like one.
final class OpenFile {
    private let descriptor: CInt
    private let contents: [UInt8]?
    let size: Int64

    init(path: String) throws(ArchiveError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable("cannot open: error \(errno)") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = close(descriptor)
            throw .unreadable("not a regular file")
        }
        self.descriptor = descriptor
        contents = nil
        size = Int64(status.st_size)
    }

    init(bytes: [UInt8]) {
        descriptor = -1
        contents = bytes
        size = Int64(bytes.count)
    }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    /// Up to `count` bytes; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
        if let contents {
            guard offset >= 0, offset < contents.count else { return [] }
            let start = Int(offset)
            return Array(contents[start..<start + Swift.min(count, contents.count - start)])
        }
        var failure: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            while used < count {
                let got = unsafe pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: used),
                    count - used,
                    off_t(offset) + off_t(used)
                )
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                used += got
            }
        }
        guard failure == 0 else { throw .unreadable("cannot read: error \(failure)") }
        return bytes
    }

    /// Exactly `count` bytes.
    func readAll(at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= size - Int64(count) else { throw .malformed("ends too early") }
        let bytes = try read(at: offset, count: count)
        guard bytes.count == count else { throw .malformed("ends too early") }
        return bytes
    }
}

/// A stretch of a file.
struct FileRegion {
    let file: OpenFile
    let range: Range<Int64>

    /// How the bytes here are compressed, by their first ones.
    enum Compression { case none, gzip, zlib, xz, bzip2, zstd, lz4 }

    var compression: Compression {
        get throws(ArchiveError) {
            let head = try file.read(
                at: range.lowerBound,
                count: Int(Swift.min(6, range.upperBound - range.lowerBound))
            )
            if head.starts(with: [0x1F, 0x8B]) { return .gzip }
            if head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) { return .xz }
            if head.starts(with: [0x42, 0x5A, 0x68]) { return .bzip2 }
            if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
            if head.starts(with: [0x04, 0x22, 0x4D, 0x18]) { return .lz4 }
            guard head.count > 1, head[0] & 0x8F == 0x08, head[0] >> 4 <= 7 else { return .none }
            return (Int(head[0]) << 8 + Int(head[1])) % 31 == 0 ? .zlib : .none
        }
    }
}

/// Bytes in order, piece by piece.
protocol ByteSource: AnyObject {
    /// The next piece; empty at the end.
    func next() throws(ArchiveError) -> [UInt8]
}

/// The bytes of a region as they lie.
final class RegionSource: ByteSource {
    private let region: FileRegion
    private(set) var offset: Int64

    init(_ region: FileRegion) {
        self.region = region
        offset = region.range.lowerBound
    }

    var consumed: Int64 { offset - region.range.lowerBound }

    func next() throws(ArchiveError) -> [UInt8] {
        let count = Int(Swift.min(65_536, region.range.upperBound - offset))
        guard count > 0 else { return [] }
        let bytes = try region.file.readAll(at: offset, count: count)
        offset += Int64(count)
        return bytes
    }
}
