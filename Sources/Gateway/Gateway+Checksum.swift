internal import Core
internal import Storage
internal import Upstream

/// Checksums that lie beside an index: the index is checked by its own, and what clients get is the checksum of the
/// document that they got, which may be another one.
extension Gateway {
    func answerChecksum(_ sum: IndexChecksum, _ scope: IndexScope, _ exchange: Exchange) async throws(Problem) -> Reply
    {
        let asked = Request(url: sum.index, accept: exchange.request.accept, userAgent: exchange.request.userAgent)
        let client = ClientRequest(request: asked, headers: exchange.client.headers)
        let index = try await preparedIndex(scope, self.exchange(client, exchange.ecosystem))
        if let passed = index.passed {
            try await recordAbsence(passed, index.finalURL, exchange)
            return exchange.isHead ? passed.withoutBody : passed
        }
        guard let body = index.body, let blob = try await storedIndex(body) else { throw Gateway.lost(exchange) }
        let hex = try digest(of: blob, sum.algorithm).hex
        let text: Blob
        do { text = try stores.record.store(Array(hex.utf8)) } catch { throw error.problem }
        let type = "text/plain"
        try await recordAnswer(
            exchange,
            Answered(
                contentType: type,
                body: text.digest,
                finalURL: exchange.request.url.withoutFragment
            )
        )
        return Replies.artifact(text, label: FileLabel(type: type), exchange, ignoringRange: true)
    }

    /// An index beside which its checksum lies has that checksum, or is asked for again.
    func checkChecksum(_ raw: Blob, _ exchange: Exchange) async throws(Problem) {
        guard !configuration.isReplay, let sum = exchange.ecosystem.checksum(about: exchange.request),
            sum.index == exchange.request.url, let stated = await statedDigest(sum, exchange)
        else { return }
        let got = try digest(of: raw, stated.algorithm)
        guard got != stated else { return }
        throw Problem(
            .integrityMismatch,
            subject: sum.index.redacted,
            summary: "is not the document that its checksum file promised",
            remedy: "The upstream may be in the middle of an update: run the job again, then ask its operator.",
            details: ["expected": "\(stated)", "got": "\(got) (\(raw.size) bytes)"],
            reason: "hash"
        )
    }

    /// Nil where there is none that can be read: many repositories keep only some.
    private func statedDigest(_ sum: IndexChecksum, _ exchange: Exchange) async -> Digest? {
        let request = Request(url: sum.checksum, userAgent: exchange.request.userAgent)
        guard case .index(let scope)? = try? intent(of: request, exchange.ecosystem),
            let document = await companion(CompanionRequest(url: sum.checksum), exchange),
            let read = try? exchange.ecosystem.readIndex(document, companions: [], for: request, scope: scope)
        else { return nil }
        return read.vouches[sum.index]?.first { $0.algorithm == sum.algorithm }
    }
}
