public import Core
public import Gateway
internal import Kernel
public import Knowledge
public import Policy
internal import Storage

/// What the policy names under `data:`, read once. One for the agent and the registry, so that both judge alike.
public struct Datasets: Sendable {
    /// Where they lie.
    public let paths: [PolicyFile.Dataset: String]
    public let advisories: AdvisorySnapshot?
    /// Names worth imitating, for `PolicyFile.guarding`.
    public let names: String?
    /// Of each file that was read, in the order of the documentation.
    public let digests: [Source]

    /// A file that was read.
    public struct Source: Hashable, Sendable {
        public let dataset: PolicyFile.Dataset
        public let digest: Digest
    }

    /// How old data may be, and of when they are.
    private struct Age: Sendable {
        let dataset: PolicyFile.Dataset
        let place: PolicyFile.SnapshotPath
        let date: Timestamp?
    }

    let lists: Lists
    /// The keys that signatures are checked by.
    let signatures: SignatureChecks
    private let ages: [Age]

    /// `paths` says where what the file names lies. `isLoading` is false where nobody looks into them.
    public init(_ file: PolicyFile, at paths: [PolicyFile.Dataset: String], isLoading: Bool = true) throws(Problem) {
        self.paths = paths
        let reader = DatasetReader(paths: isLoading ? paths : [:])
        advisories = try reader.paths[.osv].map { path throws(Problem) in try AdvisorySnapshot.load(path: path) }
        let signatures = try SignatureChecks(reader)
        let lists = try Lists(reader)
        let names = try reader.text(.names)
        self.signatures = signatures
        self.lists = lists
        self.names = names?.text
        var digests = reader.digests
        digests[.osv] = advisories?.digest
        self.digests = PolicyFile.Dataset.allCases.compactMap { dataset in
            digests[dataset].map { Source(dataset: dataset, digest: $0) }
        }
        var dates = lists.dates
        dates[.osv] = advisories?.newest
        if let names { dates[.names] = ReleaseList.date(in: names.text) }
        var ages: [Age] = []
        for (dataset, place) in file.data where place.maximumStaleness != nil {
            guard let path = reader.paths[dataset] else { continue }
            let date = dates[dataset] ?? (dataset == .osv ? nil : DatasetReader.modified(path))
            ages.append(Age(dataset: dataset, place: place, date: date))
        }
        self.ages = ages
    }

    /// Relative paths of a policy file start from its folder.
    public static func paths(_ file: PolicyFile, folder: (_ file: String) -> String) -> [PolicyFile.Dataset: String] {
        file.data.mapValues { $0.path.hasPrefix("/") ? $0.path : "\(folder($0.file))/\($0.path)" }
    }

    /// What policy is told of a release; nil where no advisories are loaded, or they cannot be read any more.
    public func advisories(of release: Purl, compare: (String, String) -> Int?) -> [Advisory]? {
        advisories?.advisories(for: release, compare: compare)?.map { Advisory($0, lists) }
    }

    /// The data that are older than policy takes, each with how old they are.
    public func stale(_ now: Timestamp) -> [PolicyFile.Dataset: String] {
        if ages.isEmpty { return [:] }
        var stale: [PolicyFile.Dataset: String] = [:]
        for age in ages { stale[age.dataset] = age.place.staleness(newest: age.date, now: now) }
        return stale
    }

    /// What signatures over a file say.
    public func findings(_ file: Gateway.SignedFile) -> SignatureFindings { signatures.findings(file) }

    /// What lists say of a release; nil where there are none.
    public func reputation(of release: Release, compare: @escaping @Sendable (String, String) -> Int?) -> Reputation? {
        lists.reputation(of: release, compare)
    }

    /// Hands everything to a gateway.
    public func configure(_ configuration: inout Gateway.Configuration) {
        if advisories != nil { configuration.advisories = { advisories(of: $0, compare: $1) } }
        if !ages.isEmpty { configuration.stale = { stale($0) } }
        if !lists.isEmpty { configuration.reputation = { reputation(of: $0, compare: $1) } }
        configuration.signatures = { findings($0) }
    }
}
