internal import Core
internal import Ecosystems
internal import Evidence
internal import Gateway
internal import Kernel
internal import Manifest
internal import Policy
internal import Upstream

/// A session's settings, read and checked once at the start.
struct Plan: Sendable {
    let options: Options
    let environment: [String: String]
    let folder: String
    let policy: Policy
    /// What it was made of.
    let policyFile: PolicyFile
    /// Where the policy came from, for people.
    let policySource: String
    /// The signed policy above the repository's own.
    let organisation: OutsidePolicy.Organisation?
    /// `--mode learn`: a policy is written from what the job does.
    let isLearning: Bool
    /// The policy's files in the working tree.
    let policyTexts: [(source: PolicySource, text: PolicyText)]
    /// The files that said what holds, as they were at the start.
    let settingFiles: [PolicyText]
    let datasets: Datasets
    let declared: [Gateway.DeclaredOrigin]
    let upstreams: [String: HTTPURL]
    let tunnels: Tunnels
    let registry: RegistryAddress?
    let wantsPush: Bool
    let isLocked: Bool
    let isOffline: Bool
    let isolation: Isolation
    let services: [Service]
    let ci: CIEnvironment?
    /// Seconds that a session of several steps may live.
    let lifetime: Int64
    private let earlier = EarlierManifest()

    /// Fetches what policy has to be fetched, then settles everything.
    static func prepare(_ invocation: Invocation) async throws(Problem) -> Plan {
        let settings = try Settings.read(invocation)
        return try make(settings, try await OutsidePolicy.fetch(settings, now: Clock.now))
    }

    /// The same where no verdict depends on it: policy from outside is not asked for.
    static func local(_ invocation: Invocation, loadsData: Bool = true) throws(Problem) -> Plan {
        try make(Settings.read(invocation), .none, loadsData: loadsData)
    }

    private static func make(
        _ settings: Settings,
        _ outside: OutsidePolicy,
        loadsData: Bool = true
    ) throws(Problem) -> Plan {
        let (options, environment) = (settings.options, settings.environment)
        let wantsPush = try options.flag("push")
        if wantsPush, settings.registry == nil {
            throw options.invalid("push", "needs a registry", "Add --registry URL, or leave --push away.")
        }
        let sources = try settings.sources(outside).adding(settings.asOf(Clock.now))
        let named = try PolicyFile.layered(sources.all, mode: settings.modeRequest())
        let paths = Datasets.paths(named) { sources.folders[$0] ?? "" }
        let datasets = try Datasets(named, at: paths, isLoading: loadsData)
        let file =
            try datasets.names.map { text throws(Problem) in
                try named.guarding(namesIn: text, of: paths[.names] ?? "")
            } ?? named
        return Plan(
            options: options,
            environment: environment,
            folder: settings.folder,
            policy: file.policy,
            policyFile: file,
            policySource: origin(sources, outside, settings),
            organisation: outside.organisation,
            isLearning: options.text("mode") == Settings.learning,
            policyTexts: sources.files,
            settingFiles: sources.files.map(\.text)
                + [settings.ownText].compactMap(\.self).filter { own in
                    !sources.files.contains { $0.text.path == own.path }
                },
            datasets: datasets,
            declared: try declared(options) + upstreams(options).map { mirror($0.key, $0.value) },
            upstreams: try upstreams(options),
            tunnels: try Tunnels(options, environment: environment),
            registry: settings.registry,
            wantsPush: wantsPush,
            isLocked: try options.flag("locked"),
            isOffline: try options.flag("offline"),
            isolation: try isolation(options, file.policy),
            services: try services(options),
            ci: CIEnvironment.detect(environment)?.reading(environment),
            lifetime: try Lifetime.seconds(options)
        )
    }

    /// Where the policy comes from, for people: what a commit can change is said to be so.
    private static func origin(_ sources: PolicySources, _ outside: OutsidePolicy, _ settings: Settings) -> String {
        let parts = sources.all.map { source in
            if let organisation = outside.organisation, organisation.source.name == source.name {
                return organisation.words
            }
            if source.layer == .organisation { return "organisation \(source.name)" }
            if source.layer == .job { return "job \(source.name)" }
            let path = settings.path(source.name)
            let isOwn = path.hasPrefix(settings.folder + "/") || outside.chosen?.name == source.name
            return isOwn ? "\(source.name) of the repository (can be changed by this commit)" : source.name
        }
        return parts.isEmpty ? "built-in rules" : parts.joined(separator: ", then ")
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
        return try earlier.read(bytes, named: name)
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
        facts.advisories = datasets.advisories(of: pin.release, compare: compare)
        facts.stale = datasets.stale(facts.now)
        facts.reputation = datasets.reputation(of: release, compare: compare)
        return policy.judge(facts).withoutMissingData
    }

    /// A word for each of the data that are too old to be relied on.
    func staleNotices(_ now: Timestamp) -> [String] {
        datasets.stale(now).map { "the data under data.\($0.key.rawValue) \($0.value)" }.sorted()
    }

    var osvPath: String? { path(of: .osv) }

    func path(of dataset: PolicyFile.Dataset) -> String? { datasets.paths[dataset] }

    /// A path as the user gave it, below the working folder.
    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }

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
