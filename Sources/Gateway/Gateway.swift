public import Core
public import Policy
public import Storage
public import Upstream

/// Answers one client request, whoever asks: the agent's proxy and the registry alike.
///
/// Policy sits here and nowhere else. It is asked for an index and again for the bytes, on every route.
public final class Gateway: Responder {
    let configuration: Configuration
    let upstream: any Upstream
    let stores: Stores
    let recorder: any Recorder
    let memory = IndexMemory()
    let indexes = Coalescer<IndexKey, PreparedIndex>()
    let prepared = PreparedIndexes()
    let hot = HotArtifacts()
    let lookAhead = LookAhead()
    let fetches = Fetches()
    let conversations = Coalescer<String, ConversationAnswer>()
    let recorded = RecordedOnce()
    let tokens = Tokens()
    let signatures = Signatures()

    public init(
        _ configuration: Configuration,
        upstream: any Upstream,
        stores: Stores,
        recorder: any Recorder
    ) {
        self.configuration = configuration
        self.upstream = upstream
        self.stores = stores
        self.recorder = recorder
    }

    /// What stays the same for the life of a gateway.
    public struct Configuration: Sendable {
        /// In catalog order; the last takes what no other claims.
        public var ecosystems: [any Ecosystem]
        /// Traffic under these prefixes is of this ecosystem, before the catalog's hosts; longest prefix wins.
        public var declared: [DeclaredOrigin]
        public var policy: Policy
        /// Known malware and advisories of a release; nil where no snapshot is loaded, or it cannot be read any more.
        public var advisories: (@Sendable (Purl, @escaping @Sendable (String, String) -> Int?) -> [Advisory]?)?
        /// The data that are too old, each with why what they do not name may be missing for that; nil where none has an age.
        public var stale: (@Sendable (Timestamp) -> [PolicyFile.Dataset: String])?
        /// What lists on disk say of a release; nil where there are none.
        public var reputation: (@Sendable (Release, @escaping @Sendable (String, String) -> Int?) -> Reputation?)?
        public var now: @Sendable () -> Timestamp
        /// Names the upstreams in use: cached answers are given only where they were got from the same ones.
        public var answerScope = ""
        /// Answers come from the caches only.
        public var isOffline = false
        /// Answers come from a record: indexes are taken as they were printed then.
        public var isReplay = false
        /// `--locked`: what may come in.
        public var lock: Lock?
        /// Asked for an artifact that nobody has claimed yet: what lockfiles written meanwhile, or lists of this
        /// machine's package manager, say of it. Each answer comes with the name of who says so.
        public var latePins: (@Sendable (HTTPURL, any Ecosystem) async -> [(lockfile: String, pins: [Pin])])?
        /// Looks into what git brings; nil lets no objects through.
        public var witness: (any ConversationWitness)?
        /// Checks signatures over a file; nil where nobody gave keys to check them by.
        public var signatures: (@Sendable (SignedFile) -> SignatureFindings)?
        /// Ecosystems whose public hosts are not asked, since the job names a registry of its own in their place.
        public var mirrored: Set<String> = []
        /// Publications pass under `enforce` too.
        public var allowsPublishing = false
        /// Bodies that arrive whole within this time are given out only after verification.
        public var patience = Duration.seconds(2)
        /// How long the first retry of a body waits; the later ones wait twice as long each.
        public var pause = Duration.milliseconds(200)

        public init(
            ecosystems: [any Ecosystem],
            declared: [DeclaredOrigin] = [],
            policy: Policy,
            now: @escaping @Sendable () -> Timestamp
        ) {
            self.ecosystems = ecosystems
            self.declared = declared
            self.policy = policy
            self.now = now
        }
    }

    /// An origin, with a path prefix, that is said to be of an ecosystem.
    public struct DeclaredOrigin: Hashable, Sendable {
        public let ecosystem: String
        public let prefix: HTTPURL

        public init(ecosystem: String, prefix: HTTPURL) {
            self.ecosystem = ecosystem
            self.prefix = prefix
        }
    }

    /// The inputs of a manifest that is obeyed.
    public struct Lock: Sendable {
        public let digests: Set<Digest>
        public let releases: Set<Purl>

        public init(digests: Set<Digest>, releases: Set<Purl>) {
            self.digests = digests
            self.releases = releases
        }
    }

    /// Where bytes are kept.
    public struct Stores: Sendable {
        /// Blobs with a known digest; shared with later jobs.
        public let cache: BlobStore
        /// Index answers and bytes that nobody had claimed: only replay reads them.
        public let record: BlobStore
        /// Notes about cached answers; nil keeps nothing for later jobs.
        public let answers: AnswerCache?

        public init(cache: BlobStore, record: BlobStore, answers: AnswerCache?) {
            self.cache = cache
            self.record = record
            self.answers = answers
        }
    }

    /// The claimant under which the inputs of an earlier manifest are learnt.
    public static let ownManifest = "purser.lock"

    /// Adds what a project lockfile pins. May be called while requests run.
    public func learn(_ pins: [Pin], from lockfile: String) { memory.learn(pins, from: lockfile) }

    public func respond(to request: ClientRequest) async -> Reply {
        if let reply = replyAtHand(to: request) ?? refusalInAddress(request.request) { return reply }
        let (ecosystem, reading) = route(request)
        return await answer(request, ecosystem, reading).adding(ecosystem.answerFields)
    }

    private func answer(_ request: ClientRequest, _ ecosystem: any Ecosystem, _ reading: Result<Intent?, Problem>)
        async -> Reply
    {
        do throws(Problem) {
            guard let intent = try reading.get() else {
                throw Problem(
                    .notFound,
                    subject: request.request.url.redacted,
                    summary: "is not part of the \(ecosystem.type) protocol",
                    remedy: "Check the registry address that the client is set to."
                )
            }
            return try await answer(intent, exchange(request, ecosystem))
        } catch {
            if let reply = leadToRefusal(error, request.request, ecosystem) { return reply }
            return reply(for: error, in: ecosystem, isHead: request.request.method == "HEAD")
        }
    }

    /// A file that was judged and recorded for the same question within this second goes out at once.
    public func replyAtHand(to request: ClientRequest) -> Reply? {
        guard request.request.method == "GET", case .none = request.body else { return nil }
        let key = HotArtifacts.Key(request, credential: credential(request.headers))
        guard let found = hot.artifact(for: key, at: configuration.now(), learnt: memory.learnt),
            recorder.countAgain(ecosystem: found.ecosystem.type, client: request.request.userAgent)
        else { return nil }
        let exchange = Exchange(client: request, ecosystem: found.ecosystem, credential: key.credential)
        return Replies.artifact(found.blob, label: found.label, exchange, ignoringRange: false)
            .adding(found.ecosystem.answerFields)
    }

    private func answer(_ intent: Intent, _ exchange: Exchange) async throws(Problem) -> Reply {
        try await recorder.record(
            .traffic(ecosystem: exchange.ecosystem.type, client: exchange.request.userAgent)
        )
        try await guardNames(in: intent, exchange)
        switch try await guardBody(of: intent, exchange) {
        case .answered(let reply): return reply
        case .clear(let exchange): return try await answerGuarded(intent, exchange)
        }
    }

    private func answerGuarded(_ intent: Intent, _ exchange: Exchange) async throws(Problem) -> Reply {
        switch intent {
        case .index(let scope): return try await answerIndex(scope, exchange)
        case .sidecar(let release, let file): return try await answerSidecar(of: release, file: file, exchange)
        case .artifact(let name): return try await answerArtifact(name, exchange)
        case .publish, .tag, .yank: return try await answerPublication(exchange)
        case .conversation: return try await answerConversation(exchange)
        case .search, .passThrough: return try await answerPassThrough(exchange)
        case .credential: return try await answerCredential(exchange)
        }
    }

    func malformed(_ error: Malformed, _ url: HTTPURL) -> Problem {
        Problem(
            .usageInvalid,
            subject: url.redacted,
            summary: "could not be read: \(error.what)",
            remedy: "Send a well-formed request; nothing was asked of the upstream."
        )
    }
}

/// One client request and the ecosystem that reads it.
struct Exchange: Sendable {
    let client: ClientRequest
    let ecosystem: any Ecosystem
    /// A label for the client's credentials, so that answers got with them are never given to another.
    let credential: String?
    /// A question that no client asked: we need its answer to judge another.
    var isOurs = false

    var request: Request { client.request }
    var isHead: Bool { client.request.method == "HEAD" }
}

extension HTTPURL {
    /// True when this URL lies under `prefix`, compared by whole path segments.
    func isUnder(_ prefix: HTTPURL) -> Bool {
        guard origin == prefix.origin else { return false }
        let folder = prefix.path.hasSuffix("/") ? prefix.path : prefix.path + "/"
        return path == prefix.path || path.hasPrefix(folder)
    }
}
