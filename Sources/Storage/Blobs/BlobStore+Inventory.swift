public import Core
internal import Kernel

extension BlobStore {
    /// A blob as the folder shows it, unread.
    public struct Item: Hashable, Sendable {
        public let digest: Digest
        public let size: Int64
        /// When it came, in seconds.
        public let since: Int64
    }

    /// Every blob with its size and age. One that vanishes meanwhile is left out.
    public func inventory() throws(StorageError) -> [Item] {
        try digests().compactMap { digest in
            guard let stat = try? Files.stat(path(of: digest)) else { return nil }
            return Item(digest: digest, size: stat.size, since: stat.mtimeNanos / 1_000_000_000)
        }
    }
}

extension BlobStore {
    /// Whether a blob could be kept now: room for one, and a disk that says it has it. Leaves nothing behind.
    public func checkWritable() throws(StorageError) {
        let staging = try stage()
        try staging.append([UInt8](repeating: 0, count: 64 << 10))
        try staging.sync()
    }
}
