internal import Core

/// `block`: these packages and releases are not let in.
struct BlockRule: Rule {
    static let definition = RuleDefinition(
        .block,
        "these packages and releases are not let in",
        action: .always(.block),
        onMissingData: .asAction,
        [
            RuleParameter("purls", .patterns, stricter: .more, "the packages and releases").required.shorthand,
            RuleParameter("except", .patterns, .patterns([]), stricter: .fewer, "those of them that are let in"),
        ]
    )

    private let action: Action
    private let purls: [PurlPattern]
    /// For a version that the ecosystem cannot put in order against a range of the list.
    private let onMissingData: Action
    private let patterns: PatternSet
    private let exceptions: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
        purls = setup.parameters.patterns("purls")
        patterns = PatternSet(purls)
        exceptions = PatternSet(setup.parameters.patterns("except"))
        if purls.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let hits = patterns.matches(subject, facts.compare)
        guard let hit = hits.first(where: \.isCertain) ?? hits.first else { return nil }
        if exceptions.matches(subject, facts.compare).contains(where: \.isCertain) { return nil }
        let pattern = purls[hit.position].text
        return Opinion(
            rule: .block,
            action: hit.isCertain ? action : onMissingData,
            message: hit.isCertain
                ? "is on the block list"
                : "has a version that cannot be compared with the block list's range",
            evidence: "block list entry \(pattern)",
            isMissingData: !hit.isCertain
        )
    }
}
