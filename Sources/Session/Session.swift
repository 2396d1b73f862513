internal import Core
internal import Ecosystems
internal import Evidence
internal import Gateway
internal import Isolation
internal import JSONText
internal import Kernel
internal import Manifest
internal import Policy
internal import Proxy
internal import Storage
internal import Synchronization
internal import Upstream

/// One agent run around one job: everything that is up while the command runs.
final class Session: Sendable {
    let plan: Plan
    let paths: SessionPaths
    let identifier: String
    let started: Timestamp
    let stores: Gateway.Stores
    let journal: Journal
    let recorder: SessionRecorder
    let gateway: Gateway
    let proxy: ProxyServer
    let clients: ClientSetup
    let sudo: Sudo?
    let lockfiles: ProjectLockfiles
    /// What the command may find of earlier runs.
    let restored: [RestoredStore]
    let secret: Secret
    let canaryNonce: String
    /// What a person should know of the start.
    let notices: [String]
    private let confined = Mutex(Confinement.none)

    private init(
        _ plan: Plan,
        _ ground: Ground,
        gateway: Gateway,
        proxy: ProxyServer,
        clients: ClientSetup,
        watch: (lockfiles: ProjectLockfiles, notice: String?)
    ) {
        self.plan = plan
        self.gateway = gateway
        self.proxy = proxy
        sudo = Sudo.start(clients, ground.paths, plan.environment)
        self.clients = sudo.map { clients.looking(first: $0.folder) } ?? clients
        lockfiles = watch.lockfiles
        restored = RestoredStore.found(plan.environment, lockfileFolders: watch.lockfiles.folders)
        notices = clients.notices + [watch.notice].compactMap(\.self) + plan.staleNotices(ground.started)
        paths = ground.paths
        identifier = ground.identifier
        started = ground.started
        stores = ground.stores
        journal = ground.journal
        recorder = ground.recorder
        secret = ground.secret
        canaryNonce = ground.nonce
    }

    /// Sets everything up; then the listener answers and the command may start. `folder` is one of `SessionPaths.fresh`.
    static func start(
        _ plan: Plan,
        replaying replay: ReplaySource? = nil,
        in folder: String? = nil
    ) async throws(Problem) -> Session {
        let ground = try Ground.prepare(plan, isReplay: replay != nil, folder: folder)
        do throws(Problem) {
            // Before anything else opens a connection: a bundle that cannot be read is the user's to mend.
            let trusted = try TrustBundle.named(in: plan.environment)
            async let scanned = ProjectLockfiles.scan(folder: plan.folder, environment: plan.environment)
            let authority = try SessionAuthority(now: ground.started)
            let upstream = try SessionUpstream.make(plan, replay)
            let gateway = Gateway(
                try gatewayConfiguration(plan, replay, ground),
                upstream: upstream,
                stores: ground.stores,
                recorder: ground.recorder
            )
            let proxy = try await ProxyServer.start(
                configuration: proxyConfiguration(plan, ground, hasNetwork: !plan.isOffline && replay == nil),
                authority: authority,
                responder: gateway,
                onEvent: { ground.recorder.note($0) }
            )
            let clients = try clientSetup(plan, ground, proxy, (trusted, authority))
            let lockfiles = await scanned
            for file in lockfiles.found { gateway.learn(file.pins, from: file.path) }
            if let replay { gateway.learn(replay.pins, from: Gateway.ownManifest) }
            // Inputs of the committed manifest are claims too: what came in last time is what is expected now.
            let earlier = try plan.earlierManifest()
            if let pins = earlier.manifest?.pins { gateway.learn(pins, from: Gateway.ownManifest) }
            let watch = (lockfiles, earlier.notice)
            return Session(plan, ground, gateway: gateway, proxy: proxy, clients: clients, watch: watch)
        } catch {
            ground.paths.remove()
            throw error
        }
    }

    /// How the command is kept from going round us.
    var confinement: Confinement { confined.withLock { $0 } }

    func confine(_ confinement: Confinement) { confined.withLock { $0 = confinement } }

    /// Waits for what was begun and is needed before the command starts.
    func settle() async throws(Problem) { try await sudo?.settle(isFenced: confinement.isFence) }

    /// Writes down what only the command's end shows.
    func commandEnded() {
        if sudo?.wasMissed ?? false {
            let detail = "a sudo that keeps no variables was called"
            recorder.keep(JournalEvent.gap(kind: "sudo", host: "localhost", detail: detail, at: Clock.now))
        }
        // A journal that cannot be read fails the papers, which read it again.
        guard !restored.isEmpty, let events = try? Journal.read(paths.journal).events,
            let book = try? RecordBook(events)
        else { return }
        let check = RestoredCheck(
            stores: restored,
            lockfiles: lockfiles,
            started: started,
            cache: stores.cache,
            judge: { [plan] in plan.verdict(onRestored: $0, $1) }
        )
        for event in check.events(book, at: Clock.now) { recorder.keep(event) }
    }

    /// Closes the listener and removes the session's folder, or what is not to be kept of it. The journal must have
    /// been read before.
    func end(keeping kept: Set<String> = []) async {
        await sudo?.end()
        await proxy.stop()
        if kept.isEmpty { paths.remove() } else { paths.clear(keeping: kept) }
        SessionPaths.sweep(plan.environment)
    }

    /// `127.0.0.1:PORT`: what must not turn up in a lockfile.
    var address: String { "127.0.0.1:\(proxy.port)" }

    static func gatewayConfiguration(_ plan: Plan, _ replay: ReplaySource?, _ ground: Ground) throws(Problem)
        -> Gateway.Configuration
    {
        var configuration = Gateway.Configuration(
            ecosystems: Catalog.all,
            declared: plan.declared,
            policy: plan.policy,
            now: { Clock.now }
        )
        configuration.answerScope = plan.upstreams.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n")
        configuration.mirrored = Set(plan.upstreams.keys)
        configuration.isOffline = plan.isOffline
        configuration.isReplay = replay != nil
        configuration.allowsPublishing = plan.policy.session.publish == .allow
        configuration.lock = try plan.lock()
        configuration.witness = GitWitness(
            folder: ground.paths.session,
            path: plan.environment["PATH"] ?? "/usr/bin:/bin"
        )
        let late = LatePins(folder: plan.folder, environment: plan.environment)
        configuration.latePins = { url, ecosystem in await late.pins(for: url, ecosystem) }
        plan.datasets.configure(&configuration)
        return configuration
    }

    private static func proxyConfiguration(_ plan: Plan, _ ground: Ground, hasNetwork: Bool) -> ProxyConfiguration {
        let origins = Catalog.all.reduce(into: [:]) { $0[$1.type] = $1.defaultOrigin }
        var configuration = ProxyConfiguration(
            secret: ground.secret,
            destination: { [tunnels = plan.tunnels] host, port in
                guard tunnels.covers(host, port) else { return .intercept }
                return hasNetwork ? .tunnel : .refuse(withoutNetwork(host))
            },
            defaultOrigin: { type in origins[type] },
            owner: { ends in
                SocketOwner.uid(ofPeerPort: ends.clientPort, localPort: ends.serverPort)
            }
        )
        configuration.allowedUIDs = [ProcessIdentity.uid, ProcessIdentity.effectiveUID]
        // A Java machine cannot send the secret; what the kernel says of the sender has to do.
        configuration.allowsUnauthenticatedOwners = JavaClients.areHere(plan.environment)
        configuration.canary = ground.nonce
        let showing = Set(Catalog.all.filter(\.clientsShowBody).flatMap(\.hosts))
        configuration.prefersHTTP2 = { showing.contains($0) }
        configuration.tunnelPorts = plan.tunnels.ports
        configuration.localHosts = plan.tunnels.namedHosts
        configuration.outwardProxy = { [tunnels = plan.tunnels] in tunnels.outwardProxy(to: $0, port: $1) }
        return configuration
    }

    private static func withoutNetwork(_ host: String) -> Problem {
        Problem(
            .upstreamRefused,
            subject: host,
            summary:
                "is passed on unread (--tunnel), so that it is in no cache and no record, and this run has no network",
            remedy: "Leave --offline away, or the host out of what the command needs."
        )
    }

    private static func clientSetup(
        _ plan: Plan,
        _ ground: Ground,
        _ proxy: ProxyServer,
        _ trust: (bundle: [UInt8], authority: SessionAuthority)
    ) throws(Problem) -> ClientSetup {
        let intercept = try plan.options.choice("intercept", of: ["auto", "proxy", "registry"])
        let endpoint = Endpoint(
            mode: intercept == "registry" ? .registry : .intercept,
            host: "127.0.0.1",
            port: proxy.port,
            secret: ground.secret.reveal(),
            folder: ground.paths.clients,
            environment: plan.environment,
            clients: ClientSetup.clients(onPath: plan.environment["PATH"] ?? "")
        )
        let own = Array(trust.authority.certificatePEM.utf8)
        do throws(SystemError) {
            try Files.writeAtomically(endpoint.trustBundle, trust.bundle + own, mode: 0o644, durably: false)
            try Files.writeAtomically(endpoint.authority, own, mode: 0o644, durably: false)
        } catch {
            throw StorageError.failed(path: ground.paths.clients, what: "\(error)").problem
        }
        return try ClientSetup.prepare(
            endpoint,
            passing: plan.options.list("pass-env"),
            trust: trust.bundle + own
        )
    }
}

/// The wall clock, at the edge.
enum Clock {
    static var now: Timestamp { Timestamp(seconds: ProcessIdentity.wallClock().seconds) }
}

/// What has to be there before anything can be recorded.
struct Ground: Sendable {
    let paths: SessionPaths
    let identifier: String
    let started: Timestamp
    let stores: Gateway.Stores
    let journal: Journal
    let recorder: SessionRecorder
    let secret: Secret
    let nonce: String

    static func prepare(_ plan: Plan, isReplay: Bool, folder: String? = nil) throws(Problem) -> Ground {
        let level = SessionPaths.level(ci: plan.ci, folder: plan.folder)
        let cache = isReplay ? "off" : plan.options.text("cache")
        let paths = try SessionPaths.make(cache: cache, environment: plan.environment, level: level, folder: folder)
        let news: DenialNews
        do throws(Problem) { news = try DenialNews(plan, now: { Clock.now }) } catch {
            paths.remove()
            throw error
        }
        do throws(StorageError) {
            let stores = Gateway.Stores(
                cache: try BlobStore(folder: paths.blobs),
                record: try BlobStore(folder: paths.record),
                answers: try paths.answers.map { folder throws(StorageError) in try AnswerCache(folder: folder) }
            )
            let journal = try Journal.create(paths.journal)
            let random = try random(40)
            let secret = Hex.encode(random[8..<24])
            let steps = StepLedger(secrets: Redaction.secrets(in: plan.environment) + [secret])
            return Ground(
                paths: paths,
                identifier: Hex.encode(random[..<8]),
                started: Clock.now,
                stores: stores,
                journal: journal,
                recorder: SessionRecorder(
                    journal: journal,
                    stores: stores,
                    news: news,
                    steps: steps,
                    now: { Clock.now }
                ),
                secret: Secret(secret),
                nonce: Hex.encode(random[24...])
            )
        } catch {
            paths.remove()
            throw error.problem
        }
    }

    private static func random(_ count: Int) throws(StorageError) -> [UInt8] {
        do throws(SystemError) { return try ProcessIdentity.randomBytes(count) } catch {
            throw .failed(path: "getrandom", what: "\(error)")
        }
    }
}
