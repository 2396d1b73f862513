internal import Core
internal import Evidence
internal import Manifest
internal import Policy

extension Datasets {
    /// For the report: each with its digest.
    var snapshots: [RunReport.Snapshot] {
        digests.map { RunReport.Snapshot(name: $0.dataset.rawValue, digest: $0.digest) }
    }
}
