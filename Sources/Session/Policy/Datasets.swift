internal import Core
internal import Knowledge
internal import Manifest
internal import Policy
internal import Storage

/// What the policy names under `data:`, read once.
struct Datasets: Sendable {
    /// Where they lie.
    let paths: [PolicyFile.Dataset: String]
    let advisories: AdvisorySnapshot?
    /// Flaws that are known to be exploited.
    let exploited: ExploitedFlaws?
    /// The keys that signatures are checked by.
    let signatures: SignatureChecks
    /// Names worth imitating.
    let names: PolicyText?

    /// `isLoading` is false where nobody looks into them.
    init(_ file: PolicyFile, _ sources: PolicySources, isLoading: Bool) throws(Problem) {
        // A relative path starts from the folder of the text that names it.
        paths = file.data.mapValues {
            $0.path.hasPrefix("/") ? $0.path : "\(sources.folders[$0.file] ?? "")/\($0.path)"
        }
        let paths = isLoading ? self.paths : [:]
        advisories = try paths[.osv].map { path throws(Problem) in try AdvisorySnapshot.load(path: path) }
        exploited = try SignatureChecks.read(paths[.kev]) { bytes throws(Malformed) in
            try ExploitedFlaws(parsing: bytes)
        }
        signatures = try SignatureChecks { paths[$0] }
        names = try paths[.names].map { path throws(Problem) in try PolicyText.read(path, isRequired: true) } ?? nil
    }

    /// What policy is told of a release; nil where no advisories are loaded, or they cannot be read any more.
    func advisories(of release: Purl, compare: (String, String) -> Int?) -> [Advisory]? {
        advisories?.advisories(for: release, compare: compare)?.map { Advisory($0, exploited) }
    }

    /// For the report: each with its digest.
    var snapshots: [RunReport.Snapshot] {
        func snapshot(_ dataset: PolicyFile.Dataset, _ digest: Digest?) -> [RunReport.Snapshot] {
            digest.map { [RunReport.Snapshot(name: dataset.rawValue, digest: $0)] } ?? []
        }
        return snapshot(.osv, advisories?.digest) + snapshot(.kev, exploited?.digest)
            + snapshot(.names, names.map { Digest.sha256(of: Array($0.text.utf8)) }) + signatures.snapshots
    }
}
