public import Core

extension PolicyFile {
    /// What may stand under `data:`.
    public enum Dataset: String, Sendable, CaseIterable {
        /// OSV records, for malware and flaws.
        case osv
        /// Names worth imitating, for `typosquat`.
        case names
        /// Whom Sigstore is made of, for `trust.verify`.
        case trustedRoot = "trusted_root"
        /// Flaws that are known to be exploited (CISA's catalogue), for `vulnerability`.
        case kev
        /// How likely flaws are exploited (FIRST's EPSS), for `vulnerability`.
        case epss
        /// What npm signs with, for `signature.require`.
        case npmKeys = "npm_keys"
        /// Releases that somebody suspects, for `malware.suspicious`.
        case suspects
        /// Releases that somebody looked into, for `unknown`.
        case reviewed
        /// Downloads and repositories of packages, for `popularity.min_downloads` and `starjacking`.
        case packages
        /// What OpenSSF Scorecard found of repositories, for `scorecard.min`.
        case scorecards
    }

    /// Where a data snapshot lies, as the file says it; relative to the file's folder.
    public struct SnapshotPath: Hashable, Sendable {
        public let path: String
        public let line: Int
        /// The text that names it.
        public let file: String
        /// How many seconds old the data may be; nil asks for nothing.
        public let maximumStaleness: Int?

        /// Why what is not found in the data may be missing for their age; nil while they are fresh. `newest` is when the
        /// youngest record was written; nil where none says.
        public func staleness(newest: Timestamp?, now: Timestamp) -> String? {
            guard let maximumStaleness else { return nil }
            let most = MinAgeRule.spoken(Int64(maximumStaleness))
            guard let newest else { return "tells no date, and policy takes none older than \(most)" }
            let (age, overflow) = now.seconds.subtractingReportingOverflow(newest.seconds)
            if !overflow, age <= Int64(maximumStaleness), age > -PolicyFile.SnapshotPath.clockError { return nil }
            return "is of \(newest), and policy takes none older than \(most)"
        }

        /// What clocks may differ by: data that are dated in the future would never grow old.
        private static let clockError: Int64 = 86_400
    }
}

extension PolicyFile.Dataset {
    /// One line, for the schema.
    public var meaning: String {
        switch self {
        case .osv: "a snapshot of OSV records, for malware and vulnerabilities"
        case .names: "a list of names worth imitating, for typosquat: a purl a line"
        case .trustedRoot: "Sigstore's trusted_root.json, for trust.verify"
        case .kev: "CISA's catalogue of flaws that are known to be exploited, for vulnerability"
        case .epss: "FIRST's scores of how likely flaws are exploited (CSV), for vulnerability"
        case .npmKeys: "the keys that npm signs releases with, for signature.require"
        case .suspects: "a list of releases that somebody suspects, for malware.suspicious: a purl pattern a line"
        case .reviewed: "a list of releases that somebody looked into, for unknown: a purl pattern a line"
        case .packages:
            "downloads and repositories of packages (JSON lines), for popularity.min_downloads and starjacking"
        case .scorecards: "results of OpenSSF Scorecard (JSON lines), for scorecard.min"
        }
    }
}

extension PolicyFile.SnapshotPath {
    /// What stands under a key of `data:`: a path, or a path with what is asked of data that tell their age.
    init(_ entry: YAMLValue) throws(Problem) {
        let parts = try entry.spelledOut(as: "path").map(keys: ["path", "max_staleness"])
        guard let named = parts["path"] else {
            throw entry.problem("does not say where the data lies", "add 'path:' with a file or folder")
        }
        let path = try named.text()
        guard !path.utf8.contains(0) else { throw named.problem("has a NUL in it", "name a file or folder") }
        self.init(
            path: path,
            line: named.line,
            file: named.file,
            maximumStaleness: try parts["max_staleness"]?.duration()
        )
    }
}
