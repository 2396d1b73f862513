internal import Core
internal import Storage
internal import Upstream

/// Getting the unjudged document: cache, one conditional request, or the old copy when the upstream is down.
extension Gateway {
    enum IndexAnswer: Sendable {
        case document(CachedAnswer, Blob, isStale: Bool)
        case passed(Reply, HTTPURL)
    }

    func indexAnswer(_ key: IndexKey, _ exchange: Exchange) async throws(Problem) -> IndexAnswer {
        let old = try await cachedAnswer(key)
        let now = configuration.now()
        if let old, old.answer.isFresh(at: now) || configuration.isOffline {
            return .document(old.answer, old.body, isStale: false)
        }
        if configuration.isOffline {
            throw Problem(
                .upstreamUnreachable,
                subject: key.url.redacted,
                summary: "is not in the cache, and this run is offline",
                remedy: "Run once without --offline, or use `purser replay` with the build's record.",
                reason: "offline"
            )
        }
        do {
            return try await askUpstream(key, exchange, old)
        } catch {
            // An index that was good a while ago is better than a failed build; the record says that it was old.
            guard let old, error.code.mayRetry else { throw error }
            return .document(old.answer, old.body, isStale: true)
        }
    }

    /// Answers of another mirror are answers to another question.
    private func note(of key: IndexKey) -> String { "\(key.text)\n\(configuration.answerScope)" }

    private func cachedAnswer(_ key: IndexKey) async throws(Problem) -> (answer: CachedAnswer, body: Blob)? {
        guard let note = stores.answers?.note(note(of: key)), let answer = CachedAnswer(note: note) else { return nil }
        do {
            guard let body = try await stores.cache.blob(answer.body) else { return nil }
            return (answer, body)
        } catch { throw error.problem }
    }

    private func askUpstream(
        _ key: IndexKey,
        _ exchange: Exchange,
        _ old: (answer: CachedAnswer, body: Blob)?
    ) async throws(Problem) -> IndexAnswer {
        let asked = exchange.request
        let request = Request(method: "GET", url: key.url, accept: key.accept, userAgent: asked.userAgent)
        let conditions = old.map {
            UpstreamRequest.Conditions(etag: $0.answer.etag, lastModified: $0.answer.lastModified)
        }
        let response = try await upstream.fetch(
            UpstreamRequest(
                request,
                ecosystem: exchange.ecosystem.type,
                purpose: .index,
                headers: forwardable(exchange.client.headers) + [HeaderField("Accept-Encoding", "gzip")],
                conditions: conditions,
                claims: memory.vouched(for: key.url),
                bodyLimit: Int64(Gateway.indexLimit)
            )
        )
        if response.status == 304 {
            response.body.cancel()
            guard let old else { throw unasked304(key.url) }
            let renewed = CachedAnswer(renewing: old.answer, headers: response.headers, now: configuration.now())
            try keep(renewed, key, response)
            return .document(renewed, old.body, isStale: false)
        }
        let raw = try await response.body.collect(limit: Gateway.indexLimit, of: key.url.redacted)
        let bytes = try decoded(raw, response.headers, key.url.redacted)
        guard response.status == 200 else {
            let body: ReplyBody = bytes.isEmpty ? .none : .bytes(bytes)
            let reply = Reply(status: response.status, reason: nil, headers: passable(response.headers), body: body)
            return .passed(reply, response.finalURL)
        }
        guard !bytes.isEmpty else { throw emptyIndex(key.url) }
        do {
            let blob = try stores.cache.store(bytes)
            let answer = CachedAnswer(response, body: blob.digest, now: configuration.now())
            try keep(answer, key, response)
            return .document(answer, blob, isStale: false)
        } catch let error as StorageError { throw error.problem } catch {
            throw error as? Problem ?? .unexpected(error, subject: key.url.redacted)
        }
    }

    /// Only answers that everybody may have are kept for later jobs.
    private func keep(_ answer: CachedAnswer, _ key: IndexKey, _ response: UpstreamResponse) throws(Problem) {
        guard response.credential == key.credential || response.credential == nil, !configuration.isReplay else {
            return
        }
        do { try stores.answers?.keep(answer.note, for: note(of: key)) } catch { throw error.problem }
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
