internal import Core
internal import JSONText
internal import Policy
internal import Storage
internal import Upstream

/// Conversations about objects (git): everything wanted is judged first, the answer is looked into before it is given
/// out, and the same request gets the same answer again.
extension Gateway {
    /// What is wanted, and how the origin is asked for it.
    private struct Wish: Sendable {
        let wants: [Purl]
        let body: [UInt8]
        let clientHasSome: Bool
    }

    /// Greatest request and greatest list of names, in bytes.
    private static var requestLimit: Int { 16 << 20 }
    private static var listingLimit: Int { 64 << 20 }

    func answerConversation(_ exchange: Exchange) async throws(Problem) -> Reply {
        guard let ecosystem = exchange.ecosystem as? any ConversingEcosystem else {
            return try await answerPassThrough(exchange)
        }
        let talk = try await conversation(exchange)
        let topic: Topic
        do { topic = try ecosystem.topic(of: talk.request) } catch { throw malformed(error, talk.request.url) }
        do throws(Problem) {
            switch topic {
            case .listing(let repository):
                _ = try await admitted(Release(purl: repository), talk)
                return try await listing(talk)
            case .objects(let wants, let body, let hasSome):
                return try await objects(Wish(wants: wants, body: body, clientHasSome: hasSome), talk)
            }
        } catch {
            guard error.code == .policyDenied || error.code == .integrityMismatch else { throw error }
            let refusal = ecosystem.refusal(of: talk.request, for: error)
            return Reply(
                status: 200,
                headers: [
                    HeaderField("Content-Type", refusal.contentType), HeaderField("Cache-Control", "no-store"),
                    HeaderField("Purser-Problem", error.code.rawValue),
                ],
                body: exchange.isHead ? .head(length: Int64(refusal.bytes.count)) : .bytes(refusal.bytes)
            )
        }
    }

    /// The exchange with its body at hand and decoded.
    func conversation(_ exchange: Exchange) async throws(Problem) -> Exchange {
        let client = exchange.client
        let subject = exchange.request.url.redacted
        var raw: [UInt8] = []
        switch client.body {
        case .none: break
        case .bytes(let bytes): raw = bytes
        case .stream(_, let next):
            while let chunk = try await next() {
                raw += chunk
                guard raw.count <= Gateway.requestLimit else { throw tooLong(subject) }
            }
        }
        let body = try decoded(raw, client.headers, subject)
        let asked = client.request
        let request = Request(
            method: asked.method,
            url: asked.url,
            accept: asked.accept,
            userAgent: asked.userAgent,
            body: body
        )
        let dropped = ["Content-Encoding", "Content-Length", "Accept-Encoding"]
        let headers = client.headers.filter { field in !dropped.contains { field.isNamed($0) } }
        return self.exchange(
            ClientRequest(
                request: request,
                headers: headers,
                body: body.isEmpty ? .none : .bytes(body),
                linkBase: client.linkBase,
                ecosystemType: client.ecosystemType
            ),
            exchange.ecosystem
        )
    }

    private func tooLong(_ subject: String) -> Problem {
        Problem(
            .tooLarge,
            subject: subject,
            summary: "was asked with a request of more than \(Gateway.requestLimit) bytes",
            remedy: "Fetch fewer references at once."
        )
    }

    /// Names and what they stand for: asked again each time, the last known ones when the upstream cannot be asked.
    private func listing(_ talk: Exchange) async throws(Problem) -> Reply {
        let key = conversationNote(talk)
        var said: ConversationAnswer?
        if !configuration.isOffline {
            do throws(Problem) { said = try await asked(talk, for: key) } catch {
                guard error.code.mayRetry, stores.answers?.note(key) != nil else { throw error }
                let url = talk.request.url
                try await recorder.record(.gap(kind: .staleIndex, host: url.origin.host, detail: url.redacted))
            }
        }
        if said == nil { said = try await remembered(key) }
        guard let said else { throw offline(talk.request.url.redacted) }
        return try await reply(with: said, talk)
    }

    /// Objects never change: what was given once is given again.
    private func objects(_ wish: Wish, _ talk: Exchange) async throws(Problem) -> Reply {
        var verdicts: [Purl: Verdict] = [:]
        for release in wish.wants { verdicts[release] = try await admitted(release: release, talk) }
        let key = conversationNote(talk)
        let known = try await remembered(key)
        if known == nil, configuration.isOffline { throw offline(talk.request.url.redacted) }
        let said: ConversationAnswer
        if let known {
            said = known
        } else {
            said = try await conversations.value(for: key) { [self] in
                do throws(Problem) { return .success(try await fetchedObjects(wish, talk, key)) } catch {
                    return .failure(error)
                }
            }
        }
        for object in said.objects {
            guard let verdict = verdicts[object.purl] else { continue }
            try await record(object, verdict, talk, isHit: known != nil)
        }
        return try await reply(with: said, talk)
    }

    private func admitted(release: Purl, _ talk: Exchange) async throws(Problem) -> Verdict {
        var known = Release(purl: release)
        known.artifacts = [Artifact(file: release.repositoryFile, digests: [release.objectName].compactMap(\.self))]
        return try await admitted(known, talk)
    }

    private func admitted(_ release: Release, _ talk: Exchange) async throws(Problem) -> Verdict {
        let claims = (release.artifacts.first?.digests ?? []).map { DigestClaim(by: "address", digest: $0) }
        let known = claims + pinned(release.purl)
        let facts = facts(release, release.artifacts.first, talk, claims: known, source: .index)
        let verdict = configuration.policy.judge(facts)
        guard verdict.isDenied else { return verdict }
        let subject = release.purl.description
        let problem = verdict.problem(subject: subject)
        let refusal = Refusal(
            subject: subject,
            purl: release.purl,
            problem: problem,
            verdict: verdict,
            isHidden: false
        )
        try await recorder.record(.refused(refusal))
        throw problem
    }

    private func fetchedObjects(_ wish: Wish, _ talk: Exchange, _ key: String) async throws(Problem)
        -> ConversationAnswer
    {
        var attempt = 1
        while true {
            do throws(Problem) {
                let response = try await response(to: talk, body: wish.body)
                guard response.status == 200 else { return try await passed(response, talk) }
                let staging = try await staged(response)
                guard let witness = configuration.witness else { throw unwitnessed(talk) }
                let objects = try await witness.objects(
                    wish.wants,
                    answer: staging.inspectionPath,
                    mayLack: wish.clientHasSome
                )
                let blob: Blob
                do { blob = try staging.commit() } catch { throw error.problem }
                let said = ConversationAnswer(response, blob: blob, objects: objects)
                keep(said, key, response)
                return said
            } catch {
                guard !Task.isCancelled, Gateway.isWorthAnother(attempt, after: error) else { throw error }
                try? await Task.sleep(for: configuration.pause * (1 << (attempt - 1)))
                attempt += 1
            }
        }
    }

    private func staged(_ response: UpstreamResponse) async throws(Problem) -> Staging {
        do {
            let staging = try stores.cache.stage()
            while let chunk = try await response.body.next() { try staging.append(chunk) }
            return staging
        } catch let error as StorageError {
            response.body.cancel()
            throw error.problem
        } catch {
            response.body.cancel()
            throw error as? Problem ?? .unexpected(error, subject: response.finalURL.redacted)
        }
    }

    private func asked(_ talk: Exchange, for key: String) async throws(Problem) -> ConversationAnswer {
        let response = try await response(to: talk, body: talk.request.body)
        guard response.status == 200 else { return try await passed(response, talk) }
        let subject = talk.request.url.redacted
        let raw = try await response.body.collect(limit: Gateway.listingLimit, of: subject)
        let bytes = try decoded(raw, response.headers, subject)
        let blob: Blob
        do { blob = try stores.cache.store(bytes) } catch { throw error.problem }
        let said = ConversationAnswer(response, blob: blob, objects: [])
        keep(said, key, response)
        return said
    }

    private func response(to talk: Exchange, body: [UInt8]) async throws(Problem) -> UpstreamResponse {
        let asked = talk.request
        // What was asked is part of what replay looks for; what is sent may be a little less.
        return try await upstream.fetch(
            UpstreamRequest(
                asked,
                ecosystem: talk.ecosystem.type,
                purpose: .passThrough,
                headers: forwardable(talk.client.headers),
                body: body.isEmpty ? .none : .bytes(body)
            )
        )
    }

    /// Another status is the origin's own word (a login, a redirect, not there): passed on.
    private func passed(_ response: UpstreamResponse, _ talk: Exchange) async throws(Problem) -> ConversationAnswer {
        let subject = talk.request.url.redacted
        let raw = try await response.body.collect(limit: 1 << 20, of: subject)
        let bytes = try decoded(raw, response.headers, subject)
        if response.status >= 500 || response.status == 429 {
            let host = talk.request.url.origin.host
            try await recorder.record(
                .gap(kind: .upstreamError, host: host, detail: "\(response.status) for \(subject)")
            )
        }
        let reply = Reply(
            status: response.status,
            headers: passable(response.headers),
            body: bytes.isEmpty ? .none : .bytes(bytes)
        )
        try await recordAbsence(reply, response.finalURL, talk)
        return ConversationAnswer(passed: reply, response)
    }

    private func reply(with said: ConversationAnswer, _ talk: Exchange) async throws(Problem) -> Reply {
        guard let blob = said.blob else { return said.passed ?? Reply(status: 502) }
        try await recordAnswer(
            talk,
            Answered(contentType: said.contentType, body: blob.digest, finalURL: said.finalURL)
        )
        return Reply(
            status: 200,
            headers: [HeaderField("Content-Type", said.contentType), HeaderField("Cache-Control", "no-cache")],
            body: talk.isHead ? .head(length: blob.size) : .file(blob.file, 0..<blob.size)
        )
    }
}
