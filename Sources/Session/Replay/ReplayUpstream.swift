internal import Core
internal import Manifest
internal import Storage
internal import Synchronization
internal import Upstream

/// Answers from a record and from nothing else. A request that the record does not know is an error that names it.
final class ReplayUpstream: Upstream {
    private let source: ReplaySource
    private let asked = Mutex<[ReplayKey: Int]>([:])

    init(_ source: ReplaySource) { self.source = source }

    func fetch(_ request: UpstreamRequest) async throws(Problem) -> UpstreamResponse {
        let url = request.request.url.withoutFragment
        let named = url.query.map { url.with(query: Redaction.query($0)) } ?? url
        let recorded = (try? named.moved(to: url.origin, path: url.redactedPath)) ?? named
        let isPost = request.request.method == "POST"
        var key = ReplayKey(method: isPost ? "POST" : "GET", url: recorded, accept: request.request.accept)
        if isPost { key.bodyDigest = Digest.sha256(of: request.request.body) }
        let answers = source.record.answers(to: key)
        guard !answers.isEmpty else { throw miss(request, key) }
        // The n-th asker gets the n-th answer; the last one repeats.
        let place = asked.withLock { asked in
            defer { asked[key, default: 0] += 1 }
            return min(asked[key] ?? 0, answers.count - 1)
        }
        return try await response(answers[answers.startIndex + place], request)
    }

    private func response(_ entry: ReplayRecord.Entry, _ request: UpstreamRequest) async throws(Problem)
        -> UpstreamResponse
    {
        let headers = entry.headers.map { HeaderField($0.name, $0.value) }
        let url = (try? HTTPURL(entry.finalURL)) ?? request.request.url
        guard let digest = entry.digest else {
            return UpstreamResponse(
                status: entry.status,
                headers: headers,
                finalURL: url,
                source: .record,
                body: UpstreamBody([])
            )
        }
        guard let blob = try await source.bytes(digest) else { throw lost(digest, request) }
        let place = Mutex<Int64>(0)
        let body = UpstreamBody(length: blob.size) { () async throws(Problem) in
            let offset = place.withLock { $0 }
            guard offset < blob.size else { return nil }
            do throws(StorageError) {
                let bytes = try blob.read(at: offset, count: 1 << 20)
                place.withLock { $0 += Int64(bytes.count) }
                return bytes
            } catch { throw error.problem }
        }
        return UpstreamResponse(status: entry.status, headers: headers, finalURL: url, source: .record, body: body)
    }

    private func miss(_ request: UpstreamRequest, _ key: ReplayKey) -> Problem {
        let subject = "\(request.request.method) \(request.request.url.redacted)"
        source.misses.add(subject)
        let nearest = source.record.nearest(to: key).map { "\($0)" } ?? "none"
        return Problem(
            .verifyDrift,
            subject: subject,
            summary: "is not in the record of this build",
            remedy:
                "The build asks for something it did not ask for before: compare the recipe, then run it again without replay.",
            details: ["nearest": nearest],
            reason: "miss"
        )
    }

    private func lost(_ digest: Digest, _ request: UpstreamRequest) -> Problem {
        source.misses.add("\(request.request.url.redacted) (\(digest))")
        return Problem(
            .notFound,
            subject: "\(digest)",
            summary: "is named by the record, but its bytes are neither in the cache nor in the registry",
            remedy: "Give --registry URL of the registry that has the build, or the --cache of the run.",
            details: ["asked": request.request.url.redacted]
        )
    }
}
