internal import Archive
internal import Core
internal import Policy
internal import Storage
internal import Upstream

/// What a forwarded request came back as, beside the reply for the client.
struct Forwarded: Sendable {
    let reply: Reply
    let response: UpstreamResponse
    let body: [UInt8]
}

/// Requests that pass through: publications, searches, pings, token exchanges.
extension Gateway {
    /// Greatest answer of a forwarded request, in bytes.
    private static var answerLimit: Int { 32 << 20 }
    private static var passingMethods: Set<String> { ["GET", "HEAD", "OPTIONS", "POST"] }

    func answerPassThrough(_ exchange: Exchange) async throws(Problem) -> Reply {
        let method = exchange.request.method
        if let reply = ignorable(exchange) { return reply }
        // A method that no client of the ecosystem uses could only change or carry out something.
        if exchange.ecosystem.type != "generic", !Gateway.passingMethods.contains(method) {
            let reason = "usage.invalid: \(method) is no request of the \(exchange.ecosystem.type) protocol"
            return Reply(
                status: 405,
                reason: reason,
                headers: [HeaderField("Allow", "GET, HEAD, POST"), HeaderField("Content-Type", "text/plain")],
                body: .bytes(Array((reason + "\n").utf8))
            )
        }
        let isReading = method == "GET" || method == "HEAD" || method == "OPTIONS"
        if !isReading {
            let host = exchange.request.url.origin.host
            try await recorder.record(
                .gap(kind: .nonGet, host: host, detail: "\(method) \(exchange.request.url.redacted)")
            )
        }
        let forwarded = try await forward(exchange, purpose: .passThrough)
        // gem asks by HEAD which kind of index there is, and goes by a refusal too.
        let status = forwarded.response.status
        if (method == "GET" && status == 200) || (method == "HEAD" && status < 500) {
            try await recordAnswer(forwarded, exchange)
        }
        return forwarded.reply
    }

    /// The empty answer that a run without a network gives to a request that means nothing for the build.
    func ignorable(_ exchange: Exchange) -> Reply? {
        guard configuration.isOffline || configuration.isReplay,
            let empty = exchange.ecosystem.ignorableAnswer(to: exchange.request)
        else { return nil }
        return Reply(
            status: 200,
            headers: [HeaderField("Content-Type", empty.contentType)],
            body: exchange.isHead ? .head(length: Int64(empty.bytes.count)) : .bytes(empty.bytes)
        )
    }

    /// A publication goes to its own origin with the client's own credentials and is recorded as an output.
    func answerPublication(_ exchange: Exchange) async throws(Problem) -> Reply {
        let request = exchange.request
        guard configuration.policy.mode == .audit || configuration.allowsPublishing else {
            let problem = Problem(
                .policyDenied,
                subject: "\(request.method) \(request.url.redacted)",
                summary: "publishes to a registry",
                remedy: "Publish with `purser push`, or set `session: { publish: allow }` in purser.yml.",
                rule: "session.publish"
            )
            // A command may swallow the denial; the run must not.
            try await recorder.record(
                .refused(Refusal(subject: problem.subject, purl: nil, problem: problem, verdict: nil, isHidden: false))
            )
            throw problem
        }
        let staged = try await stagedBody(exchange)
        let forwarded = try await forward(exchange, purpose: .publication, body: staged.body)
        try await recorder.record(
            .published(
                PublishedOutput(
                    url: request.url,
                    method: request.method,
                    size: staged.size,
                    digest: staged.digest,
                    status: forwarded.response.status
                )
            )
        )
        // The staged upload lives until its answer is here.
        _ = staged.staging
        return forwarded.reply
    }

    /// Sends the request on and takes the whole answer.
    func forward(
        _ exchange: Exchange,
        purpose: UpstreamRequest.Purpose,
        body: UpstreamRequest.UploadBody? = nil
    ) async throws(Problem) -> Forwarded {
        var upload = body ?? .none
        var staging: Staging?
        if body == nil {
            let staged = try await stagedBody(exchange)
            (upload, staging) = (staged.body, staged.staging)
        }
        let question = UpstreamRequest(
            exchange.request,
            ecosystem: exchange.ecosystem.type,
            purpose: purpose,
            headers: forwardable(exchange.client.headers),
            body: upload
        )
        let whole: WholeAnswer
        do throws(Problem) { whole = try await wholeAnswer(to: question, exchange) } catch {
            try await recordFailure(error, asking: exchange.request.url)
            throw error
        }
        _ = staging
        let response = whole.response
        noteChallenge(response.headers, exchange)
        let bytes = try decoded(whole.body, response.headers, exchange.request.url.redacted)
        let length = exchange.isHead ? response.headers.first("Content-Length").flatMap(Int64.init) : nil
        let reply = Reply(
            status: response.status,
            reason: response.reason.isEmpty ? nil : response.reason,
            headers: passable(response.headers),
            body: exchange.isHead ? .head(length: length) : bytes.isEmpty ? .none : .bytes(bytes)
        )
        return Forwarded(reply: reply, response: response, body: bytes)
    }

    private struct WholeAnswer {
        let response: UpstreamResponse
        let body: [UInt8]
    }

    /// One that broke off is asked for again, where asking changes nothing: the client has seen none of it.
    private func wholeAnswer(to question: UpstreamRequest, _ exchange: Exchange) async throws(Problem) -> WholeAnswer {
        let subject = exchange.request.url.redacted
        var attempt = 1
        while true {
            let response = try await upstream.fetch(question)
            if exchange.isHead { return WholeAnswer(response: response, body: []) }
            do throws(Problem) {
                let body = try await response.body.collect(limit: Gateway.answerLimit, of: subject)
                return WholeAnswer(response: response, body: body)
            } catch {
                let mayAsk = exchange.request.method == "GET" && error.reason == "truncated"
                guard mayAsk, Gateway.isWorthAnother(attempt, after: error) else { throw error }
                try? await Task.sleep(for: configuration.pause * (1 << (attempt - 1)))
                attempt += 1
            }
        }
    }

    private struct StagedBody {
        let body: UpstreamRequest.UploadBody
        let size: Int64
        let digest: Digest?
        let staging: Staging?
    }

    /// The client's body on disk, so that memory stays flat and a redirect or retry can send it again.
    private func stagedBody(_ exchange: Exchange) async throws(Problem) -> StagedBody {
        switch exchange.client.body {
        case .none: return StagedBody(body: .none, size: 0, digest: nil, staging: nil)
        case .bytes(let bytes):
            return StagedBody(body: .bytes(bytes), size: Int64(bytes.count), digest: .sha256(of: bytes), staging: nil)
        case .stream(_, let next):
            do {
                let staging = try stores.record.stage()
                while let chunk = try await next() { try staging.append(chunk) }
                let body = UpstreamRequest.UploadBody.file(path: staging.inspectionPath, size: staging.size)
                return StagedBody(body: body, size: staging.size, digest: staging.digests.first, staging: staging)
            } catch let error as StorageError { throw error.problem } catch let error as Problem { throw error } catch {
                throw Problem.unexpected(error, subject: exchange.request.url.redacted)
            }
        }
    }

    private func recordAnswer(_ forwarded: Forwarded, _ exchange: Exchange) async throws(Problem) {
        let body: Digest
        do { body = try stores.record.store(forwarded.body).digest } catch { throw error.problem }
        try await recordAnswer(
            exchange,
            Answered(
                status: forwarded.response.status,
                contentType: forwarded.response.headers.first("Content-Type") ?? "",
                body: body,
                finalURL: forwarded.response.finalURL
            )
        )
    }
}

extension Problem {
    /// An error that no road should have led to.
    static func unexpected(_ error: any Error, subject: String) -> Problem {
        Problem(
            .bug,
            subject: subject,
            summary: "failed in a way that Purser does not know: \(error)",
            remedy: "Report it with the command and this text."
        )
    }
}
