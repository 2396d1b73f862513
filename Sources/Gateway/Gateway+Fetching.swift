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
    var label = FileLabel()
}

/// The one fetch behind an artifact: tries, stages, verifies, commits, records.
extension Gateway {
    /// Tries for a body that breaks off; for one that is wrong, two.
    private static var triesWhenCut: Int { 4 }
    private static var triesWhenWrong: Int { 2 }

    func run(_ fetch: Fetch, _ named: NamedArtifact, _ verdict: Verdict, _ exchange: Exchange) async -> Fetch.Outcome {
        // An asker that looked into the cache just before the last fetch ended finds its bytes now.
        if let blob = try? await storedBlob(named, exchange) { return await committed(blob, named, verdict, exchange) }
        var attempt = 1
        while true {
            do {
                return try await attemptFetch(fetch, named, exchange, attempt)
            } catch {
                // Everybody has left: nothing was given out, so there is nothing to write down.
                if Task.isCancelled { return .failed(error) }
                // Where nobody promised the bytes, an archive that is not sound may have been damaged on its way.
                let isDamaged = error.code == .archiveMalformed && named.claims.isEmpty
                guard Gateway.isWorthAnother(attempt, after: error) || isDamaged && attempt < Gateway.triesWhenWrong
                else { return await failed(error, named, exchange) }
                fetch.restart()
                try? await Task.sleep(for: configuration.pause * (1 << (attempt - 1)))
                attempt += 1
            }
        }
    }

    /// Answers that broke off are asked for again up to the fourth time, wrong ones once more.
    static func isWorthAnother(_ attempt: Int, after problem: Problem) -> Bool {
        if problem.reason == "truncated" { return attempt < triesWhenCut }
        let isLasting = problem.reason?.hasPrefix("tls-") ?? false
        return problem.code == .integrityMismatch && !isLasting && attempt < triesWhenWrong
    }

    private func committed(_ blob: Blob, _ named: NamedArtifact, _ verdict: Verdict, _ exchange: Exchange) async
        -> Fetch.Outcome
    {
        do {
            let label = label(of: named, blob, exchange)
            let provenance = Provenance(source: "cache", attempts: 0, label: label)
            try await recordFetched(named, blob, verdict, exchange, provenance)
            return .committed(blob)
        } catch { return .failed(error) }
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
        do {
            let verified = try await staged(response, fetch, named, exchange)
            try checkGiven(fetch, verified.staging)
            let (blob, verdict) = try await kept(verified, named, exchange)
            let provenance = Provenance(
                source: response.source.rawValue,
                attempts: response.attempts + attempt - 1,
                finalURL: response.finalURL,
                label: FileLabel(response.headers, type: named.artifact.attributes["content-type"])
            )
            if !named.strongClaims.isEmpty, response.credential == nil { keep(provenance.label, of: blob, exchange) }
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

    /// Verified bytes that policy lets in, in their store.
    private func kept(_ verified: VerifiedBytes, _ named: NamedArtifact, _ exchange: Exchange) async throws
        -> (blob: Blob, verdict: Verdict)
    {
        let size = verified.staging.size
        var bytes = Facts.ByteFacts(sha256: verified.digests[0], size: size, identity: nil, entries: 0)
        bytes.archiveFault = verified.archiveFault
        let verdict = try await judgeBytes(named, exchange, bytes)
        let blob = try verified.staging.commit()
        keepDigests(verified.digests, of: blob.digest)
        if verified.archiveFault == nil { keepIdentity(blob.digest, named) }
        keepContent(blob.digest, named, exchange)
        return (blob, verdict)
    }

    /// The whole body on disk, found to be what was promised.
    private func staged(
        _ response: UpstreamResponse,
        _ fetch: Fetch,
        _ named: NamedArtifact,
        _ exchange: Exchange
    ) async throws -> VerifiedBytes {
        // What nobody vouched for goes where no later job looks.
        let store = named.strongClaims.isEmpty ? stores.record : stores.cache
        let staging = try store.stage(Set(named.claims.map(\.digest.algorithm).filter(\.isOfBytes)))
        fetch.begin(
            length: response.body.length,
            label: FileLabel(response.headers, type: named.artifact.attributes["content-type"]),
            staging: staging,
            isHeld: !Gateway.codings(response.headers).isEmpty
        )
        while let chunk = try await response.body.next() {
            try staging.append(chunk)
            fetch.grew(to: staging.size)
        }
        return try await verified(staging, response, named, exchange, store)
    }

    /// Another status than 200 is the origin's own answer: small, and passed on.
    private func passed(_ response: UpstreamResponse, _ exchange: Exchange) async throws(Problem) -> Fetch.Outcome {
        let subject = exchange.request.url.redacted
        try checkAsked(response, subject)
        noteChallenge(response.headers, exchange)
        let bytes = try await response.body.collect(limit: 8 << 20, of: subject)
        let body = try decoded(bytes, response.headers, subject)
        let reply = Reply(
            status: response.status,
            reason: response.reason.isEmpty ? nil : response.reason,
            headers: passable(response.headers),
            body: body.isEmpty ? .none : .bytes(body)
        )
        if response.status >= 400 {
            let host = exchange.request.url.origin.host
            let detail = "\(response.status) for \(subject)"
            try await recorder.record(.gap(kind: .upstreamError, host: host, detail: detail))
        }
        try await recordAbsence(reply, response.finalURL, exchange)
        return .passed(reply)
    }

    /// A success other than 200 is no answer to what we ask: it would give out bytes past every check.
    func checkAsked(_ response: UpstreamResponse, _ subject: String) throws(Problem) {
        guard (201..<300).contains(response.status) || response.status == 304 else { return }
        response.body.cancel()
        throw Problem(
            .integrityMismatch,
            subject: subject,
            summary: "was answered \(response.status) although the whole document was asked for",
            remedy: "A cache between this job and the upstream is broken; go round it and run the job again.",
            reason: "unasked-\(response.status)"
        )
    }

    func judgeBytes(
        _ named: NamedArtifact,
        _ exchange: Exchange,
        _ bytes: Facts.ByteFacts
    ) async throws(Problem) -> Verdict {
        let subject = named.release.purl.description
        if let lock = configuration.lock, !lock.digests.contains(bytes.sha256) { throw Gateway.lockedOut(subject) }
        var known = fileFacts(named, exchange)
        known.bytes = bytes
        let second = configuration.policy.judge(known)
        if second.isDenied { throw problem(second, of: named.release.purl, exchange) }
        return second
    }
}
