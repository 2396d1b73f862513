internal import Core

/// `yanked`: whoever published the release took it back (yanked, retracted, unlisted), or advises against it (deprecated).
struct YankedRule: Rule {
    static let definition = RuleDefinition(
        .yanked,
        "the publisher took the release back, or calls it deprecated",
        action: .always(.block),
        onMissingData: .always(.allow),
        [
            RuleParameter("locked", .action, .action(.warn), stricter: .greater, "for one that a lockfile pins"),
            RuleParameter("deprecated", .action, .action(.warn), stricter: .greater, "for a deprecated one"),
        ]
    )

    private let action: Action
    private let locked: Action
    private let deprecated: Action
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        // What blocks nothing does not block what is pinned either.
        locked = min(setup.parameters.action("locked"), setup.action)
        deprecated = min(setup.parameters.action("deprecated"), setup.action)
        onMissingData = setup.onMissingData ?? .allow
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        if let yanked = facts.artifact?.yanked ?? facts.release.yanked {
            return Opinion(
                rule: .yanked,
                action: facts.isLocked ? locked : action,
                message: "was taken back by its publisher\(facts.isLocked ? "; the lockfile pins it" : "")",
                evidence: "yanked\(YankedRule.reason(yanked))"
            )
        }
        if let withdrawal = facts.release.deprecated {
            return Opinion(
                rule: .yanked,
                action: deprecated,
                message: "is deprecated\(YankedRule.reason(withdrawal))",
                evidence: "deprecated by its publisher"
            )
        }
        guard facts.source != .index else { return nil }
        return Opinion.missing(
            .yanked,
            onMissingData,
            "is in no index, so nobody knows whether it was taken back",
            "no index of this session lists it"
        )
    }

    private static func reason(_ withdrawal: Withdrawal) -> String {
        let line = withdrawal.reason.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        if line.isEmpty { return "" }
        return line.count <= 160 ? ": \(line)" : ": \(line.prefix(159))…"
    }
}
