internal import Core

/// `allow`: these packages and releases pass every rule but `malware`.
///
/// Not a judge of its own: it lifts what the others found. A version that cannot be put in order is not lifted.
struct AllowRule: Sendable {
    static let definition = RuleDefinition(
        .allow,
        "these packages and releases pass every rule but `malware`",
        action: nil,
        [RuleParameter("purls", .patterns, stricter: .fewer, "the packages and releases").required.shorthand]
    )

    private let purls: [PurlPattern]
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        purls = setup.parameters.patterns("purls")
        patterns = PatternSet(purls)
        if purls.isEmpty { return nil }
    }

    /// The list's entry that lets the subject pass.
    func pattern(matching subject: Subject, _ compare: VersionOrder) -> String? {
        patterns.matches(subject, compare).first(where: \.isCertain).map { purls[$0.position].text }
    }
}
