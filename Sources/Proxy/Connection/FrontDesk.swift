internal import Core
internal import Gateway
internal import Upstream

/// What all connections of one server share.
struct FrontDesk: Sendable {
    let configuration: ProxyConfiguration
    let router: Router
    let contexts: TLSContexts
    let responder: any Responder
    let onEvent: @Sendable (ProxyEvent) -> Void

    init(
        _ configuration: ProxyConfiguration,
        authority: SessionAuthority,
        responder: any Responder,
        onEvent: @escaping @Sendable (ProxyEvent) -> Void
    ) {
        self.configuration = configuration
        self.responder = responder
        self.onEvent = onEvent
        router = Router(configuration, onEvent: onEvent)
        contexts = TLSContexts(authority: authority, prefersHTTP2: configuration.prefersHTTP2, onEvent: onEvent)
    }

    /// The answer to a request without a body, where the responder has it at hand.
    func replyAtHand(_ head: RequestHead, _ route: Router.Route) -> Reply? {
        guard case .respond(let subject) = route,
            let reply = responder.replyAtHand(to: FrontDesk.request(head, subject, .none))
        else { return nil }
        if case .stream = reply.body { return nil }
        return reply
    }

    /// Answers one request whose body is at hand or can be pulled.
    func answer(_ head: RequestHead, _ route: Router.Route, body: RequestBody) async -> Reply {
        switch route {
        case .respond(let subject):
            return await responder.respond(to: FrontDesk.request(head, subject, body))
        case .control(let path):
            guard let control = configuration.control else { return Refusal.absent.reply }
            switch body {
            case .none: return await control(path, [])
            case .bytes(let bytes): return await control(path, bytes)
            case .stream: return Refusal(413, "too-large: the body is too long for a control request").reply
            }
        case .canary(let nonce):
            guard let canary = configuration.canary, nonce == canary else { return Refusal.absent.reply }
            return Reply(status: 200, headers: [.init("Content-Type", "text/plain")], body: .bytes(Array(nonce.utf8)))
        case .connect:
            return Refusal.bad("usage.invalid: CONNECT inside a tunnel").reply
        }
    }

    private static func request(_ head: RequestHead, _ subject: Router.Subject, _ body: RequestBody) -> ClientRequest {
        var fields = head.fields
        if subject.hidesAuthorization { fields.removeAll { $0.isNamed("authorization") } }
        var whole: [UInt8] = []
        if case .bytes(let bytes) = body { whole = bytes }
        let request = Request(
            method: head.method,
            url: subject.url,
            accept: fields.joined("accept") ?? "",
            userAgent: fields.first("user-agent") ?? "",
            body: whole
        )
        return ClientRequest(
            request: request,
            headers: fields,
            body: body,
            linkBase: subject.linkBase,
            ecosystemType: subject.ecosystemType
        )
    }
}
