internal import Core
internal import Ecosystems
internal import Kernel

/// Leads the command's package managers to the agent: environment variables, and files for clients that need one.
struct ClientSetup: Sendable {
    /// The command's environment.
    let environment: [String: String]
    /// What was changed or added, by name: what `purser env` would print.
    let changed: [String: String]
    /// What a person should know of it.
    let notices: [String]

    /// Variables that hold secrets of ours or of the CI system and that a build has no need of.
    static let secretVariables = [
        "PURSER_SIGNING_KEY", "PURSER_TOKEN", "PURSER_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL", "PURSER_WEBHOOK", "PURSER_WEBHOOK_SECRET",
    ]

    static func prepare(
        _ endpoint: Endpoint,
        passing: [String],
        trust bundle: [UInt8]
    ) throws(Problem) -> ClientSetup {
        let environment = endpoint.environment
        var settings = ClientSettings()
        // The catalog ends with the codec that has the general settings; the particular ones must win over them.
        for ecosystem in Catalog.all.reversed() { settings.merge(ecosystem.clientSettings(for: endpoint)) }
        for file in settings.files {
            do {
                try Files.writeAtomically(
                    "\(endpoint.folder)/\(file.name)",
                    ClientSetup.contents(file),
                    mode: file.extending == nil ? 0o644 : 0o600,
                    durably: false
                )
            } catch {
                throw Problem(
                    .storageFull,
                    subject: "\(endpoint.folder)/\(file.name)",
                    summary: "could not be written (\(error))",
                    remedy: "Free space in the temporary folder, or set TMPDIR to another one."
                )
            }
        }
        let noProxy = settings.environment["no_proxy"] ?? ""
        let java = try JavaClients.prepare(endpoint, trust: bundle, noProxy: noProxy)
        settings.environment.merge(java.environment) { _, new in new }
        var command = environment.merging(settings.environment) { _, new in new }
        command["PURSER_SESSION"] = endpoint.folder
        for name in secretVariables where !passing.contains(name) { command[name] = nil }
        let changed = command.filter { environment[$0.key] != $0.value }
        return ClientSetup(environment: command, changed: changed, notices: java.notices)
    }

    private static func contents(_ file: ClientSettings.File) -> [UInt8] {
        let own = file.extending.flatMap { try? Files.readAll($0, limit: 1 << 20) } ?? []
        return Array(file.contents(after: String(decoding: own, as: UTF8.self)).utf8)
    }

    /// The same, with a folder that the command looks into before all others.
    func looking(first folder: String) -> ClientSetup {
        var environment = environment
        var changed = changed
        let path = environment["PATH"].map { "\(folder):\($0)" } ?? folder
        environment["PATH"] = path
        changed["PATH"] = path
        return ClientSetup(environment: environment, changed: changed, notices: notices)
    }

    /// Programs on PATH that a setting may depend on.
    static func clients(onPath path: String) -> Set<String> {
        let names = [
            "pip", "pip3", "uv", "npm", "yarn", "pnpm", "apt-get", "cargo", "go", "java", "mvn", "git", "wget", "curl",
            "ruby", "gem", "bundle",
        ]
        let folders = path.split(separator: ":").map(String.init)
        return Set(names.filter { name in folders.contains { Files.exists("\($0)/\(name)") } })
    }
}
