internal import Core

extension PolicyFile {
    /// Settles every default that depends on the mode or on other parts of the file.
    func effective(mode: Policy.Mode) -> EffectivePolicy {
        var judges: [any Rule] = []
        var lines = ["purser-policy 1", "mode=\(mode.rawValue)", "data.osv=\(osv == nil ? "unset" : "set")"]
        for type in RuleCatalog.judges {
            let parameters = rules.parameters(type.definition)
            let setup = RuleSetup(parameters, mode: mode, hasData: osv != nil, settings: rules)
            guard setup.action > .allow, let judge = type.init(setup) else { continue }
            judges.append(judge)
            lines.append(setup.canonicalText)
        }
        let allow = RuleSetup(rules.parameters(AllowRule.definition), mode: mode, hasData: false, settings: rules)
        let allowed = AllowRule(allow)
        if allowed != nil { lines.append(allow.canonicalText) }
        lines += exemptions.map(\.canonicalText).sorted()
        var session = session.rules(mode: mode)
        let clean = rules.parameters(LockfileClean.definition)
        session.changedLockfiles = clean.action ?? session.changedLockfiles
        lines.append(session.canonicalText)
        let wantsData = judges.contains { type(of: $0).needs.contains(.advisories) }
        return EffectivePolicy(
            mode: mode,
            rules: judges,
            allowed: allowed,
            exemptions: exemptions,
            session: session,
            notices: (osv == nil ? judges.compactMap(noData) : []) + judges.compactMap(noList),
            needsAdvisories: wantsData && osv != nil,
            canonicalText: lines.joined(separator: "\n") + "\n"
        )
    }

    /// The same of a rule that the file names and that looks into a list of which the file says nothing.
    private func noList(for judge: any Rule) -> Finding? {
        let lists: [RuleKey: Dataset] = [
            .suspectedMalware: .suspects, .minDownloads: .packages, .starjacking: .packages, .scorecard: .scorecards,
        ]
        guard let list = lists[judge.key], data[list] == nil, rules.named[judge.key] != nil else { return nil }
        return Finding(
            rule: judge.key.rawValue,
            action: .warn,
            message: "nothing is looked up: no data is configured",
            evidence: "\(name) names no file under data.\(list.rawValue)",
            isMissingData: true
        )
    }

    /// Said once a session: with no data configured, denying everything would help nobody, and silence would deceive.
    /// Malware is looked for without being asked; of another rule nothing is said unless the file names it.
    private func noData(for judge: any Rule) -> Finding? {
        guard type(of: judge).needs.contains(.advisories) else { return nil }
        let isNamed = rules.named[judge.key] != nil
        guard isNamed || judge.key == .malware else { return nil }
        return Finding(
            rule: judge.key.rawValue,
            action: isNamed ? .warn : .report,
            message: judge.key == .malware
                ? "known malware is not looked for: no data is configured"
                : "nothing is looked up: no data is configured",
            evidence: "\(name) names no snapshot under data.osv",
            allowedFrom: nil,
            exemption: "",
            isMissingData: true
        )
    }
}
