internal import Core

/// `scorecard.min`: the source repository of the package did not do well before OpenSSF Scorecard.
struct ScorecardRule: Rule {
    static let definition = RuleDefinition(
        .scorecard,
        "a package whose source repository has less than so many points in `data.scorecards`",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [
            RuleParameter("score", .number(0...10), .number(5), stricter: .greater, "the least score, 0 to 10"),
            RuleParameter(
                "checks",
                .texts,
                .texts([]),
                stricter: .more,
                "single checks that need the same, such as Maintained or Dangerous-Workflow"
            ),
        ]
    )
    static let needs: RuleNeeds = .reputation

    private let action: Action
    private let onMissingData: Action
    private let least: Int
    private let checks: [String]

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        least = setup.parameters.number("score")
        checks = setup.parameters.texts("checks")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let card = facts.reputation?.scorecard, facts.stale[.scorecards] == nil else {
            return Opinion.missing(
                .scorecard,
                onMissingData,
                "has a source repository that nobody scored, or none that is known",
                facts.stale[.scorecards].map { "data.scorecards \($0)" } ?? "data.scorecards has no result for it"
            )
        }
        let low = checks.filter { card.checks[$0].map { $0 < least } ?? false }
        guard card.score < least * 10 || !low.isEmpty else { return missingChecks(of: card) }
        let score = "\(card.score / 10).\(card.score % 10)"
        let poor = low.map { "\($0) \(card.checks[$0] ?? 0)" }.joined(separator: ", ")
        return Opinion(
            rule: .scorecard,
            action: action,
            message:
                "has a source repository with \(poor.isEmpty ? "a score of \(score)" : poor) at Scorecard; policy asks for \(least)",
            evidence: "score \(score)\(poor.isEmpty ? "" : "; \(poor)")"
        )
    }

    private func missingChecks(of card: Reputation.Scorecard) -> Opinion? {
        let absent = checks.filter { card.checks[$0] == nil }
        guard !absent.isEmpty else { return nil }
        return .missing(
            .scorecard,
            onMissingData,
            "has a source repository of which nobody made the check \(absent.joined(separator: ", "))",
            "data.scorecards has no such check of it"
        )
    }
}
