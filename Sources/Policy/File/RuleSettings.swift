internal import Core

/// What `rules:` says. A rule that is not named keeps the setting it has without a file.
struct RuleSettings: Sendable {
    var named: [RuleKey: RuleParameters] = [:]

    init() {}

    init(_ section: YAMLValue?) throws(Problem) {
        let definitions = RuleCatalog.definitions
        guard let entries = try section?.map(keys: definitions.map(\.key.rawValue).sorted()) else { return }
        for definition in definitions {
            guard let entry = entries[definition.key.rawValue] else { continue }
            named[definition.key] = try RuleParameters(definition, entry)
        }
    }

    /// The settings of a rule, with its defaults where the file does not name it.
    func parameters(_ definition: RuleDefinition) -> RuleParameters {
        named[definition.key] ?? RuleParameters(definition)
    }
}

extension Exemption {
    /// `mayBeEndless` where the policy says `loosenable: [exempt.until]`.
    init(_ entry: YAMLValue, mayBeEndless: Bool) throws(Problem) {
        let parts = try entry.map(keys: ["purl", "rule", "reason", "until", "advisory"])
        let needed = ["purl", "rule", "reason"] + (mayBeEndless ? [] : ["until"])
        for key in needed where parts[key] == nil {
            throw entry.problem("has no '\(key)'", "an exemption names \(needed.joined(separator: ", "))")
        }
        guard let purl = parts["purl"], let rule = parts["rule"], let reason = parts["reason"] else {
            throw entry.problem("is not whole", "name \(needed.joined(separator: ", "))")
        }
        pattern = try purl.pattern()
        self.purl = pattern.text
        self.rule = try rule.choice(of: RuleKey.exemptible.map(\.rawValue))
        self.reason = try reason.text()
        until = try parts["until"]?.text() ?? Exemption.never
        if let given = parts["until"] {
            guard let time = Timestamp(rfc3339: until) else {
                throw given.problem("is '\(until)', which is no date", "write a day such as 2026-10-01")
            }
            // A bare day counts to its end.
            end = until.utf8.count == 10 ? Timestamp(seconds: time.seconds + 86_400) : time
        } else {
            end = nil
        }
        advisory = try parts["advisory"]?.text()
        let resting = RuleKey.restingOnAdvisories.map(\.rawValue)
        if let advisory = parts["advisory"], !resting.contains(self.rule) {
            throw advisory.problem(
                "means nothing for the rule \(self.rule)",
                "leave it away, or exempt from \(resting.joined(separator: ", "))"
            )
        }
        line = entry.line
        file = entry.file
    }
}
