internal import Core
internal import Policy
internal import Storage
internal import Upstream

/// What the record says of an answer, beside the question.
struct Answered: Sendable {
    var status = 200
    let contentType: String
    /// The body, which lies in one of the stores.
    let body: Digest
    let finalURL: HTTPURL
    var isArtifact = false
}

/// What is written down before a client hears an answer.
extension Gateway {
    func recordAnswer(_ exchange: Exchange, _ answered: Answered) async throws(Problem) {
        // The answer to HEAD follows from that to GET, and the upstream was asked with GET.
        let asked = exchange.request
        let method = exchange.isHead ? "GET" : asked.method
        let request = Request(
            method: method,
            url: asked.url,
            accept: asked.accept,
            userAgent: asked.userAgent,
            body: asked.body
        )
        let answer = RecordedAnswer(
            request: request,
            query: stableQuery(exchange),
            status: answered.status,
            contentType: answered.contentType,
            body: answered.body,
            finalURL: answered.finalURL,
            isArtifact: answered.isArtifact
        )
        let asking = asked.body.isEmpty ? "" : " \(Digest.sha256(of: asked.body).hex)"
        let key = "\(method) \(request.url) \(request.accept)\(asking) \(answered.body.hex) \(answered.status)"
        try await recorded.once(key) { [recorder] () async throws(Problem) in
            try await recorder.record(.answered(answer))
        }
    }

    func recordIndex(_ index: PreparedIndex, _ body: Digest, _ exchange: Exchange) async throws(Problem) {
        try await recordAnswer(
            exchange,
            Answered(
                contentType: index.contentType,
                body: body,
                finalURL: index.finalURL
            )
        )
    }

    /// What an upstream did not give is not in the record, and the record says so.
    func recordFailure(_ problem: Problem, asking url: HTTPURL) async throws(Problem) {
        guard [.upstreamRefused, .upstreamUnreachable].contains(problem.code) else { return }
        try await recorder.record(.gap(kind: .upstreamError, host: url.origin.host, detail: problem.summary))
    }

    /// That something is not there is an answer too, and replay has to give it again. Refusals and failures of the
    /// moment are not.
    func recordAbsence(_ reply: Reply, _ finalURL: HTTPURL, _ exchange: Exchange) async throws(Problem) {
        guard reply.status == 404 || reply.status == 410 else { return }
        let bytes = if case .bytes(let bytes) = reply.body { bytes } else { [UInt8]() }
        let body: Digest
        do { body = try stores.record.store(bytes).digest } catch { throw error.problem }
        try await recordAnswer(
            exchange,
            Answered(
                status: reply.status,
                contentType: reply.headers.first("Content-Type") ?? "text/plain",
                body: body,
                finalURL: finalURL
            )
        )
    }

    private func stableQuery(_ exchange: Exchange) -> String? {
        let volatile = exchange.ecosystem.volatileParameters
        guard let query = exchange.request.url.query, !volatile.isEmpty else { return exchange.request.url.query }
        let kept = query.split(separator: "&").filter { !volatile.contains(String($0.prefix { $0 != "=" })) }
        return kept.isEmpty ? nil : kept.joined(separator: "&")
    }

    /// An artifact that came in, and the answer that it is.
    func recordFetched(
        _ named: NamedArtifact,
        _ blob: Blob,
        _ verdict: Verdict,
        _ exchange: Exchange,
        _ provenance: Provenance
    ) async throws(Problem) {
        try await recordInput(named, blob, verdict, exchange, provenance)
        try await recordAnswer(
            exchange,
            Answered(
                contentType: provenance.label.contentType,
                body: blob.digest,
                finalURL: provenance.finalURL ?? exchange.request.url,
                isArtifact: true
            )
        )
    }

    func recordInput(
        _ named: NamedArtifact,
        _ blob: Blob,
        _ verdict: Verdict,
        _ exchange: Exchange,
        _ provenance: Provenance
    ) async throws(Problem) {
        let url = exchange.request.url
        let finalURL = provenance.finalURL ?? url
        // A manifest of an earlier run vouches for the bytes, but must not make this run's manifest another one.
        let isUnclaimed = !named.claims.contains { $0.by != Gateway.ownManifest && $0.digest.algorithm.isStrong }
        let input = FetchedInput(
            purl: named.release.purl,
            file: named.artifact.file,
            size: blob.size,
            digests: digests(of: blob, named),
            // What the manifest itself said before is no news, and would make a second run another text.
            claims: named.claims.filter { $0.by != Gateway.ownManifest },
            origin: url.origin,
            url: url.withoutFragment,
            finalURL: finalURL,
            release: named.release,
            published: named.artifact.published ?? named.release.published,
            source: provenance.source,
            attempts: provenance.attempts,
            verdict: verdict,
            isUnclaimed: isUnclaimed
        )
        try await recorded.once("input \(input.purl) \(input.file) \(blob.digest)") {
            [recorder] () async throws(Problem) in
            if isUnclaimed {
                try await recorder.record(.gap(kind: .unclaimed, host: url.origin.host, detail: url.redacted))
            }
            try await recorder.record(.fetched(input))
        }
    }

    /// The blob's own digest, and the strong claims that it was found to have.
    private func digests(of blob: Blob, _ named: NamedArtifact) -> [Digest] {
        let claimed = named.binding.filter { $0.algorithm != .sha256 }
        return [blob.digest] + Set(claimed).sorted()
    }
}
