internal import Core

/// `dependencies.max`: a package that brings a crowd.
struct MaxDependenciesRule: Rule {
    static let definition = RuleDefinition(
        .maxDependencies,
        "a release that asks for more than so many packages by itself",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("packages", .number(0...100_000), .number(50), stricter: .smaller, "the most")]
    )

    private let action: Action
    private let onMissingData: Action
    private let most: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        most = setup.parameters.number("packages")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let count = facts.release.dependencyCount else {
            return Opinion.missing(
                .maxDependencies,
                onMissingData,
                "has dependencies that its index does not tell",
                "the index says nothing of them"
            )
        }
        guard count > most else { return nil }
        return Opinion(
            rule: .maxDependencies,
            action: action,
            message: "asks for \(count) packages; policy takes \(most)",
            evidence: "the index names \(count)"
        )
    }
}
