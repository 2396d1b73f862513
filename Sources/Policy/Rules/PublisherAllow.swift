internal import Core

/// `publisher.allow`: these packages are let in only from these accounts.
struct PublisherAllowRule: Rule {
    static let definition = RuleDefinition(
        .publisherAllow,
        "these packages come from these accounts or not at all",
        action: .always(.block),
        onMissingData: .asAction,
        [
            RuleParameter("purls", .patterns, stricter: .more, "the packages").required,
            RuleParameter("publishers", .texts, stricter: .fewer, "the accounts, as the registry names them").required,
        ]
    )

    private let action: Action
    private let onMissingData: Action
    private let patterns: PatternSet
    private let publishers: Set<String>

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
        let purls = setup.parameters.patterns("purls")
        patterns = PatternSet(purls)
        publishers = Set(setup.parameters.texts("publishers"))
        if purls.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard !patterns.matches(subject, facts.compare).isEmpty else { return nil }
        let found = facts.release.publishers
        if found.isEmpty {
            return Opinion.missing(
                .publisherAllow,
                onMissingData,
                "does not say who published it",
                "the index names no account"
            )
        }
        guard !found.contains(where: publishers.contains) else { return nil }
        return Opinion(
            rule: .publisherAllow,
            action: action,
            message: "was published by \(found.joined(separator: ", ")), who is not on the list for it",
            evidence: "published by \(found.joined(separator: ", "))"
        )
    }
}
