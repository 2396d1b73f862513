public import Core
public import Kernel

/// Bytes that were stored under their SHA-256 and still have it. The descriptor stays open, so what was verified is
/// what is read, whatever happens to the path.
public final class Blob: Sendable {
    public let digest: Digest
    public let size: Int64
    /// For transports that send a file without copying it.
    public let file: SharedFile
    let stamp: FileStat

    init(digest: Digest, size: Int64, file: SharedFile, stamp: FileStat) {
        self.digest = digest
        self.size = size
        self.file = file
        self.stamp = stamp
    }

    /// At most `count` bytes from `offset`; fewer at the end.
    public func read(at offset: Int64, count: Int) throws(StorageError) -> [UInt8] {
        do throws(SystemError) { return try file.read(at: offset, count: count) } catch {
            throw StorageError(error, path: digest.description)
        }
    }

    /// True while the open file has the stamp it had when its bytes were verified.
    public var isUntouched: Bool { (try? file.stat()) == stamp }

    /// The whole of a small blob.
    public func bytes(limit: Int = 64 << 20) throws(StorageError) -> [UInt8] {
        guard size <= Int64(limit) else {
            throw .failed(path: digest.description, what: "\(size) bytes are more than fit in memory here")
        }
        return try read(at: 0, count: Int(size))
    }

    /// A path under which this process can open the very bytes, for readers that want a file name.
    public var path: String { "/proc/self/fd/\(file.rawDescriptor)" }
}
