internal import Core

/// What the rules share that ask for some evidence of a release's publisher.
struct EvidenceBar: Sendable {
    let rule: RuleKey
    let action: Action
    let onMissingData: Action

    init(_ rule: RuleKey, _ setup: RuleSetup) {
        self.rule = rule
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
    }

    /// An opinion on less evidence than `least`; `reason` says who asks for it, `source` what that rests on.
    func opinion(
        on facts: Facts,
        least: PublisherEvidence.Kind,
        _ reason: String,
        source: String
    ) -> Opinion? {
        guard let evidence = facts.release.evidence?.kind else {
            let message = "says nothing of its publisher; \(reason)"
            return Opinion.missing(rule, onMissingData, message, source)
        }
        guard evidence < least else { return nil }
        let found = evidence == .none ? "no evidence" : evidence.rawValue
        return Opinion(
            rule: rule,
            action: action,
            message: "has \(found) of its publisher; \(reason)",
            evidence: "\(source); this one: \(evidence.rawValue)"
        )
    }
}
