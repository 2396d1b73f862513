internal import Core
internal import NIOCore

/// Protocols that we do not read: each is refused in words that its client understands, and declared.
extension ConnectionHandler {
    /// An upgrade may be ignored by a server (RFC 9110 §7.8), and a client of HTTP/2 then goes on without. One of WebSocket
    /// cannot, and what it sent would be in no record.
    func refuseUnreadProtocols(_ head: RequestHead, _ route: Router.Route) throws(Refusal) {
        guard let asked = head.upgrade, case .respond(let subject) = route else { return }
        let names = asked.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        guard names.contains("websocket") else { return }
        desk.onEvent(.unreadProtocol(name: "WebSocket", host: subject.url.origin.host))
        throw Refusal(
            501,
            "session.gap: WebSocket to \(subject.url.origin.host) is not read here, --tunnel passes a host unread"
        )
    }

    /// The least that HTTP/2 asks of a server: its settings, then the goodbye that says which protocol would do.
    func refuseInHTTP2(_ refusal: Refusal) {
        guard let context else { return }
        if case .inside(let origin) = scope {
            desk.onEvent(.unreadProtocol(name: "HTTP/2 without negotiation", host: origin.host))
        }
        outlivesAnswer = false
        var bytes = ByteBuffer()
        // RFC 9113 §6.5: SETTINGS without any.
        bytes.writeBytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        // RFC 9113 §6.8: GOAWAY, no stream was taken, HTTP_1_1_REQUIRED, and why.
        let reason = Array(refusal.reason.utf8)
        bytes.writeBytes([0, 0, UInt8(clamping: 8 + reason.count), 7, 0, 0, 0, 0, 0])
        bytes.writeBytes([0, 0, 0, 0, 0, 0, 0, 0x0D] + reason.prefix(247))
        setDeadline(seconds: limits.stallSeconds)
        complete(context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes))))
    }
}
