internal import Core

/// `typosquat`: a young package whose name is one slip away from a popular one, or looks the same.
struct TyposquatRule: Rule {
    static let definition = RuleDefinition(
        .typosquat,
        "a young package whose name is one slip away from a popular one, or looks like it",
        action: .always(.warn),
        onMissingData: .always(.allow),
        [
            RuleParameter("allow", .patterns, .patterns([]), stricter: .fewer, "packages that are what they seem"),
            RuleParameter(
                "names",
                .patterns,
                .patterns([]),
                stricter: .more,
                "further names worth imitating, your own say"
            ),
            RuleParameter(
                "younger",
                .days,
                .number(730),
                stricter: .greater,
                "a package whose first release is older is known by its own name; 0 judges all"
            ),
        ]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let younger: Int
    private let allowed: PatternSet
    /// By purl type, where the file adds names; the others are made when a package is first judged, not at every start.
    private let extended: [String: LookalikeNames]

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        younger = setup.parameters.number("younger")
        allowed = PatternSet(setup.parameters.patterns("allow"))
        let own = setup.parameters.patterns("names").filter { !$0.isGlob }
        var extended: [String: LookalikeNames] = [:]
        for (type, patterns) in Dictionary(grouping: own, by: \.type) {
            let more = patterns.map { String($0.key.dropFirst(type.utf8.count + 1)) }
            extended[type] = LookalikeNames((LookalikeNames.texts[type] ?? []) + more, type: type)
        }
        self.extended = extended
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let type = subject.purl.type
        guard let popular = extended[type] ?? LookalikeNames.popular[type] else { return nil }
        let path = subject.key.utf8.dropFirst(type.utf8.count + 1)
        guard let alike = popular.lookalike(of: path) else {
            return facts.stale[.names].flatMap {
                .missing(.typosquat, onMissingData, "resembles no name of an old list", "data.names \($0)")
            }
        }
        if younger > 0, let first = facts.history?.releases.first?.published {
            let (age, overflow) = facts.now.seconds.subtractingReportingOverflow(first.seconds)
            if !overflow, age > Int64(younger) * 86_400 { return nil }
        }
        if allowed.matches(subject, facts.compare).contains(where: \.isCertain) { return nil }
        return Opinion(
            rule: .typosquat,
            action: action,
            message: "has a name that is easily taken for \(alike)",
            evidence: "\(alike) is a popular package, and this one is not it"
        )
    }
}
