internal import Core

/// `min_age`: a release younger than so many days is not let in.
struct MinAgeRule: Rule {
    let action: Action
    let days: Int
    let perType: [String: Int]
    let perPattern: [(pattern: PurlPattern, days: Int)]
    private let patterns: PatternSet
    /// Nil: block where the registry stamps releases itself, warn elsewhere.
    let onMissingData: Action?

    let key = RuleKey.minAge

    init(action: Action, days: Int, perType: [String: Int], perPattern: [(PurlPattern, Int)], onMissingData: Action?) {
        self.action = action
        self.days = days
        self.perType = perType
        // The longest pattern is the most particular, and so the first to be asked.
        let ordered = perPattern.sorted { ($0.0.text.utf8.count, $0.0.text) > ($1.0.text.utf8.count, $1.0.text) }
        self.perPattern = ordered.map { (pattern: $0.0, days: $0.1) }
        self.patterns = PatternSet(ordered.map(\.0))
        self.onMissingData = onMissingData
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
        let allowedFrom = allowed.overflow ? nil : Timestamp(seconds: allowed.partialValue)
        return Opinion(
            rule: .minAge,
            action: action,
            message: message(published.time, facts.now, days, allowedFrom),
            evidence: "published \(published.time) (\(published.basis.rawValue))",
            allowedFrom: allowedFrom
        )
    }

    private func days(for facts: Facts, _ subject: Subject) -> Int {
        if let hit = patterns.matches(subject, facts.compare).first(where: \.isCertain) {
            return perPattern[hit.position].days
        }
        return perType[facts.type] ?? perType[subject.purl.type] ?? days
    }

    private func message(_ published: Timestamp, _ now: Timestamp, _ days: Int, _ allowedFrom: Timestamp?) -> String {
        let asked = "policy asks for \(days) d"
        let from = allowedFrom.map { ", allowed from \($0)" } ?? ""
        let (age, overflow) = now.seconds.subtractingReportingOverflow(published.seconds)
        guard !overflow, age >= 0 else { return "is dated in the future; \(asked)\(from)" }
        return "is \(MinAgeRule.spoken(age)) old; \(asked)\(from)"
    }

    private func missing(_ facts: Facts, _ days: Int) -> Opinion {
        Opinion(
            rule: .minAge,
            action: onMissingData ?? (facts.registryAssignsTimes ? .block : .warn),
            message: "has no publish date, so nobody knows whether it is \(days) d old",
            evidence: "no date from the index, its companions or the lockfile",
            isMissingData: true
        )
    }

    /// `5 h`, `2 d 3 h`: the two largest units, which is what people compare with a number of days.
    static func spoken(_ seconds: Int64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return hours > 0 ? "\(days) d \(hours) h" : "\(days) d" }
        if hours > 0 { return "\(hours) h" }
        return "\(minutes) min"
    }

    var canonicalText: String {
        let types = perType.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let patterns = perPattern.map { "\($0.pattern.canonicalText)=\($0.days)" }
        return "min_age action=\(action.word) days=\(days) per=\((types + patterns).joined(separator: ";")) "
            + "on_missing_data=\(onMissingData?.word ?? "by-registry")"
    }
}
