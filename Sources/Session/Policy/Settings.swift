internal import Core
internal import Kernel
internal import Policy

/// The options of a call and the repository's own file, before anything is fetched.
struct Settings: Sendable {
    let options: Options
    let environment: [String: String]
    let folder: String
    /// `purser.yml` of the working folder.
    let ownText: PolicyText?
    let registry: RegistryAddress?

    static func read(_ invocation: Invocation) throws(Problem) -> Settings {
        guard !invocation.folder.isEmpty else {
            throw Problem(
                .configUnreadable,
                subject: "the working folder",
                summary: "was removed",
                remedy: "Change to a folder that is there."
            )
        }
        let ownText = try PolicyText.read("\(invocation.folder)/purser.yml", isRequired: false)
        let own = try ownText.map { file throws(Problem) in
            try PolicyFile.agentSettings(in: file.text, name: "purser.yml")
        }
        let settings = (own ?? []).map { FileSetting($0) }
        let options = try Options.resolve(
            flags: invocation.flags,
            environment: invocation.environment,
            file: settings
        )
        return Settings(
            options: options,
            environment: invocation.environment,
            folder: invocation.folder,
            ownText: ownText,
            registry: try options.text("registry").map { text throws(Problem) in
                try RegistryAddress(text, token: options.token(invocation.environment))
            }
        )
    }

    /// A path as the user gave it, below the working folder.
    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }

    /// What `--mode` asks for; learning reports like audit.
    func modeRequest() throws(Problem) -> ModeRequest? {
        guard options.text("mode") != nil else { return nil }
        let word = try options.choice("mode", of: Policy.Mode.allCases.map(\.rawValue) + [Settings.learning])
        return ModeRequest(Policy.Mode(rawValue: word) ?? .audit, place: place(of: "mode"))
    }

    /// What `--as-of` asks for: the lowest layer of policy.
    func asOf(_ now: Timestamp) throws(Problem) -> PolicySource? {
        guard let text = options.text("as-of") else { return nil }
        guard let time = Settings.time(text, now) else {
            throw options.invalid(
                "as-of",
                "is neither a day nor a time",
                "Write a day (2026-03-01, from its start in UTC), a time (2026-03-01T12:00:00Z) or days before now (30d)."
            )
        }
        let policy = "{ version: 1, rules: { as_of: { time: \(time) } } }"
        return PolicySource(.job, name: place(of: "as-of"), text: policy)
    }

    private static func time(_ text: String, _ now: Timestamp) -> Timestamp? {
        guard text.hasSuffix("d") else { return Timestamp(rfc3339: text) }
        let digits = text.dropLast()
        guard (1...5).contains(digits.count), let days = Int64(digits), days >= 0 else { return nil }
        return Timestamp(seconds: now.seconds - days * 86_400)
    }

    private func place(of option: String) -> String {
        switch options.source(option) {
        case .flag, .fallback: "--\(option)"
        case .environment(let name): name
        case .file(let place): place
        }
    }

    static let learning = "learn"

    /// The texts that the policy is made of, strongest first, and where files named in them lie.
    func sources(_ outside: OutsidePolicy) throws(Problem) -> PolicySources {
        var sources = PolicySources()
        if let organisation = outside.organisation { sources.add(organisation.source, folder: nil, file: nil) }
        if let chosen = outside.chosen {
            sources.add(chosen, folder: nil, file: nil)
        } else if let name = options.text("policy") {
            // An address of which nothing was fetched is for a verb that judges nothing.
            guard !name.hasPrefix("http://"), !name.hasPrefix("https://"),
                let text = try PolicyText.read(path(name), isRequired: true)
            else { return sources }
            let full = path(name)
            let parent = full[..<(full.lastIndex(of: "/") ?? full.endIndex)]
            sources.add(PolicySource(.repository, name: name, text: text.text), folder: String(parent), file: text)
        } else if let ownText {
            let source = PolicySource(.repository, name: "purser.yml", text: ownText.text, allowsAgent: true)
            sources.add(source, folder: folder, file: ownText)
        }
        return sources
    }
}

/// The texts of a policy and what belongs to each.
struct PolicySources: Sendable {
    private(set) var all: [PolicySource] = []
    /// The folder that relative paths start from, by the text's name.
    private(set) var folders: [String: String] = [:]
    /// Those that lie in the working tree.
    private(set) var files: [(source: PolicySource, text: PolicyText)] = []

    /// With a lower layer, where there is one.
    func adding(_ source: PolicySource?) -> PolicySources {
        var sources = self
        if let source { sources.add(source, folder: nil, file: nil) }
        return sources
    }

    mutating func add(_ source: PolicySource, folder: String?, file: PolicyText?) {
        all.append(source)
        folders[source.name] = folder
        if let file { files.append((source, file)) }
    }
}

extension Options {
    func token(_ environment: [String: String]) throws(Problem) -> Secret? {
        guard let path = text("token-file") ?? environment["PURSER_TOKEN_FILE"], !path.isEmpty else {
            // CI systems set the variable of a secret that a job may not have to nothing.
            let text = (environment["PURSER_TOKEN"] ?? "").trimmingEnd
            return text.isEmpty ? nil : Secret(String(text))
        }
        let text: String
        do { text = String(decoding: try Files.readAll(path, limit: 4_096), as: UTF8.self) } catch {
            throw invalid("token-file", "could not be read (\(error))", "Check the file's name and permissions.")
        }
        guard !text.trimmingEnd.isEmpty else {
            throw invalid("token-file", "holds no token", "Check what writes it.")
        }
        return Secret(String(text.trimmingEnd))
    }
}
