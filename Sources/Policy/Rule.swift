internal import Core

/// One judge. Says nothing (nil, without allocating) about what it has no quarrel with.
protocol Rule: Sendable {
    static var definition: RuleDefinition { get }
    /// The facts beyond the release's own that it looks at.
    static var needs: RuleNeeds { get }
    /// Nil where the settings leave nothing to judge.
    init?(_ setup: RuleSetup)
    /// Throws where the facts do not let it decide: policy then refuses, whatever the rule's action is.
    func opinion(on facts: Facts, subject: Subject) throws(Undecidable) -> Opinion?
    /// The signatures that it wants to know of.
    func asks(for subject: Subject, _ compare: VersionOrder) -> SignatureKinds
}

/// A rule cannot say what it was asked.
struct Undecidable: Error {
    /// Reads on from the subject: `has a publish date that cannot be reckoned with`.
    let what: String
    let evidence: String
}

extension Rule {
    static var needs: RuleNeeds { [] }
    var key: RuleKey { Self.definition.key }

    func asks(for subject: Subject, _ compare: VersionOrder) -> SignatureKinds { [] }
}

/// Facts that cost something to gather, and what a rule is asked for beside files.
struct RuleNeeds: OptionSet, Sendable {
    let rawValue: Int

    /// The other releases of the package.
    static let history = RuleNeeds(rawValue: 1)
    /// What earlier jobs got under the same name.
    static let memory = RuleNeeds(rawValue: 2)
    /// Judges a name before anybody is asked about it.
    static let names = RuleNeeds(rawValue: 4)
    /// What the data says of releases.
    static let advisories = RuleNeeds(rawValue: 8)
    /// What signatures over a file say.
    static let signatures = RuleNeeds(rawValue: 16)
    /// What lists on disk say of packages.
    static let reputation = RuleNeeds(rawValue: 32)
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
    /// True for a release that is refused but not hidden from indexes.
    var staysListed = false
    /// True where the rule threw.
    var isUndecided = false
    /// True for what is refused in audit mode, too.
    var holdsInAudit = false

    /// What `on_missing_data` says; nil where it says nothing.
    static func missing(_ rule: RuleKey, _ action: Action, _ message: String, _ evidence: String) -> Opinion? {
        guard action > .allow else { return nil }
        return Opinion(rule: rule, action: action, message: message, evidence: evidence, isMissingData: true)
    }

    /// What is refused because the rule cannot decide.
    static func undecided(_ rule: RuleKey, _ cause: Undecidable) -> Opinion {
        Opinion(rule: rule, action: .block, message: cause.what, evidence: cause.evidence, isUndecided: true)
    }
}
