internal import Core
internal import Ecosystems
internal import Gateway
internal import Kernel
internal import RegistryClient
internal import Transfer
internal import Upstream

/// Where a session's answers come from: the record in a replay, else the registry's shared cache and then the network.
enum SessionUpstream {
    static func make(_ plan: Plan, _ replay: ReplaySource?) throws(Problem) -> any Upstream {
        if let replay { return ReplayUpstream(replay) }
        let live = try live(plan)
        guard let registry = plan.registry, !plan.isOffline else { return live }
        return SharedCache(
            client: try registry.client(plan.environment),
            upstream: live,
            ownUpstreams: !plan.upstreams.isEmpty
        )
    }

    private static func live(_ plan: Plan) throws(Problem) -> LiveUpstream {
        var configuration = LiveUpstream.Configuration(
            transfer: TransferConfiguration(userAgent: "purser", environment: plan.environment)
        )
        // uv alone takes fifty files at once; over HTTP/2 they share one connection.
        configuration.transfer.maxConnectionsPerHost = 64
        let hosts = Dictionary(uniqueKeysWithValues: Catalog.all.map { ($0.type, $0.mirroredHosts) })
        configuration.map = UpstreamMap(hosts: hosts, bases: plan.upstreams)
        configuration.declared = Set(plan.declared.map(\.prefix.origin))
        configuration.credentials = Credentials(netrc: netrc(plan.environment))
        return try LiveUpstream(configuration)
    }

    /// The text of the user's netrc file; an absent one is as good as an empty one.
    private static func netrc(_ environment: [String: String]) -> String {
        guard let path = environment["NETRC"] ?? environment["HOME"].map({ "\($0)/.netrc" }),
            let bytes = try? Files.readAll(path, limit: 1 << 20)
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Asks the central registry first, so that a job on a fresh machine starts warm: bytes by a promised digest, and
/// answers that everybody may have by URL. What the registry does not have, or a registry that is down, costs nothing:
/// the upstream is asked.
struct SharedCache: Upstream {
    let client: RegistryClient
    let upstream: any Upstream
    /// With upstreams of the job's own, the registry would ask other places than this job means.
    let ownUpstreams: Bool

    func fetch(_ request: UpstreamRequest) async throws(Problem) -> UpstreamResponse {
        if let response = await shared(request) { return response }
        return try await upstream.fetch(request)
    }

    private func shared(_ request: UpstreamRequest) async -> UpstreamResponse? {
        guard request.request.method == "GET", !request.headers.contains(where: \.isCredential) else { return nil }
        if let sha256 = request.claims.first(where: { $0.algorithm == .sha256 }), request.purpose == .artifact {
            guard let body = try? await client.blob(sha256) else { return nil }
            return response(200, [], nil, body, request)
        }
        let isShareable = request.purpose == .index || request.purpose == .sidecar || request.purpose == .artifact
        guard !ownUpstreams, isShareable, request.conditions == nil,
            let answer = try? await client.fetch(
                request.request.url.withoutFragment,
                accept: request.request.accept,
                type: request.ecosystem
            )
        else { return nil }
        return response(answer.status, answer.headers, answer.finalURL, answer.body, request)
    }

    private func response(
        _ status: Int,
        _ headers: [(name: String, value: String)],
        _ finalURL: String?,
        _ body: RegistryBody,
        _ request: UpstreamRequest
    ) -> UpstreamResponse {
        UpstreamResponse(
            status: status,
            headers: headers.map { .init($0.name, $0.value) },
            finalURL: finalURL.flatMap { try? HTTPURL($0) } ?? request.request.url.withoutFragment,
            source: .registry,
            body: UpstreamBody(length: body.length, stop: { body.cancel() }) { () async throws(Problem) in
                try await body.next()
            }
        )
    }
}
