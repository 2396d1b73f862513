internal import Core
internal import Kernel
internal import Storage

/// Holds what was fetched from public indexes within a size, oldest first. What hosted files or builds are made of is
/// never looked at.
struct CacheSweep: Sendable {
    let path: String
    let records: Records
    let blobs: BlobStore
    /// In bytes.
    let limit: Int64
    let keepers: Keepers
    let now: @Sendable () -> Timestamp

    /// Something that may be fetched again.
    struct Entry: Sendable {
        enum Place: Hashable, Sendable {
            /// A verified artifact, in the store that hosted files share.
            case artifact(Digest)
            /// An index answer, or bytes that nobody vouched for.
            case passing(Digest)
            /// A note about an answer.
            case note(String)
        }

        let place: Place
        let size: Int64
        let since: Int64
    }

    /// What there is, and what of it must go.
    struct Plan: Sendable {
        var entries = 0
        var bytes: Int64 = 0
        var doomed: [Entry] = []

        var doomedBytes: Int64 { doomed.reduce(0) { $0 + $1.size } }
    }

    private static let mostAttempts = 50

    func plan() async throws -> Plan {
        var entries = try await artifacts()
        entries += try passing()
        entries += try notes()
        entries.sort { ($0.since, $0.size) < ($1.since, $1.size) }
        var plan = Plan(entries: entries.count, bytes: entries.reduce(0) { $0 + $1.size })
        var rest = plan.bytes
        for entry in entries {
            guard rest > limit else { break }
            plan.doomed.append(entry)
            rest -= entry.size
        }
        return plan
    }

    /// Drops what the plan says. Whenever somebody keeps blobs meanwhile, the plan is made anew.
    func run() async throws -> Plan {
        var first: Plan?
        for _ in 0..<CacheSweep.mostAttempts {
            guard let moment = keepers.quietMoment else {
                try await Task.sleep(for: .milliseconds(100))
                continue
            }
            let plan = try await plan()
            if first == nil { first = plan }
            var isDone = true
            for entry in plan.doomed {
                guard try keepers.ifQuiet(since: moment, { try drop(entry.place) }) else {
                    isDone = false
                    break
                }
                await Task.yield()
            }
            if isDone { break }
        }
        return first ?? Plan()
    }

    private func artifacts() async throws -> [Entry] {
        let lasting = try await records.lastingBlobs()
        let fetched = try await records.publicBlobs().union(CacheSweep.noted(in: path))
        let sent = try await records.sentBlobs()
        let time = now()
        return try blobs.inventory().compactMap { item in
            guard !lasting.contains(item.digest), !keepers.isPromised(item.digest, at: time) else { return nil }
            let isOld = time.seconds - item.since > Keepers.lifetime
            guard isOld || (fetched.contains(item.digest) && !sent.contains(item.digest)) else { return nil }
            return Entry(place: .artifact(item.digest), size: item.size, since: item.since)
        }
    }

    /// Blobs that notes about answers speak of: what lies beside files, and indexes as they came.
    static func noted(in path: String) throws(StorageError) -> Set<Digest> {
        let folder = "\(path)/answers"
        return Files.exists(folder) ? try AnswerCache(folder: folder).bodies() : []
    }

    private func passing() throws -> [Entry] {
        guard Files.exists("\(path)/passing") else { return [] }
        return try BlobStore(folder: "\(path)/passing").inventory().map {
            Entry(place: .passing($0.digest), size: $0.size, since: $0.since)
        }
    }

    private func notes() throws -> [Entry] {
        let folder = "\(path)/answers"
        guard Files.exists(folder) else { return [] }
        return try Files.list(folder).compactMap { name in
            guard name.hasSuffix(".json"), let stat = try? Files.stat("\(folder)/\(name)") else { return nil }
            return Entry(place: .note(name), size: stat.size, since: stat.mtimeNanos / 1_000_000_000)
        }
    }

    private func drop(_ place: Entry.Place) throws {
        switch place {
        case .artifact(let digest): try blobs.remove(digest)
        case .passing(let digest): try BlobStore(folder: "\(path)/passing").remove(digest)
        case .note(let name):
            do throws(SystemError) { try Files.unlink("\(path)/answers/\(name)") } catch {
                if !error.isMissing { throw error }
            }
        }
    }
}
