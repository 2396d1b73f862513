internal import Core

/// One judge. Says nothing (nil, without allocating) about what it has no quarrel with.
protocol Rule: Sendable {
    var key: RuleKey { get }
    /// Every setting that changes an outcome, in one line; equal texts mean equal verdicts.
    var canonicalText: String { get }
    /// True for a rule that judges a name before anybody is asked about it.
    var judgesNames: Bool { get }
    func opinion(on facts: Facts, subject: Subject) -> Opinion?
}

/// The names of the rules, as `rules:` and `exempt:` spell them.
enum RuleKey: String, Sendable, CaseIterable {
    case allow, block, malware
    case minAge = "min_age"
    case namespace = "namespace.internal"
    case unclaimed
}

/// One rule's view, before exemptions were looked at.
struct Opinion: Sendable {
    let rule: RuleKey
    let action: Action
    /// Reads on from the subject: `is 5 h old; …`.
    let message: String
    let evidence: String
    var allowedFrom: Timestamp?
    /// True where the rule could not decide and its `on_missing_data` spoke.
    var isMissingData = false
    /// The advisories it rests on, so that an exemption can name one of them.
    var advisories: [String] = []
}

extension Rule {
    var judgesNames: Bool { false }
}
