internal import Core
internal import Gateway
internal import Storage
internal import Synchronization
internal import Transfer
internal import Upstream
internal import Webhook

/// Fetches from the public indexes what nobody here hosts, on the same road as the agent: verified, cached, coalesced.
final class PublicGateway: Responder {
    private let gateway: Gateway
    private let recorder: SharedCacheRecorder
    private let watch: DenialWatch

    init(
        _ folder: StateFolder,
        _ configuration: RegistryConfiguration,
        _ outside: RegistryConfiguration.Outside,
        _ rules: OwnPolicy
    ) throws(Problem) {
        let ecosystems = configuration.ecosystems
        let transfer = TransferConfiguration(userAgent: "purser-registry", environment: outside.environment)
        var live = LiveUpstream.Configuration(transfer: transfer)
        let hosts = ecosystems.map { ($0.type, $0.mirroredHosts) }
        live.map = UpstreamMap(hosts: Dictionary(hosts) { first, _ in first }, bases: outside.upstreams)
        do {
            let webhook = try outside.webhook.map { target in
                Webhook(
                    Webhook.Configuration(target.url, secret: target.secret, now: configuration.now),
                    engine: try TransferEngine(transfer)
                )
            }
            watch = DenialWatch(folder.records, webhook: webhook, now: configuration.now)
            recorder = SharedCacheRecorder(records: folder.records, blobs: folder.blobs, watch: watch)
            let stores = Gateway.Stores(
                cache: folder.blobs,
                record: try BlobStore(folder: "\(folder.path)/passing"),
                answers: try AnswerCache(folder: "\(folder.path)/answers")
            )
            gateway = Gateway(
                rules.configuration(ecosystems, now: configuration.now),
                upstream: try LiveUpstream(live),
                stores: stores,
                recorder: recorder
            )
        } catch { throw StateFolder.problem(error, folder.path) }
    }

    func respond(to request: ClientRequest) async -> Reply { await gateway.respond(to: request) }

    /// What the public index of a package lists; nil where nothing is known.
    func releases(of package: Purl) async -> [Release]? { await gateway.publicReleases(of: package) }

    /// Delivers what is still to be told.
    func end() async { await watch.end() }

    /// Where the bytes behind a URL came from, if that is another place and still remembered.
    func finalURL(of url: HTTPURL) -> String? { recorder.finalURL(of: url) }
}

/// Makes what was fetched and verified readable by digest for everybody, since anybody could have fetched it.
private final class SharedCacheRecorder: Recorder {
    private let records: Records
    private let blobs: BlobStore
    private let watch: DenialWatch
    private let places = Mutex<[String: String]>([:])
    private static let mostPlaces = 10_000

    init(records: Records, blobs: BlobStore, watch: DenialWatch) {
        self.records = records
        self.blobs = blobs
        self.watch = watch
    }

    func finalURL(of url: HTTPURL) -> String? { places.withLock { $0[url.description] } }

    /// Nobody here counts requests.
    func countAgain(ecosystem: String, client: String) -> Bool { true }

    func record(_ event: GatewayEvent) async throws(Problem) {
        switch event {
        case .fetched(let input):
            remember(input.url, input.finalURL)
            guard !input.isUnclaimed, let digest = input.digests.first(where: { $0.algorithm == .sha256 }) else {
                return
            }
            do { try await records.hold(digest, by: .everybody) } catch { throw error.problem }
        case .answered(let answer):
            remember(answer.request.url, answer.finalURL)
            // What lies beside a file, and indexes that are given as they came; printed ones lie elsewhere.
            guard !answer.isArtifact, let body = answer.body, blobs.contains(body) else { return }
            do { try await records.hold(body, by: .everybody) } catch { throw error.problem }
        case .refused(let refusal): try await watch.tell(refusal)
        default: return
        }
    }

    private func remember(_ asked: HTTPURL, _ final: HTTPURL) {
        places.withLock { places in
            if places.count >= SharedCacheRecorder.mostPlaces { places = [:] }
            places[asked.description] = final.redacted
        }
    }
}
