internal import Core

extension PolicyFile {
    /// Settles every default that depends on the mode or on other parts of the file.
    func effective(mode: Policy.Mode) -> EffectivePolicy {
        let allowed = rules.allow
        var judges: [any Rule] = []
        let isMalwareOn = rules.malware.action > .allow
        if isMalwareOn {
            let onMissingData = rules.malware.onMissingData ?? (osv == nil ? .allow : .block)
            judges.append(MalwareRule(action: rules.malware.action, onMissingData: onMissingData))
        }
        if let namespace = rules.namespace, namespace.action > .allow { judges.append(namespace) }
        if let block = rules.block, block.action > .allow { judges.append(block) }
        if rules.minAge.action > .allow { judges.append(rules.minAge) }
        let unclaimed = rules.unclaimed ?? (mode == .enforce ? .block : .report)
        if unclaimed > .allow { judges.append(UnclaimedRule(action: unclaimed)) }
        let session = session.rules(mode: mode)
        var lines = ["purser-policy 1", "mode=\(mode.rawValue)", "data.osv=\(osv == nil ? "unset" : "set")"]
        lines += judges.map(\.canonicalText)
        if let allowed { lines.append(allowed.canonicalText) }
        lines += exemptions.map(\.canonicalText).sorted()
        lines.append(session.canonicalText)
        return EffectivePolicy(
            mode: mode,
            rules: judges,
            allowed: allowed,
            exemptions: exemptions,
            session: session,
            notices: isMalwareOn && osv == nil ? [noMalwareData] : [],
            needsAdvisories: isMalwareOn && osv != nil,
            canonicalText: lines.joined(separator: "\n") + "\n"
        )
    }

    /// Said once a session: with no data configured, denying everything would help nobody, and silence would deceive.
    private var noMalwareData: Finding {
        Finding(
            rule: RuleKey.malware.rawValue,
            action: rules.malware.place == nil ? .report : .warn,
            message: "known malware is not looked for: no data is configured",
            evidence: "\(name) names no snapshot under data.osv",
            allowedFrom: nil,
            exemption: "",
            isMissingData: true
        )
    }
}
