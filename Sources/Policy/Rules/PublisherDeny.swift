internal import Core

/// `publisher.deny`: nothing comes in from these accounts.
struct PublisherDenyRule: Rule {
    static let definition = RuleDefinition(
        .publisherDeny,
        "nothing comes in from these accounts",
        action: .always(.block),
        onMissingData: .always(.allow),
        [
            RuleParameter("publishers", .texts, stricter: .more, "the accounts, as the registry names them")
                .required.shorthand
        ]
    )

    private let action: Action
    private let onMissingData: Action
    private let publishers: Set<String>

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        publishers = Set(setup.parameters.texts("publishers"))
        if publishers.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let found = facts.release.publishers
        if found.isEmpty {
            return Opinion.missing(
                .publisherDeny,
                onMissingData,
                "does not say who published it",
                "the index names no account"
            )
        }
        guard let denied = found.first(where: publishers.contains) else { return nil }
        return Opinion(
            rule: .publisherDeny,
            action: action,
            message: "was published by \(denied), from whom nothing may come in",
            evidence: "published by \(found.joined(separator: ", "))"
        )
    }
}
