import Core
import Storage
import TestKit
import Testing
import Upstream

@testable import Session

/// A job on a fresh machine: the registry has what an earlier one fetched, and the public index is not asked.
@Suite("The registry as a shared cache")
struct SharedCacheTests {
    /// An upstream that only counts who comes past the registry.
    private final class Public: Upstream {
        let fake: FakeUpstream
        init(_ fake: FakeUpstream) { self.fake = fake }

        func fetch(_ request: UpstreamRequest) async throws(Problem) -> UpstreamResponse {
            UpstreamResponse(
                status: 200,
                headers: [],
                finalURL: request.request.url,
                source: .network,
                body: UpstreamBody(Array("public".utf8))
            )
        }
    }

    private static let bytes = Array("a wheel".utf8)
    private static let digest = Digest.sha256(of: bytes)

    private func with(
        ownUpstreams: Bool = false,
        _ body: (SharedCache, FakeUpstream) async throws -> Void
    ) async throws {
        let registry = try await FakeUpstream.start()
        let address = try RegistryAddress(registry.origin, token: Secret("psr_token"))
        let cache = SharedCache(
            client: try address.client([:]),
            upstream: Public(registry),
            ownUpstreams: ownUpstreams
        )
        try await body(cache, registry)
        await registry.stop()
    }

    private func ask(
        _ cache: SharedCache,
        _ purpose: UpstreamRequest.Purpose,
        claims: [Digest] = [],
        headers: [HeaderField] = []
    ) async throws -> (source: UpstreamResponse.Source, text: String) {
        let url = try HTTPURL("https://pypi.org/simple/a/")
        let request = UpstreamRequest(
            Request(url: url),
            ecosystem: "pypi",
            purpose: purpose,
            headers: headers,
            claims: claims
        )
        let response = try await cache.fetch(request)
        let body = try await response.body.collect(limit: 1_000, of: "it")
        return (response.source, String(decoding: body, as: UTF8.self))
    }

    @Test func aFileWithAPromisedDigestComesFromTheRegistryByThatDigest() async throws {
        try await with { cache, registry in
            let path = "/api/v1/blobs/sha256/\(Self.digest.hex)"
            registry.serve(path, FakeAnswer(Self.bytes))
            let answer = try await ask(cache, .artifact, claims: [Self.digest])
            #expect(answer.source == .registry && answer.text == "a wheel")
            #expect(registry.requests(for: path).first?.header("Authorization") == "Bearer psr_token")
        }
    }

    @Test func anIndexComesFromWhatTheRegistryFetchesItself() async throws {
        try await with { cache, registry in
            registry.serve("/api/v1/fetch", FakeAnswer("a page", type: "text/html").with("Purser-Status", "fetched"))
            let answer = try await ask(cache, .index)
            #expect(answer.source == .registry && answer.text == "a page")
            let target = registry.requests.first?.target ?? ""
            #expect(target.contains("type=pypi") && target.contains("https%3A%2F%2Fpypi.org%2Fsimple%2Fa%2F"))
        }
    }

    @Test func whatTheRegistryDoesNotHaveIsAskedOfThePublicIndex() async throws {
        try await with { cache, _ in
            let file = try await ask(cache, .artifact, claims: [Self.digest])
            let index = try await ask(cache, .index)
            #expect(file.source == .network && index.source == .network)
        }
    }

    @Test func whatThePublicIndexDoesNotHaveIsNotAskedTwice() async throws {
        try await with { cache, registry in
            let answer = FakeAnswer(status: 404, headers: [("Purser-Status", "passed")], body: "gone")
            registry.serve("/api/v1/fetch", answer)
            let index = try await ask(cache, .index)
            #expect(index.source == .registry && index.text == "gone")
        }
    }

    @Test func aRegistryThatIsDownCostsNothing() async throws {
        try await with { cache, registry in
            await registry.stop()
            let answer = try await ask(cache, .artifact, claims: [Self.digest])
            #expect(answer.text == "public")
        }
    }

    @Test func whatIsAskedWithACredentialOrOfOtherUpstreamsIsNotTheRegistrysBusiness() async throws {
        try await with { cache, registry in
            let credential = [HeaderField("Authorization", "Bearer mine")]
            let answer = try await ask(cache, .index, headers: credential)
            #expect(answer.source == .network)
            #expect(registry.requests.isEmpty)
        }
        try await with(ownUpstreams: true) { cache, registry in
            let answer = try await ask(cache, .index)
            #expect(answer.source == .network)
            #expect(registry.requests.isEmpty)
        }
    }
}
