internal import Core
internal import Policy
internal import Storage
internal import Upstream

/// Companions of artifacts (`.metadata`, `.asc`, go.mod, attestations): small, judged with their release, checked where
/// a digest is known, kept like an index.
extension Gateway {
    func answerSidecar(of release: Purl?, file: String, _ exchange: Exchange) async throws(Problem) -> Reply {
        let owner = await owner(of: release, file, exchange)
        if let owner {
            try await admitSidecar(of: owner, exchange)
        } else if let release {
            try await admitNamed(release, exchange)
        }
        readStatementsAhead(exchange)
        let key = IndexKey(
            url: exchange.request.url.withoutFragment,
            accept: exchange.request.accept,
            credential: exchange.credential
        )
        let claims = try await sidecarClaims(release, file, owner, exchange)
        let agrees = { (body: Blob) throws(Problem) -> Bool in
            if claims.isEmpty { return false }
            return try self.disagreement(of: body, file, claims, exchange) == nil
        }
        let answer = try await indexAnswer(key, exchange, isPromised: agrees) { (cached, body) async throws(Problem) in
            let wrong = try self.disagreement(of: body, file, claims, exchange)
            if let wrong { throw Gateway.broken(wrong, cached.finalURL) }
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
                Answered(contentType: cached.contentType, body: body.digest, finalURL: cached.finalURL)
            )
            return Replies.artifact(body, label: FileLabel(type: cached.contentType), exchange, ignoringRange: false)
        }
    }

    /// A locked client asks for the file next: what is stated beside it comes at the same time as the companion, not after
    /// it. What fails here is asked again by whoever wants the file.
    private func readStatementsAhead(_ exchange: Exchange) {
        guard !configuration.isOffline, !configuration.isReplay, !exchange.isHead,
            let next = exchange.ecosystem.file(after: exchange.request),
            case .artifact(let name)? = try? intent(of: next, exchange.ecosystem), let release = name.release,
            !promises(of: release, file: name.file).isEmpty
        else { return }
        let client = ClientRequest(request: next, headers: exchange.client.headers)
        let own = self.exchange(client, exchange.ecosystem)
        Task { _ = try? await readStatements(about: name, name.file, own) }
    }

    private func admitSidecar(of owner: IndexMemory.Entry, _ exchange: Exchange) async throws(Problem) {
        let facts = facts(owner.release, owner.artifact, exchange, claims: [], source: .index)
        let verdict = configuration.policy.judge(facts)
        let findings = verdict.findings.filter { $0.rule != "unclaimed" && $0.action == .block }
        guard verdict.isDenied, !findings.isEmpty else { return }
        // Some clients ask for it before the file and give up here.
        let problem = verdict.problem(subject: owner.release.purl.description)
        try await recordRefusal(of: owner.release.purl, problem, verdict)
        throw problem
    }

    /// A release of which only the name is known: judged by the rules that need no more than that.
    private func admitNamed(_ release: Purl, _ exchange: Exchange) async throws(Problem) {
        let facts = facts(Release(purl: release), nil, exchange, claims: [], source: .directURL)
        let verdict = configuration.policy.judge(facts)
        let findings = verdict.findings.filter {
            $0.rule != "unclaimed" && $0.rule != "min_age" && $0.action == .block
        }
        guard verdict.isDenied, !findings.isEmpty else { return }
        let problem = verdict.problem(subject: release.description)
        try await recordRefusal(of: release, problem, verdict)
        throw problem
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

    /// What is promised of the companion itself: by the index of its artifact, by a lockfile, by a statement beside it.
    private func sidecarClaims(
        _ release: Purl?,
        _ file: String,
        _ owner: IndexMemory.Entry?,
        _ exchange: Exchange
    ) async throws(Problem) -> [DigestClaim] {
        if let promised = promisedMetadata(owner, exchange.request.url) {
            return [DigestClaim(by: "index", digest: promised)]
        }
        guard let release else { return [] }
        let known = promises(of: release, file: file)
        if !known.isEmpty { return known }
        try await readStatements(about: ArtifactName(release: release, file: file), file, exchange)
        return promises(of: release, file: file)
    }

    /// The SHA-256 that the index gives for a wheel's metadata (PEP 658).
    private func promisedMetadata(_ owner: IndexMemory.Entry?, _ url: HTTPURL) -> Digest? {
        guard url.path.hasSuffix(".metadata"), let text = owner?.artifact.attributes["core-metadata"] else {
            return nil
        }
        return Digest(text.replacing("=", with: ":")).flatMap { $0.algorithm == .sha256 ? $0 : nil }
    }

    /// The first claim that the bytes do not keep, and what they have instead.
    private func disagreement(
        of body: Blob,
        _ file: String,
        _ claims: [DigestClaim],
        _ exchange: Exchange
    ) throws(Problem) -> (claim: DigestClaim, got: Digest?)? {
        for claim in claims where claim.digest != body.digest {
            let algorithm = claim.digest.algorithm
            if algorithm == .h1 {
                let got = try contentHash(of: body.digest, at: body.path, file, file, exchange)
                if got != claim.digest { return (claim, got) }
            } else {
                var stream = DigestStream([algorithm])
                do { stream.update(try body.bytes(limit: Gateway.indexLimit)) } catch { throw error.problem }
                let got = stream.digests.first { $0.algorithm == algorithm }
                if got != claim.digest { return (claim, got) }
            }
        }
        return nil
    }

    private static func broken(_ wrong: (claim: DigestClaim, got: Digest?), _ finalURL: HTTPURL) -> Problem {
        let by = wrong.claim.by == "index" ? "the index" : wrong.claim.by
        return Problem(
            .integrityMismatch,
            subject: finalURL.redacted,
            summary: finalURL.path.hasSuffix(".metadata")
                ? "is not the metadata that the index promised" : "is not the file that \(by) promised",
            remedy: "Run the job again; if it repeats, ask the upstream's operator.",
            details: [
                "expected": "\(wrong.claim.digest) (\(wrong.claim.by))", "got": wrong.got.map { "\($0)" } ?? "nothing",
            ],
            reason: "hash"
        )
    }
}
