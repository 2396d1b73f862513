/// The names of the rules, as `rules:` and `exempt:` spell them, in the order of the documentation.
public enum RuleKey: String, Sendable, CaseIterable {
    case minAge = "min_age"
    case asOf = "as_of"
    case maxAge = "max_age"
    case longGap = "long_gap"
    case versionJump = "version_jump"
    case malware, vulnerability
    case advisoryIDs = "vulnerability.ids"
    case yanked
    case block, allow
    case namespace = "namespace.internal"
    case unclaimed

    /// Rules whose findings rest on advisories, so that an exemption may name one.
    static let restingOnAdvisories: [RuleKey] = [.malware, .vulnerability, .advisoryIDs]
}
