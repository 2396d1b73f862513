internal import Core

/// `vulnerability.ids`: single advisories, by id or alias, refused whatever their severity, or passed over.
struct AdvisoryIDsRule: Rule {
    static let definition = RuleDefinition(
        .advisoryIDs,
        "single advisories are refused whatever their severity, or passed over",
        action: .always(.block),
        onMissingData: .always(.allow),
        [
            RuleParameter("block", .texts, .texts([]), stricter: .more, "ids or aliases that are refused"),
            RuleParameter(
                "allow",
                .texts,
                .texts([]),
                stricter: .fewer,
                "ids or aliases that `vulnerability` passes over"
            ),
        ]
    )
    static let needs: RuleNeeds = .advisories

    private let action: Action
    private let refused: Set<String>
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        refused = Set(setup.parameters.texts("block"))
        onMissingData = setup.onMissingData ?? .allow
        if refused.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let hits = (facts.advisories ?? []).filter {
            refused.contains($0.id) || $0.aliases.contains(where: refused.contains)
        }
        guard let first = hits.first else {
            return facts.lookupFault.flatMap { .missing(.advisoryIDs, onMissingData, $0.message, $0.evidence) }
        }
        return Opinion(
            rule: .advisoryIDs,
            action: action,
            message: "is affected by \(first.id), which policy refuses by name",
            evidence: hits.map { "\($0.id): \($0.summary)" }.joined(separator: "\n"),
            advisories: hits.map(\.id)
        )
    }
}
