internal import Core
internal import Kernel
internal import Storage
internal import Synchronization

/// Uploads that are under way. Each token has its own part of a blob, so that nobody can spoil another's.
final class Uploads: Sendable {
    private let folder: String
    private let open = Mutex(Set<String>())

    /// Parts that nobody went on with for so long are dropped as the server starts.
    static let lifetime: Int64 = 24 * 3_600

    init(folder: String) throws(SystemError) {
        self.folder = folder
        try Files.makeFolder(folder)
    }

    /// The part that a token has of a blob, for one request at a time; nil while another request has it.
    func part(of digest: Digest, for actor: String) throws(SystemError) -> UploadPart? {
        let name = "\(actor)-\(digest.hex)"
        guard open.withLock({ $0.insert(name).inserted }) else { return nil }
        do {
            let file = try Files.openAppending("\(folder)/\(name)")
            return UploadPart(file: file, path: "\(folder)/\(name)") { [self] in
                _ = open.withLock { $0.remove(name) }
            }
        } catch {
            _ = open.withLock { $0.remove(name) }
            throw error
        }
    }

    /// Whether an upload could begin now.
    func checkWritable() throws(SystemError) { try TemporaryFile(in: folder).file.append([0]) }

    /// How much of it is there.
    func offset(of digest: Digest, for actor: String) -> Int64 {
        (try? Files.stat("\(folder)/\(actor)-\(digest.hex)").size) ?? 0
    }

    /// Drops parts that were left alone.
    func sweep(now: Timestamp) throws(SystemError) {
        for name in try Files.list(folder) {
            let age = try now.seconds - Files.stat("\(folder)/\(name)").mtimeNanos / 1_000_000_000
            if age > Uploads.lifetime { try Files.unlink("\(folder)/\(name)") }
        }
    }
}

/// One part of a blob on its way in; given back when it is let go.
final class UploadPart: Sendable {
    let file: SharedFile
    private let path: String
    private let release: @Sendable () -> Void

    fileprivate init(file: SharedFile, path: String, release: @escaping @Sendable () -> Void) {
        self.file = file
        self.path = path
        self.release = release
    }

    deinit { release() }

    func discard() throws(SystemError) { try Files.unlink(path) }

    /// Copies the whole part into the store if it has that digest; nil, and nothing of it kept, if it has not.
    func commit(as digest: Digest, to store: BlobStore, size: Int64) async throws -> Blob? {
        let staging = try store.stage()
        var offset: Int64 = 0
        while offset < size {
            let bytes = try file.read(at: offset, count: 1 << 20)
            guard !bytes.isEmpty else { break }
            try staging.append(bytes)
            offset += Int64(bytes.count)
            await Task.yield()
        }
        let isRight = staging.digests.contains(digest)
        let blob = isRight ? try staging.commit() : nil
        try discard()
        return blob
    }
}
