internal import Core

/// `as_of`: indexes are answered as they were at a time, and nothing that is younger comes in.
///
/// It objects to nothing: it says which time the job builds in. So it holds in audit mode, too.
struct AsOfRule: Rule {
    static let definition = RuleDefinition(
        .asOf,
        "what was published after a given time does not exist",
        action: .always(.block),
        onMissingData: .byRegistry,
        [RuleParameter("time", .time, stricter: .smaller, "the time").required]
    )

    private let action: Action
    private let time: Timestamp
    /// Nil: block where the registry stamps releases itself, warn elsewhere.
    private let onMissingData: Action?

    init?(_ setup: RuleSetup) {
        guard let time = setup.parameters.time("time") else { return nil }
        self.time = time
        action = setup.action
        onMissingData = setup.onMissingData
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let published = facts.artifact?.published ?? facts.release.published else {
            return Opinion.missing(
                .asOf,
                onMissingData ?? (facts.registryAssignsTimes ? .block : .warn),
                "has no publish date, so nobody knows whether it was there on \(time)",
                "no date from the index, its companions or the lockfile"
            )
        }
        guard published.time > time else { return nil }
        return Opinion(
            rule: .asOf,
            action: action,
            message: "was published after \(time), as of which this job builds",
            evidence: "published \(published.time) (\(published.basis.rawValue))",
            holdsInAudit: true
        )
    }
}
