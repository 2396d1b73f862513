internal import Core

/// `long_gap`: a package that was silent for long has a new release. Accounts of forgotten packages are what is taken over.
struct LongGapRule: Rule {
    static let definition = RuleDefinition(
        .longGap,
        "a fresh release follows the one before after a gap of more than so many days",
        action: .always(.warn),
        onMissingData: .always(.allow),
        [
            RuleParameter("days", .days, .number(180), stricter: .smaller, "the gap"),
            RuleParameter("within", .days, .number(30), stricter: .greater, "for how long a release counts as fresh"),
        ]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let days: Int
    private let within: Int
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        days = setup.parameters.number("days")
        within = setup.parameters.number("within")
    }

    func opinion(on facts: Facts, subject: Subject) throws(Undecidable) -> Opinion? {
        guard let published = facts.release.published?.time, let history = facts.history else {
            return Opinion.missing(
                .longGap,
                onMissingData,
                "has no date or no dated releases beside it, so nobody knows what gap it follows",
                "no index told when the package's releases were published"
            )
        }
        guard try facts.age(of: published) <= Int64(within) * 86_400, let before = history.last(before: published)
        else { return nil }
        let gap = try facts.seconds(from: before.published, to: published)
        guard gap > Int64(days) * 86_400 else { return nil }
        let allowed = published.seconds.addingReportingOverflow(Int64(within) * 86_400 + 1)
        return Opinion(
            rule: .longGap,
            action: action,
            message: "follows a silence of \(gap / 86_400) d; policy looks twice after \(days) d",
            evidence: "\(before.version) was published \(before.published), this one \(published)",
            allowedFrom: allowed.overflow ? nil : Timestamp(seconds: allowed.partialValue)
        )
    }
}
