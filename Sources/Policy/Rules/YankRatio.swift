internal import Core

/// `yank_ratio`: a package whose publisher takes much back.
struct YankRatioRule: Rule {
    static let definition = RuleDefinition(
        .yankRatio,
        "a package of whose releases more than so many in a hundred were taken back",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("percent", .number(0...100), .number(50), stricter: .smaller, "the most")]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let most: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        most = setup.parameters.number("percent")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let history = facts.history, history.count > 0 else {
            return Opinion.missing(
                .yankRatio,
                onMissingData,
                "has no index that lists its releases",
                "no index was read"
            )
        }
        let percent = history.yankedCount * 100 / history.count
        guard percent > most else { return nil }
        return Opinion(
            rule: .yankRatio,
            action: action,
            message: "is of a package that had \(percent) % of its releases taken back; policy takes \(most) %",
            evidence: "\(history.yankedCount) of \(history.count) releases"
        )
    }
}
