internal import Core
internal import JSONText
internal import Policy
internal import Storage
internal import Upstream

/// Steps 8 to 13 of a request: name the file, ask policy, have it once, verify, give it out.
extension Gateway {
    func answerArtifact(_ name: ArtifactName, _ exchange: Exchange) async throws(Problem) -> Reply {
        guard exchange.request.method == "GET" || exchange.isHead else { return try await answerPublication(exchange) }
        let (now, learnt) = (configuration.now(), memory.learnt)
        let named = await vouched(try await named(name, exchange), exchange)
        let verdict = try await admitted(named, exchange)
        if let blob = try await storedBlob(named, exchange) {
            do throws(Problem) { try checkCachedIdentity(blob, named, exchange) } catch {
                try await refuse(named, error, nil)
            }
            let label = label(of: named, blob, exchange)
            // A HEAD brings nothing in.
            if !exchange.isHead {
                let provenance = Provenance(source: "cache", attempts: 0, label: label)
                try await recordFetched(named, blob, verdict, exchange, provenance)
                let artifact = HotArtifacts.Artifact(blob: blob, label: label, ecosystem: exchange.ecosystem)
                let key = HotArtifacts.Key(exchange.client, credential: exchange.credential)
                hot.keep(artifact, for: key, at: now, learnt: learnt)
            }
            return Replies.artifact(blob, label: label, exchange, ignoringRange: false)
        }
        if configuration.isOffline {
            throw Gateway.notCached(named.release.purl.description)
        }
        if exchange.isHead { return try await upstreamHead(named, exchange) }
        return try await fetched(named, verdict, exchange)
    }

    /// Asks policy with every fact that needs no bytes. A denial is recorded, and nothing is fetched.
    func admitted(_ named: NamedArtifact, _ exchange: Exchange) async throws(Problem) -> Verdict {
        let subject = named.release.purl.description
        let verdict = configuration.policy.judge(fileFacts(named, exchange))
        // Nothing is let in by saying so, and a client with several registries goes on to the next one.
        if verdict.isDenied, named.isAbsent { throw Gateway.absent(subject) }
        if verdict.isDenied { try await refuse(named, problem(verdict, of: named.release.purl, exchange), verdict) }
        if let lock = configuration.lock, let promised = named.sha256, !lock.digests.contains(promised) {
            try await refuse(named, Gateway.lockedOut(subject), verdict)
        }
        return verdict
    }

    private func refuse(_ named: NamedArtifact, _ problem: Problem, _ verdict: Verdict?) async throws(Problem) {
        try await recordRefusal(of: named.release.purl, problem, verdict)
        throw problem
    }

    private static func absent(_ subject: String) -> Problem {
        Problem(
            .notFound,
            subject: subject,
            summary: "is not there, says its registry",
            remedy: "Check name and version, and which registries the client asks."
        )
    }

    /// `versions` of a package of which others are let in.
    static func lockedOut(_ subject: String, _ versions: [String] = []) -> Problem {
        let more = versions.count > 3 ? " and \(versions.count - 3) more" : ""
        let cut = "is not shown whole: \(versions.suffix(3).joined(separator: ", "))\(more)"
        let those = versions.count == 1 ? "is" : "are"
        return Problem(
            .policyDenied,
            subject: subject,
            summary: (versions.isEmpty ? "is" : "\(cut) \(those)")
                + " not among the inputs of the manifest that --locked obeys",
            remedy: "Run without --locked to record it, look at `purser diff`, and commit the new purser.lock.",
            rule: "locked"
        )
    }

    /// Bytes we have that are all that was promised.
    func storedBlob(_ named: NamedArtifact, _ exchange: Exchange) async throws(Problem) -> Blob? {
        guard let blob = try await promisedBlob(named), try hasClaimed(blob, named, exchange) else { return nil }
        return blob
    }

    /// Bytes we have under a promised digest. A lockfile's promise counts more than an index's, which may change.
    private func promisedBlob(_ named: NamedArtifact) async throws(Problem) -> Blob? {
        let pinned = named.claims.filter { $0.by != "index" && $0.digest.algorithm.isStrong }
        let claims = (pinned.isEmpty ? named.claims : pinned).map(\.digest).filter(\.algorithm.isStrong)
        let wanted = claims.filter { $0.algorithm == .sha256 }
        // Two promises that contradict each other cannot both be kept.
        guard Set(wanted).count <= 1 else { return nil }
        do {
            if let sha256 = wanted.first {
                if let blob = try await stores.cache.blob(sha256) { return blob }
                return configuration.isReplay ? try await stores.record.blob(sha256) : nil
            }
            for claim in claims {
                guard let note = stores.answers?.note("alias\n\(claim)"),
                    let sha256 = note.string.flatMap({ Digest($0) }),
                    let blob = try await stores.cache.blob(sha256)
                else { continue }
                return blob
            }
            return nil
        } catch { throw error.problem }
    }

    private func fetched(_ named: NamedArtifact, _ verdict: Verdict, _ exchange: Exchange) async throws(Problem)
        -> Reply
    {
        let key = Fetches.Key(
            url: exchange.request.url.withoutFragment,
            accept: exchange.request.accept,
            credential: exchange.credential,
            claims: named.claims
        )
        let hasBroken = fetches.hasBroken(key.url)
        let seat = fetches.join(key) { [self] fetch in
            await run(fetch, named, verdict, exchange)
        }
        let isText = Gateway.isText(named.artifact.file)
        if !hasBroken, !isText {
            if let outcome = await seat.fetch.outcome(within: configuration.patience) {
                seat.end()
                return try reply(for: outcome, seat, named, exchange, ignoringRange: false)
            }
            let head = seat.fetch.head()
            if (head.length ?? .max) > Fetch.smallBody, !Gateway.isText(contentType: head.label?.contentType) {
                let promised = seat.fetch.head(promising: true)
                if promised.mayStream { return streaming(seat, promised, named) }
            }
        }
        let outcome = await seat.fetch.outcome(within: nil)
        seat.end()
        guard let outcome else { throw Gateway.lost(exchange) }
        return try reply(for: outcome, seat, named, exchange, ignoringRange: hasBroken)
    }

    /// Gives out all but the last bytes while the rest arrives. The reader's place is its own; letting go of the reply
    /// is leaving.
    private func streaming(_ seat: Seat, _ head: Fetch.Head, _ named: NamedArtifact) -> Reply {
        var headers = (head.label ?? FileLabel(type: named.artifact.attributes["content-type"])).fields
        if let sha256 = named.sha256 { headers.append(HeaderField("ETag", "\"sha256-\(sha256.hex)\"")) }
        let place = ReadingPlace()
        return Reply(
            status: 200,
            headers: headers,
            body: .stream(length: head.length) { () async throws(Problem) in
                guard let bytes = try await seat.fetch.read(at: place.offset) else { return nil }
                place.advance(by: bytes.count)
                return bytes
            }
        )
    }

    private func reply(
        for outcome: Fetch.Outcome,
        _ seat: Seat,
        _ named: NamedArtifact,
        _ exchange: Exchange,
        ignoringRange: Bool
    ) throws(Problem) -> Reply {
        switch outcome {
        case .failed(let problem): throw problem
        case .passed(let reply): return exchange.isHead ? reply.withoutBody : reply
        case .committed(let blob):
            return Replies.artifact(
                blob,
                label: seat.fetch.head().label ?? label(of: named, blob, exchange),
                exchange,
                ignoringRange: ignoringRange
            )
        }
    }

    /// HEAD of something we do not have: policy has spoken, so the upstream's own length and type are passed on.
    private func upstreamHead(_ named: NamedArtifact, _ exchange: Exchange) async throws(Problem) -> Reply {
        let forwarded = try await forward(exchange, purpose: .artifact)
        var reply = forwarded.reply
        let ours = named.sha256.map { "\"sha256-\($0.hex)\"" }
        if reply.status == 200, let etag = ours ?? forwarded.response.headers.first("ETag") {
            reply.headers.append(HeaderField("ETag", etag))
        }
        return reply
    }

    /// Scripts and text are given out whole or not at all: half of one may already do harm.
    private static func isText(_ file: String) -> Bool {
        [".sh", ".ps1", ".py", ".asc", ".sha256", ".txt", ".json"].contains { file.lowercased().hasSuffix($0) }
    }

    private static func isText(contentType: String?) -> Bool {
        guard let type = contentType?.lowercased() else { return false }
        return type.hasPrefix("text/") || type.hasPrefix("application/json")
    }
}
