internal import Core

/// `popularity.min_versions`: a package with too few releases to have a past.
struct MinVersionsRule: Rule {
    static let definition = RuleDefinition(
        .minVersions,
        "a package with fewer releases than so many",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("versions", .number(1...1_000_000), .number(5), stricter: .greater, "the least number")]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let least: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        least = setup.parameters.number("versions")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let history = facts.history else {
            return Opinion.missing(
                .minVersions,
                onMissingData,
                "has no index that lists its releases",
                "no index was read"
            )
        }
        guard history.count < least else { return nil }
        return Opinion(
            rule: .minVersions,
            action: action,
            message: "is of a package with \(history.count) releases; policy asks for \(least)",
            evidence: "the index lists \(history.count)"
        )
    }
}
