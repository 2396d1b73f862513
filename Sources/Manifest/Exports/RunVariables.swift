public import Core

/// What later jobs may want to know of a run, as `NAME=value` lines: GitLab's dotenv report takes them.
///
/// Every value is a digest, a word of ours or a number, so that nothing from outside can become another variable. No name
/// is one of an option's, so that a later job's agent does not take it for an order.
public struct RunVariables: Sendable {
    private let manifest: BuildManifest
    private let report: RunReport
    /// Of `purser.lock`.
    private let digest: Digest
    /// The name under which a push of this run is known to the registry; nil where the run has no statement.
    private let build: String?

    public init(_ manifest: BuildManifest, _ report: RunReport, digest: Digest, build: String?) {
        self.manifest = manifest
        self.report = report
        self.digest = digest
        self.build = build
    }

    public func bytes() -> [UInt8] {
        let denied = Set(report.blocked.map(\.subject)).count
        let would = Set(report.wouldBlock.map(\.subject)).count
        let isPassed = denied == 0 && report.problems.isEmpty && (report.status ?? 0) == 0
        let variables: [(String, String)] = [
            ("PURSER_VERDICT", isPassed ? "passed" : "failed"),
            ("PURSER_BUILD", build ?? ""),
            ("PURSER_MANIFEST_DIGEST", digest.description),
            ("PURSER_POLICY_MODE", report.policy.mode),
            ("PURSER_INPUT_COUNT", "\(manifest.inputs.count)"),
            ("PURSER_ARTIFACT_COUNT", "\(manifest.artifacts?.count ?? 0)"),
            ("PURSER_DENIED_COUNT", "\(denied)"),
            ("PURSER_WOULD_DENY_COUNT", "\(would)"),
            ("PURSER_GAP_COUNT", "\(report.gaps.count)"),
        ]
        return Array(variables.map { "\($0)=\($1)\n" }.joined().utf8)
    }
}
