public import Core
internal import Kernel
internal import Synchronization

/// Bytes on their way in: written once, read by any number of readers meanwhile, visible under their digest only after
/// `commit`. One that is dropped leaves nothing behind.
public final class Staging: Sendable {
    private struct State {
        var size: Int64 = 0
        var hashes: Hashes
    }

    private let store: BlobStore
    private let temporary: TemporaryFile
    private let state: Mutex<State>

    private var file: SharedFile { temporary.file }

    init(store: BlobStore, temporary: TemporaryFile, algorithms: Set<Digest.Algorithm>) {
        self.store = store
        self.temporary = temporary
        state = Mutex(State(hashes: Hashes(algorithms)))
    }

    /// Adds bytes at the end. One writer at a time.
    public func append(_ bytes: [UInt8]) throws(StorageError) {
        do throws(SystemError) { try file.append(bytes) } catch { throw StorageError(error, path: store.folder) }
        state.withLock { state in
            state.size += Int64(bytes.count)
            state.hashes.update(bytes)
        }
    }

    public var size: Int64 { state.withLock(\.size) }

    /// What the bytes so far hash to, SHA-256 first.
    public var digests: [Digest] { state.withLock(\.hashes).digests }

    /// At most `count` bytes from `offset`; fewer when they are not there yet.
    public func read(at offset: Int64, count: Int) throws(StorageError) -> [UInt8] {
        do throws(SystemError) { return try file.read(at: offset, count: count) } catch {
            throw StorageError(error, path: store.folder)
        }
    }

    /// Where archive readers find the staged bytes.
    public var inspectionPath: String { "/proc/self/fd/\(file.rawDescriptor)" }

    /// Waits until the bytes so far are on the disk.
    func sync() throws(StorageError) {
        do throws(SystemError) { try file.fsync() } catch { throw StorageError(error, path: store.folder) }
    }

    /// Makes the bytes visible under their SHA-256. Call it once, after everything that was claimed agrees.
    public func commit() throws(StorageError) -> Blob {
        let (size, digests) = state.withLock { ($0.size, $0.hashes.digests) }
        return try store.admit(temporary, digest: digests[0], size: size)
    }
}
