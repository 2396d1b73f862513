internal import Core
internal import Gateway
internal import JSONText
internal import Storage
internal import Upstream

/// The answers that several addresses give.
enum Replies {
    static func json(_ value: JSON, status: Int = 200, headers: [HeaderField] = []) -> Reply {
        let fields = [HeaderField("Content-Type", "application/json"), HeaderField("Cache-Control", "no-store")]
        return Reply(status: status, headers: fields + headers, body: .bytes(value.canonicalBytes() + [0x0A]))
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200) -> Reply {
        let headers = [HeaderField("Content-Type", type), HeaderField("Cache-Control", "no-store")]
        return Reply(status: status, headers: headers, body: .bytes(Array(text.utf8)))
    }

    /// A problem as `application/problem+json` (RFC 9457), or as the ecosystem's own clients show it.
    static func problem(_ declined: Declined, in ecosystem: (any Ecosystem)?) -> Reply {
        let problem = declined.problem
        let document =
            ecosystem?.document(for: problem)
            ?? Document(json(of: declined).canonicalBytes() + [0x0A], contentType: "application/problem+json")
        var headers = [
            HeaderField("Content-Type", document.contentType), HeaderField("Cache-Control", "no-store"),
            HeaderField("Purser-Problem", problem.code.rawValue),
        ]
        if declined.status == 401 {
            headers.append(HeaderField("WWW-Authenticate", "Basic realm=\"purser\", charset=\"UTF-8\""))
            headers.append(HeaderField("WWW-Authenticate", "Bearer realm=\"purser\""))
        }
        return Reply(
            status: declined.status,
            reason: problem.reasonPhrase,
            headers: headers + declined.headers,
            body: .bytes(document.bytes)
        )
    }

    private static func json(of declined: Declined) -> JSON {
        let problem = declined.problem
        var members: [String: JSON] = [
            "type": .string("https://purser.dev/problems#\(problem.code.rawValue)"),
            "title": .string(problem.summary),
            "status": .integer(Int64(declined.status)),
            "detail": .string("\(problem.subject) \(problem.summary)"),
            "code": .string(problem.code.rawValue),
            "subject": .string(problem.subject),
            "remedy": .string(problem.remedy),
        ]
        if let rule = problem.rule { members["rule"] = .string(rule) }
        if let reason = problem.reason { members["reason"] = .string(reason) }
        return .object(members)
    }

    /// A blob, whole or a part of it, with the conditions that the caller named.
    static func blob(_ blob: Blob, _ call: Call, headers: [HeaderField]) -> Reply {
        let etag = "\"sha256-\(blob.digest.hex)\""
        var headers = headers + [HeaderField("ETag", etag), HeaderField("Accept-Ranges", "bytes")]
        if let known = call.headers.joined("If-None-Match"), lists(known, etag) {
            return Reply(status: 304, headers: headers)
        }
        var range: Range<Int64> = 0..<blob.size
        var status = 200
        let isStillSame = call.headers.first("If-Range").map { $0 == etag } ?? true
        if let field = call.headers.first("Range"), isStillSame, let asked = ByteRange(field) {
            guard let part = asked.range(in: blob.size) else {
                headers.append(HeaderField("Content-Range", "bytes */\(blob.size)"))
                return Reply(status: 416, headers: headers)
            }
            headers.append(HeaderField("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(blob.size)"))
            (range, status) = (part, 206)
        }
        return Reply(status: status, headers: headers, body: .file(blob.file, range))
    }

    private static func lists(_ field: String, _ etag: String) -> Bool {
        field.split(separator: ",").contains { item in
            let tag = String(item).trimmingBlanks()
            return tag == "*" || tag == etag || tag == "W/" + etag
        }
    }
}

/// One range of a `Range` field. Several ranges, other units and nonsense are nil: the whole is then a lawful answer.
struct ByteRange {
    private let first: Int64?
    private let last: Int64?

    init?(_ field: String) {
        guard field.hasPrefix("bytes=") else { return nil }
        let parts = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        first = Int64(parts[0])
        last = Int64(parts[1])
        guard first != nil || last != nil, (first == nil) == parts[0].isEmpty, (last == nil) == parts[1].isEmpty else {
            return nil
        }
        if let first, let last, first > last { return nil }
    }

    /// Nil where no byte of the range exists.
    func range(in size: Int64) -> Range<Int64>? {
        guard let first else {
            let count = min(last ?? 0, size)
            return count > 0 ? size - count..<size : nil
        }
        guard first < size else { return nil }
        return first..<min(last.map { $0 < .max ? $0 + 1 : $0 } ?? size, size)
    }
}
