public import Core

/// A `purser.yml`, read and checked: the agent's settings, and the policy that the rest of the file makes.
public struct PolicyFile: Sendable {
    /// Where a data snapshot lies, as the file says it; relative to the file's folder.
    public struct SnapshotPath: Hashable, Sendable {
        public let path: String
        public let line: Int
    }

    /// How the file is called in complaints.
    public let name: String
    public let agent: [AgentSetting]
    /// What `mode:` says; nil where it says nothing.
    public let mode: Policy.Mode?
    /// The OSV snapshot that `malware` looks into.
    public let osv: SnapshotPath?

    let modeLine: Int?
    let rules: RuleSettings
    let exemptions: [Exemption]
    let session: SessionSettings

    /// What holds where there is no file.
    static let empty = PolicyFile()

    /// Reads the file. `allowsAgent` is false for a file given by `--policy`, which holds policy alone.
    public static func parse(
        _ yaml: String,
        name: String,
        allowsAgent: Bool = true,
        maximumBytes: Int = 1_048_576
    ) throws(Problem) -> PolicyFile {
        try PolicyFile(YAMLDocument.read(yaml, file: name, maximumBytes: maximumBytes), allowsAgent: allowsAgent)
    }

    /// The policy in force. A mode from the command line may tighten the file's, never loosen it.
    public func policy(overridingMode: Policy.Mode?) throws(Problem) -> Policy {
        if overridingMode == .audit, mode == .enforce {
            throw Problem(
                .usageInvalid,
                subject: "--mode audit",
                summary: "would loosen \(name) line \(modeLine ?? 1), which says mode: enforce",
                remedy: "leave --mode away, or change the policy file"
            )
        }
        return Policy(effective(mode: overridingMode ?? mode ?? .audit))
    }

    private init() {
        name = "built-in policy"
        agent = []
        mode = nil
        osv = nil
        modeLine = nil
        rules = RuleSettings()
        exemptions = []
        session = SessionSettings()
    }

    private init(_ document: YAMLValue, allowsAgent: Bool) throws(Problem) {
        let keys = ["version", "agent", "mode", "data", "rules", "exempt", "session"]
        let top = try document.map(keys: keys)
        guard let version = top["version"] else {
            throw document.problem("does not say which format it has", "add the line 'version: 1'")
        }
        guard try version.number(in: 0...1_000_000) == 1 else {
            throw version.problem(
                "is not a format that this program reads",
                "write 'version: 1', or use a newer purser"
            )
        }
        name = document.file
        if let agent = top["agent"], !allowsAgent {
            throw agent.problem(
                "may not stand in a file given by --policy",
                "keep agent: in the repository's purser.yml"
            )
        }
        agent = try PolicyFile.agent(top["agent"])
        let word = try top["mode"]?.choice(of: Policy.Mode.allCases.map(\.rawValue))
        mode = word.flatMap(Policy.Mode.init(rawValue:))
        modeLine = top["mode"]?.line
        osv = try PolicyFile.osv(top["data"])
        rules = try RuleSettings(top["rules"])
        exemptions = try PolicyFile.exemptions(top["exempt"])
        session = try SessionSettings(top["session"])
        if osv == nil, let malware = rules.named[.malware], malware.onMissingData == .block,
            malware.action ?? .block > .allow
        {
            throw (malware.place ?? document).problem(
                "says on_missing_data: block, but no data is named, so that nothing at all would be let in",
                "name a snapshot under 'data: { osv: PATH }'"
            )
        }
    }

    private static func agent(_ section: YAMLValue?) throws(Problem) -> [AgentSetting] {
        var settings: [AgentSetting] = []
        guard let section else { return settings }
        for (key, value) in try section.map() { settings.append(try AgentSetting(key, value)) }
        return settings
    }

    private static func osv(_ section: YAMLValue?) throws(Problem) -> SnapshotPath? {
        guard let value = try section?.map(keys: ["osv"])["osv"] else { return nil }
        let path = try value.text()
        guard !path.utf8.contains(0) else { throw value.problem("has a NUL in it", "name a file or folder") }
        return SnapshotPath(path: path, line: value.line)
    }

    private static func exemptions(_ section: YAMLValue?) throws(Problem) -> [Exemption] {
        var exemptions: [Exemption] = []
        guard let section else { return exemptions }
        for entry in try section.list() { exemptions.append(try Exemption(entry)) }
        return exemptions
    }
}

/// Everything that decides verdicts, with no default left open.
struct EffectivePolicy {
    let mode: Policy.Mode
    let rules: [any Rule]
    let allowed: AllowRule?
    let exemptions: [Exemption]
    let session: SessionRules
    let notices: [Finding]
    let needsAdvisories: Bool
    let canonicalText: String
}
