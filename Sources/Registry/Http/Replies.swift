internal import Core
internal import Gateway
internal import JSONText
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
}
