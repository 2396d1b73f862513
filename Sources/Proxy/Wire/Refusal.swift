internal import Gateway
internal import Upstream

/// A request that we turn away ourselves: the status and the words for the client. Nobody behind us sees it.
struct Refusal: Error, Hashable, Sendable {
    let status: Int
    let reason: String
    /// False only where the connection is still in step and the client may try again on it.
    var closes = true
    var headers: [HeaderField] = []
    /// True for a peer that has spoken HTTP/2 and would not understand a status line.
    var isInHTTP2 = false

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    static func bad(_ reason: String) -> Refusal { Refusal(400, reason) }

    /// RFC 9113 §3.4: the client takes for granted that we speak HTTP/2.
    static var priorKnowledge: Refusal {
        var refusal = Refusal(505, "usage.invalid: HTTP/2 is not spoken here, ask with HTTP/1.1")
        refusal.isInHTTP2 = true
        return refusal
    }

    /// Says nothing about what is here and what is not.
    static let absent = Refusal(404, "not-found: nothing is served here")

    /// Asks for the session's credentials, on the same connection.
    static var credentials: Refusal {
        var refusal = Refusal(407, "auth.missing: this proxy belongs to one session and needs its credentials")
        refusal.closes = false
        refusal.headers = [HeaderField("Proxy-Authenticate", "Basic realm=\"purser\", charset=\"UTF-8\"")]
        return refusal
    }

    var reply: Reply {
        var reply = Reply(status: status, reason: reason, headers: headers)
        reply.headers.append(HeaderField("Content-Type", "text/plain; charset=utf-8"))
        reply.body = .bytes(Array("\(reason)\n".utf8))
        return reply
    }
}
