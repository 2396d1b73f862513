internal import Core
internal import Ecosystems
internal import Gateway
internal import Kernel
internal import Knowledge
internal import Manifest
internal import Policy
internal import Upstream

/// A session's settings, read and checked once at the start.
struct Plan: Sendable {
    let options: Options
    let environment: [String: String]
    let folder: String
    let policy: Policy
    /// Where the policy came from, for people.
    let policySource: String
    /// The files that said what holds, as they were at the start.
    let settingFiles: [PolicyText]
    let malware: MalwareSnapshot?
    let declared: [Gateway.DeclaredOrigin]
    let upstreams: [String: HTTPURL]
    let registry: RegistryAddress?
    let wantsPush: Bool
    let isLocked: Bool
    let isOffline: Bool
    let ci: CIEnvironment?
    /// Seconds that a session of several steps may live.
    let lifetime: Int64

    static func make(_ invocation: Invocation) throws(Problem) -> Plan {
        let environment = invocation.environment
        try checkFolder(invocation.folder)
        let ownFile = try PolicyText.read("\(invocation.folder)/purser.yml", isRequired: false)
        let agent = try ownFile.map { file throws(Problem) in try PolicyFile.parse(file.text, name: "purser.yml") }
        let settings = (agent?.agent ?? []).map {
            FileSetting(key: $0.key, values: $0.values, place: "\($0.file) line \($0.line)")
        }
        let options = try Options.resolve(flags: invocation.flags, environment: environment, file: settings)
        let chosen = try policyFile(options, agent, invocation.folder)
        let mode = try mode(options)
        let registry = try options.text("registry").map { text throws(Problem) in
            try RegistryAddress(text, token: token(options, environment))
        }
        let wantsPush = try options.flag("push")
        if wantsPush, registry == nil {
            throw options.invalid("push", "needs a registry", "Add --registry URL, or leave --push away.")
        }
        try checkTier(options)
        return Plan(
            options: options,
            environment: environment,
            folder: invocation.folder,
            policy: try chosen.file?.policy(overridingMode: mode) ?? .builtIn(mode: mode ?? .audit),
            policySource: chosen.source,
            settingFiles: [ownFile, chosen.text].compactMap(\.self),
            malware: try snapshot(chosen.file, chosen.folder),
            declared: try declared(options) + upstreams(options).map { mirror($0.key, $0.value) },
            upstreams: try upstreams(options),
            registry: registry,
            wantsPush: wantsPush,
            isLocked: try options.flag("locked"),
            isOffline: try options.flag("offline"),
            ci: CIEnvironment.detect(environment)?.reading(environment),
            lifetime: try Lifetime.seconds(options)
        )
    }

    private static func checkFolder(_ folder: String) throws(Problem) {
        guard !folder.isEmpty else {
            throw Problem(
                .configUnreadable,
                subject: "the working folder",
                summary: "was removed",
                remedy: "Change to a folder that is there."
            )
        }
    }

    private static func checkTier(_ options: Options) throws(Problem) {
        if try options.choice("isolation", of: ["none", "auto", "fence", "seal"]) != "none" {
            throw options.invalid(
                "isolation",
                "is not offered by this build of Purser",
                "Use --isolation none; the run report says what that covers."
            )
        }
    }

    /// What earlier runs left at `--manifest`. A file that cannot be read is as good as none, with a word of warning,
    /// except where the run stands on it.
    func earlierManifest() throws(Problem) -> (manifest: BuildManifest?, notice: String?) {
        do throws(Problem) { return (try ownManifest(), nil) } catch {
            if isLocked || isOffline { throw error }
            return (nil, "\(error.subject) \(error.summary); it was taken for absent")
        }
    }

    /// The manifest at `--manifest`; nil where there is none.
    func ownManifest() throws(Problem) -> BuildManifest? {
        let name = options.text("manifest") ?? "purser.lock"
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path(name), limit: 64 << 20) } catch {
            if error.isMissing { return nil }
            throw options.invalid("manifest", "could not be read (\(error))", "Check the file's permissions.")
        }
        return try BuildManifest.read(bytes, named: name)
    }

    /// What may come in under `--locked`.
    func lock() throws(Problem) -> Gateway.Lock? {
        guard isLocked else { return nil }
        guard let manifest = try ownManifest() else {
            throw options.invalid(
                "manifest",
                "is not there, and --locked obeys it",
                "Run once without --locked and commit purser.lock."
            )
        }
        return Gateway.Lock(
            digests: Set(manifest.inputs.flatMap(\.digests)),
            releases: Set(manifest.inputs.map(\.purl.release))
        )
    }

    /// Refuses what this build cannot give: better no job than one that is thought to be isolated.
    func checkIsolation() throws(Problem) {
        guard policy.mode == .enforce, policy.session.isolation > .none else { return }
        throw Problem(
            .policyDenied,
            subject: "session.isolation: \(policy.session.isolation.rawValue)",
            summary: "is more than this build of Purser can give (none), so the command was not started",
            remedy: "Have session.isolation in \(policySource) lowered, or run the job in audit mode.",
            rule: "session.isolation"
        )
    }

    /// What policy says of a file from a store of an earlier run: only what can be known of it without its index, for
    /// what is missing is the store's lack and not the package's.
    func verdict(onRestored pin: Pin, _ digest: Digest) -> Verdict {
        let ecosystem = Catalog.all.first { $0.type == pin.release.type }
        let compare: @Sendable (String, String) -> Int? = { ecosystem?.compare($0, $1) }
        let origin = pin.url?.origin ?? ecosystem?.defaultOrigin ?? Origin(.https, "restored.invalid")
        var release = Release(purl: pin.release)
        release.published = pin.published
        var facts = Facts(release: release, origin: origin, type: pin.release.type, now: Clock.now, compare: compare)
        facts.claims = pin.digests.map { DigestClaim(by: "lockfile", digest: $0) }
        facts.advisories = malware?.advisories(for: pin.release, compare: compare).map {
            Advisory(id: $0.id, isMalware: $0.isMalware, summary: $0.summary)
        }
        return policy.judge(facts).withoutMissingData
    }

    /// A path as the user gave it, below the working folder.
    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }

    private static func mode(_ options: Options) throws(Problem) -> Policy.Mode? {
        guard options.text("mode") != nil else { return nil }
        return Policy.Mode(rawValue: try options.choice("mode", of: Policy.Mode.allCases.map(\.rawValue)))
    }

    private static func policyFile(
        _ options: Options,
        _ own: PolicyFile?,
        _ folder: String
    ) throws(Problem) -> (file: PolicyFile?, source: String, folder: String, text: PolicyText?) {
        guard let path = options.text("policy") else {
            let source = own == nil ? "built-in rules" : "purser.yml (repository: this commit can change it)"
            return (own, source, folder, nil)
        }
        let full = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        guard let text = try PolicyText.read(full, isRequired: true) else {
            return (nil, path, folder, nil)
        }
        let parent = full[..<(full.lastIndex(of: "/") ?? full.endIndex)]
        return (try PolicyFile.parse(text.text, name: path, allowsAgent: false), path, String(parent), text)
    }

    private static func snapshot(_ file: PolicyFile?, _ folder: String) throws(Problem) -> MalwareSnapshot? {
        guard let path = file?.osv?.path else { return nil }
        return try MalwareSnapshot.load(path: path.hasPrefix("/") ? path : "\(folder)/\(path)")
    }

    private static func token(_ options: Options, _ environment: [String: String]) throws(Problem) -> Secret? {
        guard let path = options.text("token-file") ?? environment["PURSER_TOKEN_FILE"] else {
            return environment["PURSER_TOKEN"].map { Secret($0) }
        }
        do {
            let text = String(decoding: try Files.readAll(path, limit: 4_096), as: UTF8.self)
            return Secret(String(text.trimmingEnd))
        } catch {
            throw options.invalid(
                "token-file",
                "could not be read (\(error))",
                "Check the file's name and permissions."
            )
        }
    }

    private static func declared(_ options: Options) throws(Problem) -> [Gateway.DeclaredOrigin] {
        var declared: [Gateway.DeclaredOrigin] = []
        for text in options.list("origin") {
            let (type, url) = try typed(text, "origin", options)
            declared.append(Gateway.DeclaredOrigin(ecosystem: type, prefix: url))
        }
        return declared
    }

    /// A mirror may print its own address into its documents; what clients then ask there is of the same ecosystem.
    private static func mirror(_ type: String, _ url: HTTPURL) -> Gateway.DeclaredOrigin {
        Gateway.DeclaredOrigin(ecosystem: String(type.prefix { $0 != ":" }), prefix: url)
    }

    private static func upstreams(_ options: Options) throws(Problem) -> [String: HTTPURL] {
        var upstreams: [String: HTTPURL] = [:]
        for text in options.list("upstream") {
            let (type, url) = try typed(text, "upstream", options)
            guard upstreams.updateValue(url, forKey: type) == nil else {
                throw options.invalid("upstream", "names \(type) twice", "Give one upstream for each type.")
            }
        }
        return upstreams
    }

    private static func typed(_ text: String, _ option: String, _ options: Options) throws(Problem) -> (String, HTTPURL)
    {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let type = parts.first ?? ""
        let known = type.split(separator: ":").first.map(String.init) ?? ""
        guard parts.count == 2, Catalog.all.contains(where: { $0.type == known }) else {
            let types = Catalog.all.map(\.type).joined(separator: ", ")
            throw options.invalid(option, "is not TYPE=URL", "TYPE is one of \(types).")
        }
        do { return (type, try HTTPURL(parts[1])) } catch {
            throw options.invalid(option, error.what, "Give an absolute http or https URL without user and password.")
        }
    }
}

extension String {
    /// Without white space and line ends behind the text.
    var trimmingEnd: Substring {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
