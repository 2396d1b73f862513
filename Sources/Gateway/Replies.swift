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
    static func artifact(_ blob: Blob, contentType: String, _ exchange: Exchange, ignoringRange: Bool) -> Reply {
        Reply.blob(
            blob,
            isHead: exchange.isHead,
            asked: exchange.client.headers,
            headers: [HeaderField("Content-Type", contentType)],
            ignoringRange: ignoringRange
        )
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
