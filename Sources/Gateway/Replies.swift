internal import Core
internal import Storage
internal import Upstream

/// Answers made from whole, verified bytes: validators, ranges and HEAD (RFC 9110 §13, §14).
enum Replies {
    /// 304 when the client already has this representation; else nil.
    static func conditional(_ exchange: Exchange, _ headers: [HeaderField], _ etag: String) -> Reply? {
        Reply.unchanged(exchange.client.headers, headers, etag)
    }

    static func bytes(_ bytes: [UInt8], _ headers: [HeaderField], _ exchange: Exchange) -> Reply {
        Reply(
            status: 200,
            headers: headers,
            body: exchange.isHead ? .head(length: Int64(bytes.count)) : .bytes(bytes)
        )
    }

    /// A verified artifact: whole, one range of it, or only its head.
    static func artifact(_ blob: Blob, label: FileLabel, _ exchange: Exchange, ignoringRange: Bool) -> Reply {
        if let reply = notModified(blob, label, exchange) { return reply }
        return Reply.blob(
            blob,
            isHead: exchange.isHead,
            asked: exchange.client.headers,
            headers: label.fields,
            ignoringRange: ignoringRange
        )
    }

    /// A date is compared only where no tag is (RFC 9110 §13.1.3).
    private static func notModified(_ blob: Blob, _ label: FileLabel, _ exchange: Exchange) -> Reply? {
        let asked = exchange.client.headers
        guard asked.first("If-None-Match") == nil,
            let known = asked.first("If-Modified-Since").flatMap({ Timestamp(httpDate: $0) }),
            let modified = label.fields.first("Last-Modified").flatMap({ Timestamp(httpDate: $0) }), modified <= known
        else { return nil }
        let headers = label.fields.filter { $0.isNamed("Last-Modified") }
        return Reply(status: 304, headers: headers + [HeaderField("ETag", "\"sha256-\(blob.digest.hex)\"")])
    }
}

extension Reply {
    func adding(_ fields: [String: String]) -> Reply {
        guard !fields.isEmpty else { return self }
        var reply = self
        reply.headers += fields.sorted { $0.key < $1.key }.map { HeaderField($0.key, $0.value) }
        return reply
    }

    /// The answer to HEAD with the same head.
    var withoutBody: Reply {
        var reply = self
        switch body {
        case .bytes(let bytes): reply.body = .head(length: Int64(bytes.count))
        case .file(_, let range): reply.body = .head(length: Int64(range.count))
        case .stream(let length, next: _): reply.body = .head(length: length)
        case .none, .head: break
        }
        return reply
    }
}
