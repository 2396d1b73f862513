internal import Core
internal import JSONText
internal import Storage
internal import Upstream

/// An upstream's answer to an index request, as a later job may use it again.
struct CachedAnswer: Sendable {
    let contentType: String
    let etag: String?
    let lastModified: String?
    let stored: Timestamp
    /// Seconds for which the upstream said the answer stays good.
    let maxAge: Int64
    let finalURL: HTTPURL
    let headers: [HeaderField]
    let body: Digest

    init(_ response: UpstreamResponse, body: Digest, now: Timestamp) {
        contentType = response.headers.first("Content-Type") ?? "application/octet-stream"
        etag = response.headers.first("ETag")
        lastModified = response.headers.first("Last-Modified")
        stored = now
        maxAge = CachedAnswer.maxAge(response.headers)
        finalURL = response.finalURL
        headers = response.headers.filter { field in CachedAnswer.keptFields.contains { field.isNamed($0) } }
        self.body = body
    }

    /// The answer with its body, as codecs read it.
    func document(_ bytes: [UInt8]) -> Document {
        let modified = lastModified.flatMap { Timestamp(httpDate: $0) }
        return Document(bytes, contentType: contentType, url: finalURL, modified: modified, digest: body)
    }

    /// The same answer, said to be good again by a 304.
    init(renewing old: CachedAnswer, headers: [HeaderField], now: Timestamp) {
        contentType = old.contentType
        etag = headers.first("ETag") ?? old.etag
        lastModified = headers.first("Last-Modified") ?? old.lastModified
        stored = now
        maxAge = headers.first("Cache-Control") == nil ? old.maxAge : CachedAnswer.maxAge(headers)
        finalURL = old.finalURL
        self.headers = old.headers
        body = old.body
    }

    func isFresh(at now: Timestamp) -> Bool { now < expires && now.seconds >= stored.seconds - 60 }

    var expires: Timestamp { Timestamp(seconds: stored.seconds + maxAge) }

    private static let keptFields = ["Cache-Control", "Vary", "X-PyPI-Last-Serial", "Last-Modified", "Link"]

    /// What is left of `max-age`, at most ten minutes; 0 for `no-cache` and where nothing is said.
    private static func maxAge(_ headers: [HeaderField]) -> Int64 {
        let directives = (headers.joined("Cache-Control") ?? "").lowercased().split(separator: ",").map {
            $0.trimming()
        }
        if directives.contains(where: { $0 == "no-cache" || $0 == "no-store" }) { return 0 }
        let promised = directives.first { $0.hasPrefix("max-age=") }.flatMap { Int64($0.dropFirst(8)) }
        // What a cache in front of the origin has used up of it already (RFC 9111 §4.2.3).
        let used = headers.first("Age").flatMap { Int64($0) } ?? 0
        let (left, isBeyond) = max(promised ?? 0, 0).subtractingReportingOverflow(max(used, 0))
        return isBeyond ? 0 : min(max(left, 0), 600)
    }
}

extension CachedAnswer {
    var note: JSON {
        .object([
            "content-type": .string(contentType),
            "etag": etag.map(JSON.string) ?? .null,
            "last-modified": lastModified.map(JSON.string) ?? .null,
            "stored": .integer(stored.seconds),
            "max-age": .integer(maxAge),
            // Links are led from its path; what a signed link has in its query stays out of the cache.
            "final-url": .string(finalURL.redacted),
            "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            "body": .string(body.description),
        ])
    }

    init?(note: JSON) {
        guard let contentType = note["content-type"]?.string, let stored = note["stored"]?.integer,
            let maxAge = note["max-age"]?.integer, let text = note["final-url"]?.string, let url = try? HTTPURL(text),
            let body = note["body"]?.string.flatMap({ Digest($0) })
        else { return nil }
        self.contentType = contentType
        etag = note["etag"]?.string
        lastModified = note["last-modified"]?.string
        self.stored = Timestamp(seconds: stored)
        self.maxAge = min(max(maxAge, 0), 600)
        finalURL = url
        self.body = body
        headers = (note["headers"]?.array ?? []).compactMap { pair in
            guard let fields = pair.array, fields.count == 2, let name = fields[0].string, let value = fields[1].string
            else { return nil }
            return HeaderField(name, value)
        }
    }
}
