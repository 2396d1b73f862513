public import Core
internal import Ecosystems
public import Gateway
public import Policy
internal import Storage
public import Upstream

/// A gateway over real stores in a scratch folder, its upstreams played by one fake.
public final class Scene: Sendable {
    /// The instant that scenes live in.
    public static let now = Timestamp(seconds: 1_795_000_000)

    /// What a scene may want otherwise.
    public struct Setting: Sendable {
        public var policy = "version: 1\nmode: audit\n"
        public var advisories: (@Sendable (Purl) -> [String])?
        /// The same with all that is known of each.
        public var records: (@Sendable (Purl) -> [Advisory]?)?
        /// The data that are too old, and how old they are.
        public var stale: [PolicyFile.Dataset: String] = [:]
        /// Does the rest.
        public var configure: (@Sendable (inout Gateway.Configuration) -> Void)?
        /// Checks signatures.
        public var signatures: (@Sendable (Gateway.SignedFile) -> SignatureFindings)?
        public var isOffline = false
        public var lock: Gateway.Lock?
        /// Prefixes that are said to be of a type.
        public var declared: [Gateway.DeclaredOrigin] = []
        /// Long, so that a busy machine streams nothing by itself.
        public var patience = Duration.seconds(120)
        public var credentials = Credentials()
        public var linkBase: String?
        /// Answers come from a record, here from the fake.
        public var isReplay = false
        public var now: @Sendable () -> Timestamp = { Scene.now }
        /// Seconds that an upstream may stay silent.
        public var silence = 30.0
        public var tries = 4

        public init(_ change: (inout Setting) -> Void = { _ in }) { change(&self) }
    }

    public let fake: FakeUpstream
    public let recorder: MemoryRecorder
    public let gateway: Gateway
    public let setting: Setting

    /// Runs with a scene whose caches are below `scratch`; two scenes over one scratch are two jobs in a row.
    public static func with<Value>(
        _ setting: Setting = Setting(),
        scratch: Scratch? = nil,
        fake: FakeUpstream? = nil,
        _ body: (Scene) async throws -> Value
    ) async throws -> Value {
        let own: FakeUpstream? = if fake == nil { try await FakeUpstream.start() } else { nil }
        guard let fake = fake ?? own else { throw Malformed("no upstream") }
        let place = if let scratch { scratch } else { try Scratch() }
        let value = try await body(try Scene(setting, place, fake))
        await own?.stop()
        withExtendedLifetime(place) {}
        return value
    }

    public init(_ setting: Setting, _ scratch: Scratch, _ fake: FakeUpstream) throws {
        self.setting = setting
        self.fake = fake
        recorder = MemoryRecorder()
        var configuration = Gateway.Configuration(
            ecosystems: Catalog.all,
            policy: try PolicyFile.parse(setting.policy, name: "purser.yml").policy(overridingMode: nil),
            now: setting.now
        )
        if let advisories = setting.advisories {
            configuration.advisories = { purl, _ in
                advisories(purl).map { Advisory(id: $0, isMalware: true, summary: "steals tokens") }
            }
        }
        if let records = setting.records { configuration.advisories = { purl, _ in records(purl) } }
        if !setting.stale.isEmpty { configuration.stale = { _ in setting.stale } }
        configuration.signatures = setting.signatures
        configuration.isOffline = setting.isOffline
        configuration.lock = setting.lock
        configuration.isReplay = setting.isReplay
        configuration.declared = setting.declared
        configuration.patience = setting.patience
        configuration.pause = .milliseconds(5)
        setting.configure?(&configuration)
        gateway = Gateway(
            configuration,
            upstream: try Scene.live(fake, setting),
            stores: Gateway.Stores(
                cache: try BlobStore(folder: scratch("cache")),
                record: try BlobStore(folder: scratch("record-\(ObjectIdentifier(recorder).hashValue)")),
                answers: try AnswerCache(folder: scratch("answers"))
            ),
            recorder: recorder
        )
    }

    /// The reply, still to be read.
    public func reply(
        to url: String,
        method: String = "GET",
        accept: String = "",
        _ headers: [HeaderField] = [],
        body: RequestBody = .none
    ) async throws -> Reply {
        let request = Request(method: method, url: try HTTPURL(url), accept: accept, userAgent: "test/1")
        return await gateway.respond(
            to: ClientRequest(request: request, headers: headers, body: body, linkBase: setting.linkBase)
        )
    }

    /// Asks and reads all of the answer.
    public func ask(
        _ url: String,
        method: String = "GET",
        accept: String = "",
        _ headers: [HeaderField] = [],
        reader: Reader = Reader()
    ) async throws -> Taken {
        await reader.take(try await reply(to: url, method: method, accept: accept, headers))
    }

    /// Reads a package's index, where it has one, or its lockfile.
    @discardableResult
    public func announce(_ package: Package) async throws -> Taken? {
        if let pin = package.pin { gateway.learn([pin], from: "tools.lock") }
        guard let index = package.index else { return nil }
        return try await ask(index, accept: package.accept)
    }
}
