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

    private let bar: EvidenceBar
    private let least: PublisherEvidence.Kind
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        bar = EvidenceBar(.trustRequire, setup)
        least = PublisherEvidence.Kind(rawValue: setup.parameters.word("least")) ?? .provenance
        patterns = PatternSet(setup.parameters.patterns("purls"))
        if setup.parameters.patterns("purls").isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard !patterns.matches(subject, facts.compare).isEmpty else { return nil }
        return bar.opinion(
            on: facts,
            least: least,
            "policy asks for \(least.rawValue)",
            source: "as the index tells it"
        )
    }
}
