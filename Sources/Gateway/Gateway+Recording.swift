internal import Core
internal import Policy
internal import Storage

/// What is written down before a client hears an answer.
extension Gateway {
    func recordAnswer(
        _ exchange: Exchange,
        status: Int,
        contentType: String,
        body: Digest?,
        finalURL: HTTPURL,
        isArtifact: Bool = false
    ) async throws(Problem) {
        let request = exchange.request
        let query = stableQuery(exchange)
        let key = "\(request.method) \(request.url) \(request.accept) \(body?.hex ?? "") \(status)"
        guard recorded.isNew(key) else { return }
        let answer = RecordedAnswer(
            request: request,
            query: query,
            status: status,
            contentType: contentType,
            body: body,
            finalURL: finalURL,
            isArtifact: isArtifact
        )
        try await recorder.record(.answered(answer))
    }

    private func stableQuery(_ exchange: Exchange) -> String? {
        let volatile = exchange.ecosystem.volatileParameters
        guard let query = exchange.request.url.query, !volatile.isEmpty else { return exchange.request.url.query }
        let kept = query.split(separator: "&").filter { !volatile.contains(String($0.prefix { $0 != "=" })) }
        return kept.isEmpty ? nil : kept.joined(separator: "&")
    }

    func recordFetched(
        _ named: NamedArtifact,
        _ blob: Blob,
        _ verdict: Verdict,
        _ exchange: Exchange,
        _ provenance: Provenance
    ) async throws(Problem) {
        let url = exchange.request.url
        let finalURL = provenance.finalURL ?? url
        if recorded.isNew("input \(named.release.purl) \(named.artifact.file) \(blob.digest)") {
            let isUnclaimed = named.strongClaims.isEmpty
            if isUnclaimed {
                try await recorder.record(.gap(kind: .unclaimed, host: url.origin.host, detail: url.redacted))
            }
            try await recorder.record(
                .fetched(
                    FetchedInput(
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
                )
            )
        }
        try await recordAnswer(
            exchange,
            status: 200,
            contentType: "application/octet-stream",
            body: blob.digest,
            finalURL: finalURL,
            isArtifact: true
        )
    }

    /// The blob's own digest, and the strong claims that it was found to have.
    private func digests(of blob: Blob, _ named: NamedArtifact) -> [Digest] {
        let claimed = named.claims.map(\.digest).filter { $0.algorithm != .sha256 }
        return [blob.digest] + Set(claimed).sorted()
    }
}
