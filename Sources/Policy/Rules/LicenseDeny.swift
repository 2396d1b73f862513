internal import Core

/// `license.deny`: licences under which nothing may be used.
struct LicenseDenyRule: Rule {
    static let definition = RuleDefinition(
        .licenseDeny,
        "the licences that no package may have",
        action: .always(.report),
        onMissingData: .always(.allow),
        [RuleParameter("licenses", .licenses, stricter: .more, "the licences").required.shorthand]
    )

    private let action: Action
    private let onMissingData: Action
    private let denied: [LicenseName]
    private let reading: LicenseReading

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        denied = setup.licenses
        reading = LicenseReading(setup.settings)
        if denied.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let text = reading.text(facts, subject), let expression = try? LicenseExpression(text) else {
            return Opinion.missing(
                .licenseDeny,
                onMissingData,
                "has no licence that can be read, so nobody knows whether it is denied",
                reading.text(facts, subject).map { "licence '\($0)'" } ?? "no index tells its licence"
            )
        }
        let isDenied = { (name: LicenseName) in denied.contains { name.isNamed(by: $0) } }
        guard !expression.isSatisfied(by: { !isDenied($0) }) else { return nil }
        let culprits = expression.names.filter(isDenied).map(\.text)
        return Opinion(
            rule: .licenseDeny,
            action: action,
            message: "is under \(culprits.joined(separator: ", ")), which policy denies",
            evidence: "licence '\(text)'"
        )
    }
}
