internal import Core
internal import Storage
internal import Upstream

/// Getting the unjudged document: cache, one conditional request, or the old copy when the upstream is down.
extension Gateway {
    /// What came of asking for an index: a document as the caller read it, or another answer of the origin.
    enum IndexAnswer<Value> {
        case document(CachedAnswer, Value, isStale: Bool)
        case passed(Reply, HTTPURL)
    }

    typealias OldAnswer = (answer: CachedAnswer, body: Blob)

    /// `read` throws for a document that is no good: it is then asked for again, never kept, and an old one is taken
    /// where there is one.
    func indexAnswer<Value>(
        _ key: IndexKey,
        _ exchange: Exchange,
        isPromised: (Blob) throws(Problem) -> Bool = { _ in false },
        read: (CachedAnswer, Blob) async throws(Problem) -> Value
    ) async throws(Problem) -> IndexAnswer<Value> {
        let old = try await cachedAnswer(key)
        // Bytes that have the digest an index promises cannot have become others.
        let isPromised = try old.map { old throws(Problem) in try isPromised(old.body) } ?? false
        let isFinal = exchange.ecosystem.isFinal(exchange.request)
        if let old, isPromised || isFinal || old.answer.isFresh(at: configuration.now()) || configuration.isOffline {
            do { return .document(old.answer, try await read(old.answer, old.body), isStale: false) } catch {
                guard error.code == .integrityMismatch, !configuration.isOffline else { throw error }
            }
        }
        if configuration.isOffline {
            guard let absence = knownAbsence(of: key) else { throw Gateway.notCached(key.url.redacted) }
            return .passed(absence.reply, absence.finalURL)
        }
        var attempt = 1
        while true {
            do { return try await askUpstream(key, exchange, old, read) } catch {
                if !Task.isCancelled, Gateway.isWorthAnother(attempt, after: error) {
                    try? await Task.sleep(for: configuration.pause * (1 << (attempt - 1)))
                    attempt += 1
                    continue
                }
                // An index that was good a while ago is better than a failed build; the record says that it was old.
                guard let old, Gateway.mayBeOld(after: error), let value = try? await read(old.answer, old.body) else {
                    try await recordFailure(error, asking: key.url)
                    throw error
                }
                return .document(old.answer, value, isStale: true)
            }
        }
    }

    static func notCached(_ subject: String) -> Problem {
        Problem(
            .upstreamUnreachable,
            subject: subject,
            summary: "is not in the cache, and this run is offline",
            remedy: "Run once without --offline, or use `purser replay` with the build's record.",
            reason: "offline"
        )
    }

    private static func mayBeOld(after problem: Problem) -> Bool {
        let isTLS = problem.reason?.hasPrefix("tls-") ?? false
        return !isTLS && (problem.code.mayRetry || problem.code == .integrityMismatch || problem.code == .tooLarge)
    }

    /// Answers of another mirror are answers to another question.
    private func note(of key: IndexKey) -> String { "\(key.text)\n\(configuration.answerScope)" }

    private func cachedAnswer(_ key: IndexKey) async throws(Problem) -> OldAnswer? {
        guard let note = stores.answers?.note(note(of: key)), let answer = CachedAnswer(note: note) else { return nil }
        do {
            guard let body = try await stores.cache.blob(answer.body) else { return nil }
            return (answer, body)
        } catch { throw error.problem }
    }

    private func askUpstream<Value>(
        _ key: IndexKey,
        _ exchange: Exchange,
        _ old: OldAnswer?,
        _ read: (CachedAnswer, Blob) async throws(Problem) -> Value
    ) async throws(Problem) -> IndexAnswer<Value> {
        let response = try await upstream.fetch(indexQuestion(key, exchange, old))
        if response.status == 304 {
            response.body.cancel()
            guard let old else { throw unasked304(key.url) }
            let renewed = CachedAnswer(renewing: old.answer, headers: response.headers, now: configuration.now())
            let value = try await read(renewed, old.body)
            keep(renewed, key, response)
            return .document(renewed, value, isStale: false)
        }
        try checkAsked(response, key.url.redacted)
        if response.status >= 500 || response.status == 429, old != nil {
            response.body.cancel()
            throw down(key.url, response.status)
        }
        let raw = try await response.body.collect(limit: Gateway.indexLimit, of: key.url.redacted)
        let bytes = try decoded(raw, response.headers, key.url.redacted)
        noteChallenge(response.headers, exchange)
        guard response.status == 200 else { return try await passed(response, bytes, key) }
        guard !bytes.isEmpty || exchange.ecosystem.admitsEmptyIndex(for: exchange.request) else {
            throw emptyIndex(key.url)
        }
        try checkIsNoPage(response, key)
        let blob: Blob
        do { blob = try stores.cache.store(bytes) } catch { throw error.problem }
        let answer = CachedAnswer(response, body: blob.digest, now: configuration.now())
        let said = exchange.ecosystem.digestField.flatMap { response.headers.first($0) }
        try checkVouched(blob, by: said.flatMap { Digest($0) }.map { [$0] } ?? [], answer)
        let value = try await read(answer, blob)
        keep(answer, key, response)
        return .document(answer, value, isStale: false)
    }

    private func passed<Value>(_ response: UpstreamResponse, _ bytes: [UInt8], _ key: IndexKey) async throws(Problem)
        -> IndexAnswer<Value>
    {
        if response.status >= 500 || response.status == 429 {
            let host = key.url.origin.host
            let detail = "\(response.status) for \(key.url.redacted)"
            try await recorder.record(.gap(kind: .upstreamError, host: host, detail: detail))
        }
        let body: ReplyBody = bytes.isEmpty ? .none : .bytes(bytes)
        let reply = Reply(status: response.status, reason: nil, headers: passable(response.headers), body: body)
        keepAbsence(reply, key, response)
        return .passed(reply, response.finalURL)
    }

    private func indexQuestion(_ key: IndexKey, _ exchange: Exchange, _ old: OldAnswer?) -> UpstreamRequest {
        let agent = exchange.request.userAgent
        return UpstreamRequest(
            Request(method: "GET", url: key.url, accept: key.accept, userAgent: agent),
            ecosystem: exchange.ecosystem.type,
            purpose: .index,
            headers: forwardable(exchange.client.headers) + [HeaderField("Accept-Encoding", "gzip")],
            conditions: old.map {
                UpstreamRequest.Conditions(etag: $0.answer.etag, lastModified: $0.answer.lastModified)
            },
            claims: memory.vouched(for: key.url),
            bodyLimit: Int64(Gateway.indexLimit)
        )
    }

    /// Keeps an answer for later jobs. One that was got with a credential of ours is for this session alone, and one got
    /// with the client's lies under that credential. Losing the note costs a download, so a full disk is no error.
    private func keep(_ answer: CachedAnswer, _ key: IndexKey, _ response: UpstreamResponse) {
        guard response.credential == nil, !configuration.isReplay else { return }
        try? stores.answers?.keep(answer.note, for: note(of: key))
    }

    private func down(_ url: HTTPURL, _ status: Int) -> Problem {
        Problem(
            .upstreamUnreachable,
            subject: url.redacted,
            summary: "was answered \(status)",
            remedy: "Run the job again later, or ask the upstream's operator.",
            reason: "status"
        )
    }

    private func unasked304(_ url: HTTPURL) -> Problem {
        Problem(
            .integrityMismatch,
            subject: url.redacted,
            summary: "was answered 304 although nothing conditional was asked",
            remedy: "A cache between this job and the upstream is broken; go round it and run the job again.",
            reason: "unasked-304"
        )
    }

    /// A login page reads like an index of nothing where pages are indexes; a client that wants none gets none.
    private func checkIsNoPage(_ response: UpstreamResponse, _ key: IndexKey) throws(Problem) {
        let type = (response.headers.first("Content-Type") ?? "").lowercased()
        let wantsPages = key.accept.isEmpty || key.accept.contains("html") || key.accept.contains("*/*")
        guard type.hasPrefix("text/html"), !wantsPages else { return }
        throw Problem(
            .integrityMismatch,
            subject: key.url.redacted,
            summary: "was answered with a web page instead of an index",
            remedy: "Look for a captive portal or a proxy in front of the registry, then run the job again.",
            reason: "html"
        )
    }

    private func emptyIndex(_ url: HTTPURL) -> Problem {
        Problem(
            .integrityMismatch,
            subject: url.redacted,
            summary: "was answered with no bytes",
            remedy: "Run the job again; if it repeats, ask the upstream's operator.",
            reason: "empty"
        )
    }
}
