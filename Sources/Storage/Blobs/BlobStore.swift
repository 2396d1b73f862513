public import Core
internal import Glibc
internal import Kernel
internal import Synchronization

/// Blobs in a folder, each under its SHA-256 (`sha256/ab/cdef…`), read-only. Names never become paths.
///
/// A blob is hashed at its first use by this process; later uses compare the open file's stamp with the one it had then.
public final class BlobStore: Sendable {
    /// Whether a committed blob must survive a power cut (the registry) or may be lost, never wrong (a job's cache).
    public enum Durability: Sendable { case durable, volatile }

    private struct Pool {
        var blobs: [Digest: Blob] = [:]
        var order: [Digest] = []
        /// Folders whose own names are on the disk.
        var synced: Set<String> = []
    }

    public let folder: String
    private let durability: Durability
    private let openLimit: Int
    private let pool = Mutex(Pool())

    /// Opens or makes the store; its folders are private to the user.
    public init(folder: String, durability: Durability = .volatile, openLimit: Int = 512) throws(StorageError) {
        self.folder = folder
        self.durability = durability
        self.openLimit = openLimit
        for name in ["sha256", "staged", "quarantine"] {
            do throws(SystemError) { try Files.makeFolder("\(folder)/\(name)") } catch {
                throw StorageError(error, path: folder)
            }
        }
        guard durability == .durable else { return }
        do throws(SystemError) { try Files.syncFolder(folder) } catch { throw StorageError(error, path: folder) }
    }

    /// A place for bytes whose digest is not known yet.
    public func stage(_ algorithms: Set<Digest.Algorithm> = []) throws(StorageError) -> Staging {
        do throws(SystemError) {
            let temporary = try TemporaryFile(in: "\(folder)/staged")
            return Staging(store: self, temporary: temporary, algorithms: algorithms)
        } catch { throw StorageError(error, path: folder) }
    }

    /// Stores bytes that are at hand.
    @discardableResult
    public func store(_ bytes: [UInt8]) throws(StorageError) -> Blob {
        let digest = Digest.sha256(of: bytes)
        if let known = pooled(digest) { return known }
        let staging = try stage()
        try staging.append(bytes)
        return try staging.commit()
    }

    /// The blob of this SHA-256, or nil. One whose bytes changed is moved to quarantine and counts as absent.
    public func blob(_ digest: Digest) async throws(StorageError) -> Blob? {
        guard digest.algorithm == .sha256 else { return nil }
        if let known = pooled(digest) { return known }
        let path = path(of: digest)
        var found: Blob?
        do throws(SystemError) { found = try await verified(Files.open(path), digest) } catch {
            if error.isMissing { return nil }
            // Too many open files or a failing disk say nothing about what lies there.
            guard error.errno == ELOOP || error.errno == EACCES || error.errno == ENXIO else {
                throw StorageError(error, path: path)
            }
        }
        guard let blob = found else {
            try putAway(path, digest)
            return nil
        }
        keep(blob)
        return blob
    }

    /// True when a file of that name is there; says nothing about its bytes.
    public func contains(_ digest: Digest) -> Bool { Files.exists(path(of: digest)) }

    public func remove(_ digest: Digest) throws(StorageError) {
        pool.withLock { pool in
            pool.blobs[digest] = nil
            pool.order.removeAll { $0 == digest }
        }
        do throws(SystemError) { try Files.unlink(path(of: digest)) } catch {
            if !error.isMissing { throw StorageError(error, path: folder) }
        }
    }

    /// Every digest that has a file, in order.
    public func digests() throws(StorageError) -> [Digest] {
        var found: [Digest] = []
        do throws(SystemError) {
            for prefix in try Files.list("\(folder)/sha256") {
                for rest in try Files.list("\(folder)/sha256/\(prefix)") {
                    if let digest = Digest(.sha256, hex: prefix + rest) { found.append(digest) }
                }
            }
        } catch { throw StorageError(error, path: folder) }
        return found.sorted()
    }

    /// Gives a staged file its name. Of two with the same bytes the first stays: replacing it would change its stamp
    /// under those who are reading it.
    func admit(_ temporary: TemporaryFile, digest: Digest, size: Int64) throws(StorageError) -> Blob {
        if let known = pooled(digest), contains(digest) { return known }
        let target = path(of: digest)
        do throws(SystemError) {
            try makeShelf(String(digest.hex.prefix(2)))
            try temporary.file.chmod(0o444)
            try temporary.commit(to: target, replacing: true, durably: durability == .durable)
            let blob = Blob(digest: digest, size: size, file: temporary.file, stamp: try temporary.file.stat())
            keep(blob)
            return blob
        } catch { throw StorageError(error, path: target) }
    }

    /// A folder of blobs. Its own name must be on the disk before a blob in it counts as kept.
    private func makeShelf(_ prefix: String) throws(SystemError) {
        try Files.makeFolder("\(folder)/sha256/\(prefix)")
        guard durability == .durable, !pool.withLock({ $0.synced.contains(prefix) }) else { return }
        try Files.syncFolder("\(folder)/sha256")
        pool.withLock { _ = $0.synced.insert(prefix) }
    }

    /// Keeps what is not the blob it should be for whoever wants to look at it, out of the way of the right one.
    private func putAway(_ path: String, _ digest: Digest) throws(StorageError) {
        do throws(SystemError) { try Files.renameDurably(path, to: "\(folder)/quarantine/\(digest.hex)") } catch {
            // Another process was faster, or something is in quarantine that a file cannot replace.
            if error.isMissing { return }
            do throws(SystemError) { try Files.removeTree(path) } catch { throw StorageError(error, path: path) }
        }
    }

    func path(of digest: Digest) -> String {
        "\(folder)/sha256/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
    }

    private func pooled(_ digest: Digest) -> Blob? {
        guard let blob = pool.withLock({ $0.blobs[digest] }) else { return nil }
        if let now = try? blob.file.stat(), now == blob.stamp { return blob }
        pool.withLock { $0.blobs[digest] = nil }
        return nil
    }

    private func keep(_ blob: Blob) {
        pool.withLock { pool in
            if pool.blobs.updateValue(blob, forKey: blob.digest) == nil { pool.order.append(blob.digest) }
            while pool.order.count > openLimit { pool.blobs[pool.order.removeFirst()] = nil }
        }
    }

    /// Hashes the file in pieces, giving way between them.
    private func verified(_ file: SharedFile, _ digest: Digest) async throws(SystemError) -> Blob? {
        let piece = 1 << 20
        let stamp = try file.stat()
        guard stamp.isRegular else { return nil }
        var hashes = Hashes([])
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, count: piece)
            if bytes.isEmpty { break }
            hashes.update(bytes)
            offset += Int64(bytes.count)
            await Task.yield()
        }
        // Another process may have given the name to its own copy meanwhile, which changes our inode's times and links,
        // but neither its bytes nor when they were written.
        let now = try file.stat()
        guard hashes.digests[0] == digest, now.mtimeNanos == stamp.mtimeNanos, now.size == stamp.size else {
            return nil
        }
        return Blob(digest: digest, size: offset, file: file, stamp: now)
    }
}
