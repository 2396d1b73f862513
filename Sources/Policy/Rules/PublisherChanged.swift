internal import Core

/// `publisher.changed`: a fresh release comes from an account that published nothing of the package before.
struct PublisherChangedRule: Rule {
    static let definition = RuleDefinition(
        .publisherChanged,
        "a fresh release comes from an account that published nothing of the package before",
        action: .always(.report),
        onMissingData: .always(.allow),
        [RuleParameter("within", .days, .number(30), stricter: .greater, "for how long a release counts as fresh")]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let within: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        within = setup.parameters.number("within")
    }

    func opinion(on facts: Facts, subject: Subject) throws(Undecidable) -> Opinion? {
        let publishers = facts.release.publishers
        guard let history = facts.history, let published = facts.release.published?.time, !publishers.isEmpty else {
            return Opinion.missing(
                .publisherChanged,
                onMissingData,
                "does not say who published it, so nobody knows whether that changed",
                "the index names no account"
            )
        }
        guard try facts.age(of: published) <= Int64(within) * 86_400 else { return nil }
        let before = history.releases(before: published).filter { !$0.publishers.isEmpty }
        guard let last = before.last, !before.contains(where: { $0.publishers.contains(where: publishers.contains) })
        else { return nil }
        return Opinion(
            rule: .publisherChanged,
            action: action,
            message: "was published by \(publishers.joined(separator: ", ")), who published none before it",
            evidence: "\(last.version) was published by \(last.publishers.joined(separator: ", "))"
        )
    }
}
