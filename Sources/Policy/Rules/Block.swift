internal import Core

/// `block`: these packages and releases are not let in.
struct BlockRule: Rule {
    let action: Action
    let purls: [PurlPattern]
    /// For a version that the ecosystem cannot put in order against a range of the list.
    let onMissingData: Action
    private let patterns: PatternSet

    let key = RuleKey.block

    init(action: Action, purls: [PurlPattern], onMissingData: Action?) {
        self.action = action
        self.purls = purls
        self.onMissingData = onMissingData ?? action
        patterns = PatternSet(purls)
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let hits = patterns.matches(subject, facts.compare)
        guard let hit = hits.first(where: \.isCertain) ?? hits.first else { return nil }
        let pattern = purls[hit.position].text
        return Opinion(
            rule: .block,
            action: hit.isCertain ? action : onMissingData,
            message: hit.isCertain
                ? "is on the block list"
                : "has a version that cannot be compared with the block list's range",
            evidence: "block list entry \(pattern)",
            isMissingData: !hit.isCertain
        )
    }

    var canonicalText: String {
        "block action=\(action.word) purls=\(purls.map(\.canonicalText).sorted().joined(separator: ";")) "
            + "on_missing_data=\(onMissingData.word)"
    }
}
