internal import Core

/// `max_age`: nothing of the package was published for so long that nobody may look after it any more.
struct MaxAgeRule: Rule {
    static let definition = RuleDefinition(
        .maxAge,
        "the newest release of the package is older than so many days",
        action: .always(.report),
        onMissingData: .always(.allow),
        [RuleParameter("days", .days, .number(1_095), stricter: .smaller, "the age of an abandoned package")]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let days: Int
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        days = setup.parameters.number("days")
    }

    func opinion(on facts: Facts, subject: Subject) throws(Undecidable) -> Opinion? {
        guard let newest = facts.history?.newest else {
            return Opinion.missing(
                .maxAge,
                onMissingData,
                "has no dated releases, so nobody knows whether the package is looked after",
                "no index told when its releases were published"
            )
        }
        let age = try facts.age(of: newest.published)
        guard age > Int64(days) * 86_400 else { return nil }
        return Opinion(
            rule: .maxAge,
            action: action,
            message: "is of a package that had no release for \(age / 86_400) d; policy asks for one in \(days) d",
            evidence: "newest release \(newest.version), published \(newest.published)"
        )
    }
}
