internal import Core
internal import Policy
internal import Storage
internal import Upstream

/// Companions of artifacts (`.metadata`, `.asc`, attestations): small, judged with their release, checked where a
/// digest is known, kept like an index.
extension Gateway {
    func answerSidecar(of release: Purl?, file: String, _ exchange: Exchange) async throws(Problem) -> Reply {
        let owner = await owner(of: release, file, exchange)
        if let owner {
            let facts = facts(owner.release, owner.artifact, exchange, claims: [], source: .index)
            let verdict = configuration.policy.judge(facts)
            let subject = owner.release.purl.description
            let findings = verdict.findings.filter { $0.rule != "unclaimed" && $0.action == .block }
            if verdict.isDenied, !findings.isEmpty { throw verdict.problem(subject: subject) }
        }
        let key = IndexKey(
            url: exchange.request.url.withoutFragment,
            accept: exchange.request.accept,
            credential: exchange.credential
        )
        let promised = promisedMetadata(owner, exchange.request.url)
        let answer = try await indexAnswer(key, exchange, promised: promised) { (cached, body) async throws(Problem) in
            try self.checkSidecar(body, owner, cached.finalURL)
            return body
        }
        switch answer {
        case .passed(let reply, let url):
            try await recordAbsence(reply, url, exchange)
            return exchange.isHead ? reply.withoutBody : reply
        case .document(let cached, let body, let isStale):
            if isStale {
                let host = key.url.origin.host
                try await recorder.record(.gap(kind: .staleIndex, host: host, detail: key.url.redacted))
            }
            try await recordAnswer(
                exchange,
                Answered(
                    contentType: cached.contentType,
                    body: body.digest,
                    finalURL: cached.finalURL
                )
            )
            return Replies.artifact(body, contentType: cached.contentType, exchange, ignoringRange: false)
        }
    }

    /// The artifact that the companion belongs to, when an index of this session listed it.
    private func owner(of release: Purl?, _ file: String, _ exchange: Exchange) async -> IndexMemory.Entry? {
        let path = exchange.request.url.path
        for ending in [".metadata", ".asc", ".sig"] where path.hasSuffix(ending) {
            let target = String(path.dropLast(ending.count))
            if let url = try? HTTPURL(origin: exchange.request.url.origin, target: target),
                let entry = memory.entry(at: url)
            {
                return entry
            }
        }
        return release.flatMap { memory.entry(of: $0, file: file) }
    }

    /// The SHA-256 that the index gives for a wheel's metadata (PEP 658).
    private func promisedMetadata(_ owner: IndexMemory.Entry?, _ url: HTTPURL) -> Digest? {
        guard url.path.hasSuffix(".metadata"), let text = owner?.artifact.attributes["core-metadata"] else {
            return nil
        }
        return Digest(text.replacing("=", with: ":")).flatMap { $0.algorithm == .sha256 ? $0 : nil }
    }

    private func checkSidecar(
        _ body: Blob,
        _ owner: IndexMemory.Entry?,
        _ finalURL: HTTPURL
    ) throws(Problem) {
        guard let claim = promisedMetadata(owner, finalURL), claim != body.digest else { return }
        throw Problem(
            .integrityMismatch,
            subject: finalURL.redacted,
            summary: "is not the metadata that the index promised",
            remedy: "Run the job again; if it repeats, ask the upstream's operator.",
            details: ["expected": "\(claim)", "got": "\(body.digest)"],
            reason: "hash"
        )
    }
}
