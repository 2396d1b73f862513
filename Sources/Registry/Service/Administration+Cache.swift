public import Core
internal import Storage

/// What a sweep of the cache dropped, or would drop.
public struct SweepReport: Sendable {
    /// What was there.
    public let entries: Int
    public let bytes: Int64
    public let dropped: Int
    public let droppedBytes: Int64
    /// One line an entry, oldest first.
    public let lines: [String]
}

extension Administration {
    /// The size of the cache that a registry keeps where nobody says another.
    public static let cacheLimit = RegistryConfiguration.Limits().cache

    /// Drops the oldest of what was fetched from public indexes until the rest fits in `limit` bytes. A dry run only
    /// says what would go, and may be made beside a server.
    public func sweep(limit: Int64, isDry: Bool) async throws(Problem) -> SweepReport {
        do {
            let plan: CacheSweep.Plan
            if isDry {
                let store = try BlobStore(folder: "\(data)/blobs", durability: .durable)
                plan = try await sweep(try records(), store, limit).plan()
            } else {
                let folder = try await StateFolder.open(data, mayCreate: false, now: now())
                plan = try await sweep(folder.records, folder.blobs, limit).run()
            }
            return SweepReport(
                entries: plan.entries,
                bytes: plan.bytes,
                dropped: plan.doomed.count,
                droppedBytes: plan.doomedBytes,
                lines: plan.doomed.map(Administration.line)
            )
        } catch { throw StateFolder.problem(error, data) }
    }

    private func sweep(_ records: Records, _ blobs: BlobStore, _ limit: Int64) -> CacheSweep {
        CacheSweep(path: data, records: records, blobs: blobs, limit: limit, keepers: Keepers(), now: now)
    }

    private static func line(_ entry: CacheSweep.Entry) -> String {
        let what =
            switch entry.place {
            case .artifact(let digest): "artifact \(digest)"
            case .passing(let digest): "passing \(digest)"
            case .note(let name): "note \(name)"
            }
        return "\(Timestamp(seconds: entry.since))  \(entry.size)  \(what)"
    }
}

extension Front {
    var sweep: CacheSweep {
        CacheSweep(
            path: folder.path,
            records: records,
            blobs: blobs,
            limit: configuration.limits.cache,
            keepers: keepers,
            now: configuration.now
        )
    }
}
