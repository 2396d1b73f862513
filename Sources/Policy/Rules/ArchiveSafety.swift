internal import Core

/// `archive_safety`: an archive that leads out of its folder, grows without measure, or says two things at once.
///
/// The gateway refuses such files in every mode; only this rule's action or an exemption from it lets one in.
struct ArchiveSafetyRule: Rule {
    static let definition = RuleDefinition(
        .archiveSafety,
        "an archive that leads out of its folder, grows without measure, or is no sound archive",
        action: .always(.block)
    )

    private let action: Action

    init?(_ setup: RuleSetup) { action = setup.action }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let fault = facts.bytes?.archiveFault else { return nil }
        return Opinion(rule: .archiveSafety, action: action, message: fault, evidence: "seen in the file's bytes")
    }
}
