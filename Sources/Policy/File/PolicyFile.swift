public import Core

/// A `purser.yml`, read and checked: the agent's settings, and the policy that the rest of the file makes.
public struct PolicyFile: Sendable {
    /// How the file is called in complaints.
    public let name: String
    public let agent: [AgentSetting]
    /// What `mode:` says; nil where it says nothing.
    public let mode: Policy.Mode?
    /// The OSV snapshot that `malware` looks into.
    public var osv: SnapshotPath? { data[.osv] }
    /// All data that it names.
    public let data: [Dataset: SnapshotPath]

    /// The texts it was made of, strongest first.
    public let layers: [Layer]
    let loosenable: [String: [String]]
    /// All layers in one.
    let document: YAMLValue?
    var request: ModeRequest?
    var rules: RuleSettings
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

    /// The policy in force, with the mode that a flag asks for.
    public func policy(overridingMode mode: Policy.Mode?) throws(Problem) -> Policy {
        try asking(for: mode.map { ModeRequest($0, place: "--mode") }).policy
    }

    /// The policy in force.
    public var policy: Policy { Policy(effective(mode: effectiveMode)) }

    var effectiveMode: Policy.Mode { request?.mode ?? mode ?? .audit }

    private init() {
        name = "built-in policy"
        agent = []
        mode = nil
        data = [:]
        layers = []
        loosenable = [:]
        document = nil
        rules = RuleSettings()
        exemptions = []
        session = SessionSettings()
    }

    /// One text by itself. `loosenable` is what the topmost text says; nil where this is the topmost.
    init(_ document: YAMLValue, allowsAgent: Bool, loosenable: [String]? = nil) throws(Problem) {
        let agent = document["agent"]
        if let agent, !allowsAgent {
            throw agent.problem(
                "may not stand in a file given by --policy",
                "keep agent: in the repository's purser.yml"
            )
        }
        let own = document["loosenable"]?.elements.map(\.plainText) ?? []
        try self.init(
            document,
            agent: PolicyFile.agent(agent),
            layers: [],
            loosenable: [document.file: own],
            mayBeEndless: (loosenable ?? own).contains("exempt.until")
        )
    }

    /// All layers together.
    init(
        _ document: YAMLValue,
        agent: [AgentSetting],
        layers: [Layer],
        loosenable: [String: [String]],
        mayBeEndless: Bool
    ) throws(Problem) {
        let top = try document.map(keys: ["version", "agent"] + PolicyField.file.dropFirst().map(\.key))
        guard let version = top["version"] else {
            throw document.problem("does not say which format it has", "add the line 'version: 1'")
        }
        guard try version.number(in: 0...1_000_000) == 1 else {
            throw version.problem(
                "is not a format that this program reads",
                "write 'version: 1', or use a newer purser"
            )
        }
        name = layers.last { $0.layer != .job }?.name ?? document.file
        self.agent = agent
        self.layers = layers
        self.loosenable = loosenable
        self.document = document
        let word = try top["mode"]?.choice(of: Policy.Mode.allCases.map(\.rawValue))
        mode = word.flatMap(Policy.Mode.init(rawValue:))
        try PolicyFile.checkLoosenable(top["loosenable"])
        data = try PolicyFile.data(top["data"])
        rules = try RuleSettings(top["rules"])
        exemptions = try PolicyFile.exemptions(top["exempt"], mayBeEndless)
        session = try SessionSettings(top["session"])
        if data[.osv] == nil, let malware = rules.named[.malware], malware.onMissingData == .block,
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

    private static func data(_ section: YAMLValue?) throws(Problem) -> [Dataset: SnapshotPath] {
        var paths: [Dataset: SnapshotPath] = [:]
        let named = try section?.map(keys: Dataset.allCases.map(\.rawValue)) ?? [:]
        for (key, value) in named {
            guard let dataset = Dataset(rawValue: key) else { continue }
            paths[dataset] = try SnapshotPath(value)
        }
        return paths
    }

    private static func exemptions(
        _ section: YAMLValue?,
        _ mayBeEndless: Bool
    ) throws(Problem) -> [Exemption] {
        var exemptions: [Exemption] = []
        guard let section else { return exemptions }
        for entry in try section.list() { exemptions.append(try Exemption(entry, mayBeEndless: mayBeEndless)) }
        return exemptions
    }

    /// A key that is mistyped there would loosen nothing, and nobody would know why.
    private static func checkLoosenable(_ section: YAMLValue?) throws(Problem) {
        let known = loosenableKeys
        for element in try section?.list() ?? [] {
            let key = try element.text()
            guard !known.contains(key) else { continue }
            let hint = nearestSpelling(of: key, among: known).map { "did you mean '\($0)'? " } ?? ""
            throw element.problem(
                "is '\(key)', which is no key of a policy",
                "\(hint)write a path such as mode, rules.min_age.days, session.gaps or exempt.min_age"
            )
        }
    }

    /// Every path that may stand under `loosenable:`.
    static var loosenableKeys: [String] {
        func paths(_ fields: [PolicyField], _ path: String) -> [String] {
            fields.flatMap { field in
                let key = path.isEmpty ? field.key : "\(path).\(field.key)"
                return [key] + paths(field.inner ?? [], key)
            }
        }
        let policy = PolicyField.file.filter { !["version", "loosenable"].contains($0.key) }
        return paths(policy, "") + ["exempt.until"]
            + RuleKey.exemptible.map { "exempt.\($0.rawValue)" }
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
