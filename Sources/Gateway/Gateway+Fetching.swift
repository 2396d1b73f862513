internal import Core
internal import JSONText
internal import Policy
internal import Storage
internal import Upstream

/// How the bytes of a fetch were had.
struct Provenance: Sendable {
    let source: String
    let attempts: Int
    var finalURL: HTTPURL?
}

/// The one fetch behind an artifact: tries, stages, verifies, commits, records.
extension Gateway {
    /// Tries for a body that breaks off; for one that is wrong, two.
    private static var triesWhenCut: Int { 4 }
    private static var triesWhenWrong: Int { 2 }

    func run(_ fetch: Fetch, _ named: NamedArtifact, _ verdict: Verdict, _ exchange: Exchange) async -> Fetch.Outcome {
        var attempt = 1
        while true {
            do {
                return try await attemptFetch(fetch, named, verdict, exchange, attempt)
            } catch {
                let tries = error.reason == "truncated" ? Gateway.triesWhenCut : Gateway.triesWhenWrong
                let isWorthIt = error.code == .integrityMismatch || error.reason == "truncated"
                guard isWorthIt, attempt < tries else { return await failed(error, named, exchange) }
                fetch.restart()
                try? await Task.sleep(for: .milliseconds(100 << attempt))
                attempt += 1
            }
        }
    }

    private func failed(_ problem: Problem, _ named: NamedArtifact, _ exchange: Exchange) async -> Fetch.Outcome {
        let subject = named.release.purl.description
        let host = exchange.request.url.origin.host
        do {
            if problem.code.mayRetry {
                try await recorder.record(.gap(kind: .upstreamError, host: host, detail: problem.summary))
            }
            try await recorder.record(
                .refused(
                    Refusal(subject: subject, purl: named.release.purl, problem: problem, verdict: nil, isHidden: false)
                )
            )
        } catch { return .failed(error) }
        return .failed(problem)
    }

    private func attemptFetch(
        _ fetch: Fetch,
        _ named: NamedArtifact,
        _ verdict: Verdict,
        _ exchange: Exchange,
        _ attempt: Int
    ) async throws(Problem) -> Fetch.Outcome {
        let request = Request(
            method: "GET",
            url: exchange.request.url,
            accept: exchange.request.accept,
            userAgent: exchange.request.userAgent
        )
        let response = try await upstream.fetch(
            UpstreamRequest(
                request,
                ecosystem: exchange.ecosystem.type,
                purpose: .artifact,
                headers: forwardable(exchange.client.headers) + [HeaderField("Accept-Encoding", "identity")],
                claims: named.strongClaims
            )
        )
        guard response.status == 200 else { return try await passed(response, exchange) }
        try checkHead(response, named, exchange)
        let store = named.strongClaims.isEmpty ? stores.record : stores.cache
        do {
            let staging = try store.stage(Set(named.claims.map(\.digest.algorithm)))
            fetch.begin(
                length: response.body.length,
                contentType: response.headers.first("Content-Type"),
                staging: staging
            )
            while let chunk = try await response.body.next() {
                try staging.append(chunk)
                fetch.grew(to: staging.size)
            }
            let whole = try await verified(staging, response, named, exchange, store)
            try checkPrefix(fetch, whole)
            let bytes = Facts.ByteFacts(sha256: whole.digests[0], size: whole.size, identity: nil, entries: 0)
            try await judgeBytes(named, verdict, exchange, bytes)
            let blob = try whole.commit()
            try keepAliases(whole.digests, blob.digest)
            let provenance = Provenance(
                source: response.source.rawValue,
                attempts: response.attempts + attempt - 1,
                finalURL: response.finalURL
            )
            try await recordFetched(named, blob, verdict, exchange, provenance)
            return .committed(blob)
        } catch let error as StorageError {
            response.body.cancel()
            throw error.problem
        } catch {
            response.body.cancel()
            throw error as? Problem ?? .unexpected(error, subject: exchange.request.url.redacted)
        }
    }

    /// Another status than 200 is the origin's own answer: small, and passed on.
    private func passed(_ response: UpstreamResponse, _ exchange: Exchange) async throws(Problem) -> Fetch.Outcome {
        let subject = exchange.request.url.redacted
        if response.status == 304 || response.status == 206 {
            response.body.cancel()
            throw Problem(
                .integrityMismatch,
                subject: subject,
                summary: "was answered \(response.status) although the whole file was asked for",
                remedy: "A cache between this job and the upstream is broken; go round it and run the job again.",
                reason: "unasked-\(response.status)"
            )
        }
        let bytes = try await response.body.collect(limit: 8 << 20, of: subject)
        let body = try decoded(bytes, response.headers, subject)
        let host = exchange.request.url.origin.host
        if response.status >= 400 {
            try await recorder.record(
                .gap(kind: .upstreamError, host: host, detail: "\(response.status) for \(subject)")
            )
        }
        return .passed(
            Reply(
                status: response.status,
                reason: response.reason.isEmpty ? nil : response.reason,
                headers: passable(response.headers),
                body: body.isEmpty ? .none : .bytes(body)
            )
        )
    }

    private func judgeBytes(
        _ named: NamedArtifact,
        _ verdict: Verdict,
        _ exchange: Exchange,
        _ bytes: Facts.ByteFacts
    ) async throws(Problem) {
        let subject = named.release.purl.description
        if let lock = configuration.lock, !lock.digests.contains(bytes.sha256) { throw Gateway.lockedOut(subject) }
        let facts = facts(
            named.release,
            named.artifact,
            exchange,
            claims: named.claims,
            source: named.source,
            bytes: bytes
        )
        let second = configuration.policy.judge(facts)
        if second.isDenied { throw second.problem(subject: subject) }
    }

    /// Remembers which SHA-256 the bytes of another strong digest have; both were just computed here.
    private func keepAliases(_ digests: [Digest], _ sha256: Digest) throws(StorageError) {
        for digest in digests where digest.algorithm.isStrong && digest.algorithm != .sha256 {
            try stores.answers?.keep(.string(sha256.description), for: "alias\n\(digest)")
        }
    }
}
