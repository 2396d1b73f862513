internal import Core

/// `namespace.internal`: these names are ours alone. No public registry is asked about them, so that nobody outside can
/// answer in our place (dependency confusion) and nobody outside learns of them.
struct NamespaceRule: Rule {
    static let definition = RuleDefinition(
        .namespace,
        "no public registry is asked about these names",
        action: .always(.block),
        [RuleParameter("purls", .patterns, stricter: .more, "the names").required.shorthand]
    )
    static let needs: RuleNeeds = .names

    private let action: Action
    private let purls: [PurlPattern]
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        purls = setup.parameters.patterns("purls")
        patterns = PatternSet(purls)
        if purls.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard facts.isPublicOrigin, let hit = patterns.matches(subject, facts.compare).first else { return nil }
        return Opinion(
            rule: .namespace,
            action: action,
            message: "is an internal name, and \(facts.origin.host) is a public registry",
            evidence: "internal namespace \(purls[hit.position].text)"
        )
    }
}
