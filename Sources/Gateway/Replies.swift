internal import Core
internal import Storage
internal import Upstream

/// Answers made from whole, verified bytes: validators, ranges and HEAD (RFC 9110 §13, §14).
enum Replies {
    /// 304 when the client already has this representation; else nil.
    static func conditional(_ exchange: Exchange, _ headers: [HeaderField], _ etag: String) -> Reply? {
        guard let asked = exchange.client.headers.joined("If-None-Match") else { return nil }
        let tags = asked.split(separator: ",").map { $0.trimming() }
        let fits = tags.contains { $0 == "*" || $0 == etag[...] || $0 == ("W/" + etag)[...] }
        return fits ? Reply(status: 304, headers: headers.filter { !$0.isNamed("Content-Type") }) : nil
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
        let etag = "\"sha256-\(blob.digest.hex)\""
        var headers = [
            HeaderField("Content-Type", contentType),
            HeaderField("ETag", etag),
            HeaderField("Accept-Ranges", "bytes"),
        ]
        if let reply = conditional(exchange, headers, etag) { return reply }
        let ifRange = exchange.client.headers.first("If-Range")
        let mayRange = ifRange.map { $0 == etag } ?? !ignoringRange
        if mayRange, !exchange.isHead, let text = exchange.client.headers.first("Range") {
            switch range(text, size: blob.size) {
            case .whole: break
            case .part(let part):
                headers.append(
                    HeaderField("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(blob.size)")
                )
                return Reply(status: 206, headers: headers, body: .file(blob.file, part))
            case .outside:
                headers.append(HeaderField("Content-Range", "bytes */\(blob.size)"))
                return Reply(status: 416, headers: headers)
            }
        }
        let body: ReplyBody = exchange.isHead ? .head(length: blob.size) : .file(blob.file, 0..<blob.size)
        return Reply(status: 200, headers: headers, body: body)
    }

    private enum Range { case whole, outside, part(Swift.Range<Int64>) }

    /// Several ranges, other units and malformed text mean the whole (RFC 9110 §14.2 allows it).
    private static func range(_ text: String, size: Int64) -> Range {
        guard text.hasPrefix("bytes="), !text.contains(",") else { return .whole }
        let parts = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .whole }
        if parts[0].isEmpty {
            guard let suffix = Int64(parts[1]), suffix >= 0 else { return .whole }
            return suffix == 0 || size == 0 ? .outside : .part(max(0, size - suffix)..<size)
        }
        guard let first = Int64(parts[0]), first >= 0 else { return .whole }
        let last = parts[1].isEmpty ? Int64.max : Int64(parts[1])
        guard let last, last >= first else { return .whole }
        return first < size ? .part(first..<(min(last, size - 1) + 1)) : .outside
    }
}

extension Reply {
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
