internal import Core

/// `trust.require`: these packages are let in only with evidence of their publisher.
struct TrustRequireRule: Rule {
    static let definition = RuleDefinition(
        .trustRequire,
        "these packages need evidence of their publisher",
        action: .always(.block),
        onMissingData: .asAction,
        [
            RuleParameter("purls", .patterns, stricter: .more, "the packages").required.shorthand,
            RuleParameter(
                "least",
                .choice(["signature", "provenance", "trusted-publisher"]),
                .word("provenance"),
                stricter: .greater,
                "the least evidence that will do"
            ),
        ]
    )

    private let action: Action
    private let onMissingData: Action
    private let least: PublisherEvidence.Kind
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
        least = PublisherEvidence.Kind(rawValue: setup.parameters.word("least")) ?? .provenance
        patterns = PatternSet(setup.parameters.patterns("purls"))
        if setup.parameters.patterns("purls").isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard !patterns.matches(subject, facts.compare).isEmpty else { return nil }
        guard let evidence = facts.release.evidence?.kind else {
            return Opinion.missing(
                .trustRequire,
                onMissingData,
                "has no evidence of its publisher that is known here; policy asks for \(least.rawValue)",
                "no index tells who published it"
            )
        }
        guard evidence < least else { return nil }
        return Opinion(
            rule: .trustRequire,
            action: action,
            message: "has \(evidence.words) of its publisher; policy asks for \(least.rawValue)",
            evidence: "the index says: \(evidence.rawValue)"
        )
    }
}
