internal import Core

/// What `rules:` says. A rule that is not named keeps the setting it has without a file.
struct RuleSettings: Sendable {
    /// `malware` before it is known whether there is data.
    struct Malware: Sendable {
        var action = Action.block
        var onMissingData: Action?
        /// Where the file names the rule.
        var place: YAMLValue?
    }

    var minAge = MinAgeRule(action: .block, days: 3, perType: [:], perPattern: [], onMissingData: nil)
    var block: BlockRule?
    var namespace: NamespaceRule?
    var allow: AllowRule?
    /// Nil: report in audit mode, block in enforce mode.
    var unclaimed: Action?
    var malware = Malware()

    init() {}

    init(_ section: YAMLValue?) throws(Problem) {
        guard let entries = try section?.map(keys: RuleKey.allCases.map(\.rawValue).sorted()) else { return }
        if let entry = entries[RuleKey.minAge.rawValue] { minAge = try RuleSettings.minAge(entry) }
        if let entry = entries[RuleKey.block.rawValue] { block = try RuleSettings.block(entry) }
        if let entry = entries[RuleKey.namespace.rawValue] {
            let (purls, parts) = try RuleSettings.purls(entry, keys: ["action", "purls"])
            namespace = NamespaceRule(action: try parts["action"]?.action() ?? .block, purls: purls)
        }
        if let entry = entries[RuleKey.allow.rawValue] {
            allow = AllowRule(purls: try RuleSettings.purls(entry, keys: ["purls"]).purls)
        }
        if let entry = entries[RuleKey.unclaimed.rawValue] {
            unclaimed = try entry.map(keys: ["action"])["action"]?.action()
        }
        if let entry = entries[RuleKey.malware.rawValue] {
            let parts = try entry.map(keys: ["action", "on_missing_data"])
            malware = Malware(
                action: try parts["action"]?.action() ?? .block,
                onMissingData: try parts["on_missing_data"]?.action(),
                place: entry
            )
        }
    }

    private static func minAge(_ entry: YAMLValue) throws(Problem) -> MinAgeRule {
        let parts = try entry.map(keys: ["action", "days", "per", "on_missing_data"])
        var types: [String: Int] = [:]
        var patterns: [(PurlPattern, Int)] = []
        for (key, value) in try parts["per"]?.map() ?? [] {
            let days = try value.number(in: 0...36_500)
            let named = YAMLValue(
                file: value.file,
                path: value.path,
                line: value.line,
                content: .text(key, isPlain: true)
            )
            if key.hasPrefix("pkg:") {
                patterns.append((try named.pattern(), days))
            } else {
                types[try named.purlType()] = days
            }
        }
        return MinAgeRule(
            action: try parts["action"]?.action() ?? .block,
            days: try parts["days"]?.number(in: 0...36_500) ?? 3,
            perType: types,
            perPattern: patterns,
            onMissingData: try parts["on_missing_data"]?.action()
        )
    }

    private static func block(_ entry: YAMLValue) throws(Problem) -> BlockRule {
        let (purls, parts) = try purls(entry, keys: ["action", "purls", "on_missing_data"])
        return BlockRule(
            action: try parts["action"]?.action() ?? .block,
            purls: purls,
            onMissingData: try parts["on_missing_data"]?.action()
        )
    }

    /// The patterns of a rule that is a list; the list alone is short for `{ purls: [...] }`.
    private static func purls(
        _ entry: YAMLValue,
        keys: [String]
    ) throws(Problem) -> (purls: [PurlPattern], parts: [String: YAMLValue]) {
        var parts: [String: YAMLValue] = [:]
        var list = entry
        if case .list = entry.content {
        } else {
            parts = try entry.map(keys: keys)
            guard let purls = parts["purls"] else {
                throw entry.problem("names no packages", "add 'purls:' with a list of purl patterns")
            }
            list = purls
        }
        var patterns: [PurlPattern] = []
        for element in try list.list() { patterns.append(try element.pattern()) }
        return (patterns, parts)
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
        self.rule = try rule.choice(of: RuleKey.allCases.filter { $0 != .allow }.map(\.rawValue))
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
        if let advisory = parts["advisory"], self.rule != RuleKey.malware.rawValue {
            throw advisory.problem("means nothing for the rule \(self.rule)", "leave it away, or exempt from malware")
        }
        line = entry.line
        file = entry.file
    }
}
