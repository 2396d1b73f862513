internal import Core

/// `trust.no_downgrade`: a release says less about who published it than an earlier one did, as when somebody publishes by
/// hand, with a stolen token, what a workflow published before.
struct NoDowngradeRule: Rule {
    static let definition = RuleDefinition(
        .noDowngrade,
        "less evidence of the publisher than an earlier release had",
        action: .always(.block),
        onMissingData: .asAction,
        [
            RuleParameter(
                "ignore_after",
                .days,
                .number(180),
                stricter: .greater,
                "releases older than this are not compared; 0 compares all"
            )
        ]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let ignoreAfter: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
        ignoreAfter = setup.parameters.number("ignore_after")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        // Without a date there is no earlier: `min_age` speaks of such releases.
        guard let history = facts.history, let published = facts.release.published?.time else { return nil }
        if ignoreAfter > 0 {
            let (age, overflow) = facts.now.seconds.subtractingReportingOverflow(published.seconds)
            if !overflow, age > Int64(ignoreAfter) * 86_400 { return nil }
        }
        guard let best = history.best(before: published), let before = best.evidence, before > .none else { return nil }
        guard let evidence = facts.release.evidence?.kind else {
            return Opinion.missing(
                .noDowngrade,
                onMissingData,
                "says nothing of its publisher, and \(best.version) had \(before.rawValue)",
                "\(best.version), published \(best.published): \(before.rawValue)"
            )
        }
        guard evidence < before else { return nil }
        return Opinion(
            rule: .noDowngrade,
            action: action,
            message: "has \(evidence.words) of its publisher, and \(best.version) before it had \(before.words)",
            evidence: "\(best.version), published \(best.published): \(before.rawValue); this one: \(evidence.rawValue)"
        )
    }
}

extension PublisherEvidence.Kind {
    var words: String { self == .none ? "no evidence" : rawValue }
}
