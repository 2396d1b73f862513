internal import Core

/// What the four licence rules share: what a release is under, with what the policy says of it instead.
struct LicenseReading: Sendable {
    private let overrides: [String]
    private let patterns: PatternSet

    init(_ settings: RuleSettings) {
        let entries = settings.parameters(LicenseOverrides.definition).textByPattern("purls")
        overrides = entries.map(\.text)
        patterns = PatternSet(entries.map(\.pattern))
    }

    /// The words about the licence; nil where nobody says.
    func text(_ facts: Facts, _ subject: Subject) -> String? {
        if let hit = patterns.matches(subject, facts.compare).first(where: \.isCertain) {
            return overrides[hit.position]
        }
        return facts.release.license
    }
}

/// `license.overrides`: what packages are under, whatever their index says. Not a judge of its own.
enum LicenseOverrides {
    static let definition = RuleDefinition(
        .licenseOverrides,
        "what packages are licensed under, whatever their index says",
        action: nil,
        [
            RuleParameter(
                "purls",
                .textByPattern,
                stricter: .unordered,
                "purl patterns, each with its SPDX expression"
            ).required
        ]
    )
}

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

/// `license.missing`: no licence, or words that are none.
struct LicenseMissingRule: Rule {
    static let definition = RuleDefinition(
        .licenseMissing,
        "the index gives words that are no SPDX licence",
        action: .always(.report),
        onMissingData: .always(.allow)
    )

    private let action: Action
    private let onMissingData: Action
    private let reading: LicenseReading

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        reading = LicenseReading(setup.settings)
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let text = reading.text(facts, subject) else {
            return Opinion.missing(.licenseMissing, onMissingData, "tells no licence", "no index tells its licence")
        }
        do throws(Malformed) {
            _ = try LicenseExpression(text)
            return nil
        } catch {
            let words = text.count <= 60 ? text : "\(text.prefix(59))…"
            return Opinion(
                rule: .licenseMissing,
                action: action,
                message: "is under '\(words)', which is no SPDX licence",
                evidence: error.what
            )
        }
    }
}

extension RuleSetup {
    /// The parameter `licenses`, which was found readable when the file was read.
    fileprivate var licenses: [LicenseName] { parameters.texts("licenses").compactMap { try? LicenseName(listed: $0) } }
}
