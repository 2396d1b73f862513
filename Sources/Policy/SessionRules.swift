/// What policy asks of a session as a whole.
public struct SessionRules: Hashable, Sendable {
    /// Whether the job may publish to a registry through us.
    public enum Publishing: String, Sendable, CaseIterable { case allow, block }

    /// How far the job must be kept from the network, weakest first.
    public enum Isolation: String, Sendable, CaseIterable, Comparable {
        case none, fence, seal

        public static func < (a: Isolation, b: Isolation) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    /// Purl types that must have had traffic or a verified cache hit.
    public var expect: [String]
    /// What a gap in the record (a tunnel, an upstream error) amounts to.
    public var gaps: Action
    /// What a package restored from a cache without a digest check amounts to.
    public var restoredUnverified: Action
    public var isolation: Isolation
    public var publish: Publishing
    /// What a lockfile amounts to that the job changed.
    public var changedLockfiles = Action.warn

    var canonicalText: String {
        "session expect=\(expect.sorted().joined(separator: ",")) gaps=\(gaps.word) "
            + "restored_unverified=\(restoredUnverified.word) isolation=\(isolation.rawValue) "
            + "publish=\(publish.rawValue) changed_lockfiles=\(changedLockfiles.word)"
    }
}
