internal import Core
internal import Gateway
internal import Manifest
internal import Storage

/// The stores of a job cache, or of a session without one, by digest.
struct CacheStores: Sendable {
    let stores: [BlobStore]

    init(_ stores: Gateway.Stores) { self.stores = [stores.cache, stores.record] }

    private init(stores: [BlobStore]) { self.stores = stores }

    /// The stores of the job cache that a run with these options would use.
    static func open(_ plan: Plan) throws(Problem) -> CacheStores {
        let level = SessionPaths.level(ci: plan.ci, folder: plan.folder)
        guard let folder = SessionPaths.cacheFolder(plan.options.text("cache"), plan.environment, level) else {
            return CacheStores(stores: [])
        }
        do throws(StorageError) {
            return CacheStores(stores: [
                try BlobStore(folder: "\(folder)/blobs"), try BlobStore(folder: "\(folder)/record"),
            ])
        } catch { throw error.problem }
    }

    /// Verified bytes, or nil.
    func blob(_ digest: Digest) async throws(Problem) -> Blob? {
        do throws(StorageError) {
            for store in stores {
                if let blob = try await store.blob(digest) { return blob }
            }
            return nil
        } catch { throw error.problem }
    }

    /// The replay record of this digest.
    func record(_ digest: Digest) async throws(Problem) -> ReplayRecord {
        guard let blob = try await blob(digest) else {
            throw Problem(
                .notFound,
                subject: "the replay record \(digest)",
                summary: "is neither in the cache nor in the registry",
                remedy: "Give --registry URL of the registry that has the build, or the --cache of the run."
            )
        }
        return try CacheStores.record(blob, digest)
    }

    static func record(_ blob: Blob, _ digest: Digest) throws(Problem) -> ReplayRecord {
        let bytes: [UInt8]
        do throws(StorageError) { bytes = try blob.bytes() } catch { throw error.problem }
        do throws(Malformed) { return try ReplayRecord(parsing: bytes) } catch {
            throw Problem(
                .manifestMalformed,
                subject: "the replay record \(digest)",
                summary: "could not be read: \(error)",
                remedy: "Use the purser version that wrote it, or a newer one."
            )
        }
    }
}
