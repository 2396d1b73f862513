internal import Core

/// `min_age`: a release younger than so many days is not let in.
struct MinAgeRule: Rule {
    static let definition = RuleDefinition(
        .minAge,
        "a release younger than so many days waits",
        action: .always(.block),
        onMissingData: .byRegistry,
        [
            RuleParameter("days", .days, .number(3), stricter: .greater, "the least age; 0 asks for nothing"),
            RuleParameter("per", .daysByTarget, stricter: .greater, "other ages for purl types and purl patterns"),
            RuleParameter(
                "fallback",
                .flag,
                .flag(true),
                stricter: .unordered,
                "young releases are hidden from indexes, so that resolvers take an older one by themselves"
            ),
            RuleParameter(
                "fix_bypass",
                .flag,
                .flag(true),
                stricter: .smaller,
                "a young release passes if it is free of an advisory that the locked release has"
            ),
        ]
    )
    static let needs: RuleNeeds = []

    private let action: Action
    private let days: Int
    private let perType: [String: Int]
    private let perPattern: [(pattern: PurlPattern, days: Int)]
    private let patterns: PatternSet
    private let staysListed: Bool
    private let letsFixesIn: Bool
    /// Nil: block where the registry stamps releases itself, warn elsewhere.
    private let onMissingData: Action?

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData
        days = setup.parameters.number("days")
        staysListed = !setup.parameters.flag("fallback")
        letsFixesIn = setup.parameters.flag("fix_bypass")
        let per = setup.parameters.daysByTarget("per")
        perType = per.types
        // The longest pattern is the most particular, and so the first to be asked.
        perPattern = per.patterns.sorted {
            ($0.pattern.text.utf8.count, $0.pattern.text) > ($1.pattern.text.utf8.count, $1.pattern.text)
        }
        patterns = PatternSet(perPattern.map(\.pattern))
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let days = days(for: facts, subject)
        guard days > 0 else { return nil }
        // A file added later to an old release is as young as itself.
        guard let published = facts.artifact?.published ?? facts.release.published else {
            return missing(facts, days)
        }
        let allowed = published.time.seconds.addingReportingOverflow(Int64(days) * 86_400)
        guard allowed.overflow || facts.now.seconds < allowed.partialValue else { return nil }
        let fixed = letsFixesIn ? facts.fixes?() ?? [] : []
        if !fixed.isEmpty { return passing(published, facts, fixed) }
        let allowedFrom = allowed.overflow ? nil : Timestamp(seconds: allowed.partialValue)
        return Opinion(
            rule: .minAge,
            action: action,
            message: message(published.time, facts.now, days, allowedFrom),
            evidence: "published \(published.time) (\(published.basis.rawValue))",
            allowedFrom: allowedFrom,
            staysListed: staysListed
        )
    }

    private func days(for facts: Facts, _ subject: Subject) -> Int {
        if let hit = patterns.matches(subject, facts.compare).first(where: \.isCertain) {
            return perPattern[hit.position].days
        }
        return perType[facts.type] ?? perType[subject.purl.type] ?? days
    }

    /// Young, and let in all the same; the report says for which advisory.
    private func passing(_ published: PublishTime, _ facts: Facts, _ fixed: [String]) -> Opinion {
        Opinion(
            rule: .minAge,
            action: min(action, .report),
            message: "\(MinAgeRule.age(published.time, facts.now)) and passes because it fixes \(fixed[0])",
            evidence: "the locked release is affected by \(fixed.joined(separator: ", ")), this one is not",
            advisories: fixed
        )
    }

    private func message(_ published: Timestamp, _ now: Timestamp, _ days: Int, _ allowedFrom: Timestamp?) -> String {
        let from = allowedFrom.map { ", allowed from \($0)" } ?? ""
        return "\(MinAgeRule.age(published, now)); policy asks for \(days) d\(from)"
    }

    private static func age(_ published: Timestamp, _ now: Timestamp) -> String {
        let (age, overflow) = now.seconds.subtractingReportingOverflow(published.seconds)
        return overflow || age < 0 ? "is dated in the future" : "is \(spoken(age)) old"
    }

    private func missing(_ facts: Facts, _ days: Int) -> Opinion? {
        Opinion.missing(
            .minAge,
            onMissingData ?? (facts.registryAssignsTimes ? .block : .warn),
            "has no publish date, so nobody knows whether it is \(days) d old",
            "no date from the index, its companions or the lockfile"
        )
    }

    /// `5 h`, `2 d 3 h`: the two largest units, which is what people compare with a number of days.
    static func spoken(_ seconds: Int64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return hours > 0 ? "\(days) d \(hours) h" : "\(days) d" }
        if hours > 0 { return "\(hours) h" }
        return "\(minutes) min"
    }
}
