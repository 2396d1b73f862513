internal import Core

/// `license.allow`: the licences under which a package may be used.
struct LicenseAllowRule: Rule {
    static let definition = RuleDefinition(
        .licenseAllow,
        "the licences that packages may have",
        action: .always(.report),
        onMissingData: .always(.allow),
        [RuleParameter("licenses", .licenses, stricter: .fewer, "the licences").required.shorthand]
    )

    private let action: Action
    private let onMissingData: Action
    private let allowed: [LicenseName]
    private let reading: LicenseReading

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        allowed = setup.licenses
        reading = LicenseReading(setup.settings)
        if allowed.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let text = reading.text(facts, subject), let expression = try? LicenseExpression(text) else {
            return Opinion.missing(
                .licenseAllow,
                onMissingData,
                "has no licence that can be read, so nobody knows whether it is allowed",
                reading.text(facts, subject).map { "licence '\($0)'" } ?? "no index tells its licence"
            )
        }
        let isAllowed = { (name: LicenseName) in allowed.contains { name.isNamed(by: $0) } }
        guard !expression.isSatisfied(by: isAllowed) else { return nil }
        let others = expression.names.filter { !isAllowed($0) }.map(\.text)
        return Opinion(
            rule: .licenseAllow,
            action: action,
            message: "is under \(others.joined(separator: ", ")), which is not on the list of licences",
            evidence: "licence '\(text)'"
        )
    }
}
