internal import Core
internal import Policy
internal import Storage
internal import Upstream

/// Steps 5 to 7 of a request: fetch an index once, judge every file it lists, print it again.
extension Gateway {
    /// Greatest index that is read, in bytes, decoded.
    static var indexLimit: Int { 128 << 20 }
    /// Seconds for which a judged index is given again without asking, where the upstream names no time.
    private static var sessionFreshness: Int64 { 60 }

    func answerIndex(_ scope: IndexScope, _ exchange: Exchange) async throws(Problem) -> Reply {
        if let sum = exchange.ecosystem.checksum(about: exchange.request), sum.checksum == exchange.request.url {
            return try await answerChecksum(sum, scope, exchange)
        }
        let index = try await soundIndex(scope, exchange)
        if let passed = index.passed {
            try await recordAbsence(passed, index.finalURL, exchange)
            return exchange.isHead ? passed.withoutBody : passed
        }
        guard let digest = index.body, let body = try await storedIndex(digest) else { throw Gateway.lost(exchange) }
        if index.isFile { try await admit(body, of: index, exchange) }
        try await recordIndex(index, digest, exchange)
        return try reply(with: index, body, scope, exchange)
    }

    /// Clients say little of an index that they did not get, so one that is no index stands in the record with its reason.
    private func soundIndex(_ scope: IndexScope, _ exchange: Exchange) async throws(Problem) -> PreparedIndex {
        do throws(Problem) { return try await preparedIndex(scope, exchange) } catch {
            if error.code == .integrityMismatch {
                let refusal = Refusal(subject: error.subject, purl: nil, problem: error, verdict: nil, isHidden: false)
                try await recorder.record(.refused(refusal))
            }
            throw error
        }
    }

    /// The index ready to be given out; made once however many ask.
    func preparedIndex(_ scope: IndexScope, _ exchange: Exchange) async throws(Problem) -> PreparedIndex {
        let key = IndexKey(
            url: exchange.request.url.withoutFragment,
            accept: exchange.request.accept,
            credential: exchange.credential
        )
        let wantsFresh = exchange.client.headers.first("Cache-Control")?.contains("max-age=0") ?? false
        if !wantsFresh || configuration.isReplay, let known = prepared.fresh(key, now: configuration.now()),
            let body = known.body, try await storedIndex(body) != nil
        {
            return known
        }
        return try await indexes.value(for: key) { [self] in
            do throws(Problem) {
                let index = try await prepare(key, scope, exchange)
                prepared.keep(index, for: key)
                return .success(index)
            } catch { return .failure(error) }
        }
    }

    /// A document that was judged, in the store where it lies.
    private struct Printed {
        let body: Digest
        let contentType: String
        let isRewritten: Bool
        var isFile = false
    }

    private func prepare(_ key: IndexKey, _ scope: IndexScope, _ exchange: Exchange) async throws(Problem)
        -> PreparedIndex
    {
        let promised = exchange.ecosystem.promises(of: exchange.request).first { $0.algorithm == .sha256 }
        let isPromised = { (body: Blob) in body.digest == promised }
        let answer = try await indexAnswer(key, exchange, isPromised: isPromised) {
            (cached, raw) async throws(Problem) in
            try await self.printed(raw, cached, key, scope, exchange)
        }
        switch answer {
        case .passed(let reply, let url): return PreparedIndex(passed: reply, finalURL: url)
        case .document(let cached, let printed, let isStale):
            if isStale {
                let host = key.url.origin.host
                try await recorder.record(.gap(kind: .staleIndex, host: host, detail: key.url.redacted))
            }
            let isRepository = if case .repository = scope { true } else { false }
            let freshness = max(cached.maxAge, Gateway.sessionFreshness)
            // A repository's parts must be of one moment, so each is asked for again.
            let seconds = configuration.isReplay ? 86_400 : isRepository ? 0 : freshness
            return PreparedIndex(
                body: printed.body,
                contentType: printed.contentType,
                headers: passable(cached.headers).filter { field in
                    !field.isNamed("Content-Type") && !(printed.isRewritten && field.isNamed("Last-Modified"))
                },
                finalURL: cached.finalURL,
                expires: Timestamp(seconds: configuration.now().seconds + seconds),
                isFile: printed.isFile
            )
        }
    }

    private func printed(
        _ raw: Blob,
        _ cached: CachedAnswer,
        _ key: IndexKey,
        _ scope: IndexScope,
        _ exchange: Exchange
    ) async throws(Problem) -> Printed {
        try checkVouched(raw, by: memory.vouched(for: key.url), cached)
        try checkVouched(raw, by: exchange.ecosystem.promises(of: exchange.request), cached)
        try await checkChecksum(raw, exchange)
        let bytes: [UInt8]
        do { bytes = try raw.bytes(limit: Gateway.indexLimit) } catch { throw error.problem }
        let document = cached.document(bytes)
        let judged = try await judge(document, scope, exchange)
        guard let printed = judged.printed else {
            return Printed(
                body: raw.digest,
                contentType: cached.contentType,
                isRewritten: false,
                isFile: judged.isFile
            )
        }
        do {
            let body = try stores.record.store(printed.bytes).digest
            return Printed(body: body, contentType: printed.contentType, isRewritten: true)
        } catch { throw error.problem }
    }

    /// Printed documents lie in the record's store, those that must stay as they are in the cache.
    func storedIndex(_ digest: Digest) async throws(Problem) -> Blob? {
        do {
            if let blob = try await stores.record.blob(digest) { return blob }
            return try await stores.cache.blob(digest)
        } catch { throw error.problem }
    }

    /// Bytes that a signed index or their own address vouched for must have that digest before anybody sees them.
    func checkVouched(_ raw: Blob, by vouched: [Digest], _ cached: CachedAnswer) throws(Problem) {
        for algorithm in [Digest.Algorithm.sha256, .sha512] {
            let claimed = vouched.filter { $0.algorithm == algorithm }
            guard let first = claimed.first else { continue }
            let got = try algorithm == .sha256 ? raw.digest : digest(of: raw, algorithm)
            if claimed.contains(got) { continue }
            throw Problem(
                .integrityMismatch,
                subject: cached.finalURL.redacted,
                summary: "is not the file that the index or the address promised",
                remedy: "The mirror may be in the middle of an update: run the job again, then ask its operator.",
                details: [
                    "expected": "\(first)", "got": "\(got) (\(raw.size) bytes)", "from": cached.finalURL.redacted,
                ],
                reason: "hash"
            )
        }
    }

    func digest(of raw: Blob, _ algorithm: Digest.Algorithm) throws(Problem) -> Digest {
        do {
            let staging = try stores.record.stage([algorithm])
            try staging.append(try raw.bytes(limit: Gateway.indexLimit))
            return staging.digests.first { $0.algorithm == algorithm } ?? raw.digest
        } catch { throw error.problem }
    }

    /// A document that is itself a file: policy is asked for it as for any file, and it is recorded as one.
    private func admit(_ body: Blob, of index: PreparedIndex, _ exchange: Exchange) async throws(Problem) {
        let named = try await named(ArtifactName(file: ""), exchange)
        _ = try await admitted(named, exchange)
        let bytes = Facts.ByteFacts(sha256: body.digest, size: body.size, identity: nil, entries: 0)
        let verdict = try await judgeBytes(named, exchange, bytes)
        if exchange.isHead { return }
        let provenance = Provenance(
            source: configuration.isOffline ? "cache" : "network",
            attempts: 1,
            finalURL: index.finalURL
        )
        try await recordInput(named, body, verdict, exchange, provenance)
    }

    /// Prints the prepared index for this client: its own links, validators, ranges ignored (answers are new documents).
    private func reply(
        with index: PreparedIndex,
        _ body: Blob,
        _ scope: IndexScope,
        _ exchange: Exchange
    ) throws(Problem) -> Reply {
        var headers = index.headers
        headers.append(HeaderField("Content-Type", index.contentType))
        if index.isFile, let field = exchange.ecosystem.digestField {
            let digest = exchange.ecosystem.promises(of: exchange.request).first ?? body.digest
            headers.append(HeaderField(field, digest.description))
        }
        if let base = exchange.client.linkBase, exchange.ecosystem.mayRewriteIndex {
            let linked = try linkedDocument(index, body, scope, exchange, base)
            let etag = entityTag(of: linked.bytes, exchange.ecosystem)
            headers.append(HeaderField("ETag", etag))
            return Replies.conditional(exchange, headers, etag) ?? Replies.bytes(linked.bytes, headers, exchange)
        }
        var etag = "\"sha256-\(body.digest.hex)\""
        if exchange.ecosystem.entityTag != nil {
            do { etag = entityTag(of: try body.bytes(limit: Gateway.indexLimit), exchange.ecosystem) } catch {
                throw error.problem
            }
        }
        headers.append(HeaderField("ETag", etag))
        return Replies.conditional(exchange, headers, etag)
            ?? Reply(
                status: 200,
                headers: headers,
                body: exchange.isHead ? .head(length: body.size) : .file(body.file, 0..<body.size)
            )
    }

    /// Where clients check it, the bare digest that they expect.
    private func entityTag(of bytes: [UInt8], _ ecosystem: any Ecosystem) -> String {
        guard let algorithm = ecosystem.entityTag else { return "\"sha256-\(Digest.sha256(of: bytes).hex)\"" }
        var stream = DigestStream([algorithm])
        stream.update(bytes)
        return "\"\(stream.digests.first { $0.algorithm == algorithm }?.hex ?? stream.sha256.hex)\""
    }

    /// The same index with its links led to us. Never stored: the links hold the session's secret.
    private func linkedDocument(
        _ index: PreparedIndex,
        _ body: Blob,
        _ scope: IndexScope,
        _ exchange: Exchange,
        _ base: String
    ) throws(Problem) -> Document {
        let bytes: [UInt8]
        do { bytes = try body.bytes(limit: Gateway.indexLimit) } catch { throw error.problem }
        let document = Document(bytes, contentType: index.contentType, url: index.finalURL)
        let route = LinkRoute(base: base, ecosystem: exchange.ecosystem)
        do {
            let view = IndexView(keeps: { _, _ in true }, link: { route.link(to: $0) })
            return try exchange.ecosystem.writeIndex(document, for: exchange.request, scope: scope, view: view)
        } catch { throw Gateway.unreadable(exchange, error) }
    }

    static func lost(_ exchange: Exchange) -> Problem {
        Problem(
            .storageDamaged,
            subject: exchange.request.url.redacted,
            summary: "was fetched, but the stored copy is gone",
            remedy: "Run the job again; if it repeats, check the disk under --cache."
        )
    }

    static func unreadable(_ exchange: Exchange, _ error: Malformed) -> Problem {
        Problem(
            .integrityMismatch,
            subject: exchange.request.url.redacted,
            summary: "is not a readable \(exchange.ecosystem.type) index: \(error)",
            remedy: "Look for a captive portal or a proxy in front of the registry, then run the job again.",
            reason: "index"
        )
    }
}

/// Where links lead in registry mode.
struct LinkRoute: Sendable {
    let base: String
    let ecosystem: any Ecosystem

    func link(to url: HTTPURL) -> String {
        let fragment = url.fragment.map { "#" + $0 } ?? ""
        if url.origin == ecosystem.defaultOrigin { return "\(base)/\(ecosystem.type)\(url.target)\(fragment)" }
        let origin = url.origin
        return "\(base)/\(ecosystem.type)/-/\(origin.scheme.rawValue)/\(origin.authority)\(url.target)\(fragment)"
    }
}
