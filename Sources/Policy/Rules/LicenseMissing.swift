internal import Core

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
