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

extension RuleSetup {
    /// The parameter `licenses`, which was found readable when the file was read.
    var licenses: [LicenseName] { parameters.texts("licenses").compactMap { try? LicenseName(listed: $0) } }
}
