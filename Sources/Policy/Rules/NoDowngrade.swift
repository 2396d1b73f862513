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

    private let bar: EvidenceBar
    private let ignoreAfter: Int

    init?(_ setup: RuleSetup) {
        bar = EvidenceBar(.noDowngrade, setup)
        ignoreAfter = setup.parameters.number("ignore_after")
    }

    func opinion(on facts: Facts, subject: Subject) throws(Undecidable) -> Opinion? {
        // Without a date there is no earlier: `min_age` speaks of such releases.
        guard let history = facts.history, let published = facts.release.published?.time else { return nil }
        if ignoreAfter > 0, try facts.age(of: published) > Int64(ignoreAfter) * 86_400 { return nil }
        guard let best = history.best(before: published), let before = best.evidence, before > .none else { return nil }
        return bar.opinion(
            on: facts,
            least: before,
            "\(best.version) before it had \(before.rawValue)",
            source: "\(best.version), published \(best.published): \(before.rawValue)"
        )
    }
}
