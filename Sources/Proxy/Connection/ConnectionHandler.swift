internal import Core
internal import Gateway
internal import NIOCore
internal import NIOTLS
internal import Upstream

/// One client connection: reads a request, has it answered, writes the answer, and only then reads the next.
///
/// Everything here happens on the connection's event loop. Bytes are read from the socket only while somebody wants
/// them, so a client that pipelines or uploads faster than it is served waits in the kernel.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    enum Phase {
        case head
        /// A body that may turn out to be small.
        case gathering
        case answering
        /// Answered for the last time; what still comes is thrown away, since closing on unread bytes sends a reset
        /// that can overtake the answer.
        case draining
        case over
    }

    /// The request at work.
    struct Exchange {
        let number: Int
        let head: RequestHead
        let route: Router.Route
        var framing = ReplyFraming.empty
        var keepsAlive: Bool
        var owesContinue: Bool
    }

    let desk: FrontDesk
    var scope = Router.Scope.open(authority: "")
    var isEncrypted = false
    /// True on one stream of HTTP/2, which carries one request and ends with its answer.
    let isStream: Bool
    var phase = Phase.head
    var exchange: Exchange?
    var exchanges = 0
    var context: ChannelHandlerContext?
    var inbound = ByteBuffer()
    var heads: HeadReader
    var body: BodyReader?
    var gathered: [UInt8] = []
    var pace: UploadPace
    var bodyWaiter: EventLoopPromise<[UInt8]?>?
    /// Ends by itself when the answer is handed over; cancelled when the client goes away.
    var answering: Task<Void, Never>?
    /// Requests behind the one at work that were begun with it, in their order.
    var ahead: [RequestAhead] = []
    var deadline: NIODeadline?
    var timer: Scheduled<Void>?
    var timerDeadline = NIODeadline.distantFuture
    var drained = 0
    var isStopping = false
    /// What the answer being given says of the connection.
    var outlivesAnswer = false
    /// True within `advance`, which goes on by itself when an answer is out at once.
    var isAdvancing = false
    private var knownHost: String?
    private var began = NIODeadline.now()
    /// True once a request was let in.
    private var isKnown = false

    /// `scope` is given where the connection did not come to the proxy's own port.
    init(desk: FrontDesk, scope: Router.Scope? = nil, isEncrypted: Bool = false) {
        self.desk = desk
        self.isEncrypted = isEncrypted
        if let scope { self.scope = scope }
        isStream = false
        heads = HeadReader(limits: desk.configuration.limits.request)
        pace = UploadPace(desk.configuration.limits)
    }

    /// For one stream of a client that speaks HTTP/2 inside the tunnel to `origin`.
    init(desk: FrontDesk, streamInside origin: Origin) {
        self.desk = desk
        isStream = true
        isEncrypted = true
        scope = .inside(origin)
        heads = HeadReader(limits: desk.configuration.limits.request)
        pace = UploadPace(desk.configuration.limits)
    }

    var limits: ProxyLimits { desk.configuration.limits }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        guard context.channel.isActive else { return }
        start(context)
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        let port = context.channel.localAddress?.port ?? 0
        let isIPv6 = context.channel.localAddress?.protocol == .inet6
        let authority = "\(isIPv6 ? "[::1]" : "127.0.0.1"):\(port)"
        switch scope {
        case .open: scope = .open(authority: authority)
        case .sealed: scope = .sealed(authority: authority)
        case .inside, .plain: break
        }
        began = .now()
        setDeadline(seconds: limits.idleSeconds)
        context.read()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        setDeadline(seconds: nil)
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if case .draining = phase {
            drained += bytes.readableBytes
            if drained > 1 << 20 { context.close(promise: nil) }
            return
        }
        if inbound.readableBytes == 0 { inbound = bytes } else { inbound.writeBuffer(&bytes) }
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if wantsBytes { context.read() }
        context.fireChannelReadComplete()
    }

    var wantsBytes: Bool {
        switch phase {
        case .head, .gathering, .draining: true
        case .answering: bodyWaiter != nil
        case .over: false
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .over
        answering?.cancel()
        dropAhead()
        bodyWaiter?.fail(ConnectionHandler.clientLeft)
        bodyWaiter = nil
        setDeadline(seconds: nil)
        timer?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .inside(let origin) = scope, TLSAlert.isDistrust(error) {
            desk.onEvent(.clientDistrustsAuthority(host: origin.host))
        }
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(negotiatedProtocol: "h2")? = event as? TLSUserEvent { return speakHTTP2() }
        if event is StopEvent {
            isStopping = true
            if case .head = phase, !heads.hasBegun, inbound.readableBytes == 0 { context.close(promise: nil) }
        }
        if event is FullHouseEvent, !isKnown, NIODeadline.now() - began > FullHouseEvent.grace {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }
}

/// Sent down every connection when the server stops: finish what is at work, then close.
struct StopEvent {}

extension ConnectionHandler {
    static let clientLeft = Problem(
        .upstreamUnreachable,
        subject: "the client",
        summary: "went away before its request was complete",
        remedy: "look at the client's own output for why it stopped",
        reason: "client-left"
    )

    /// Goes as far as the bytes at hand lead.
    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        var goesOn = true
        while goesOn {
            do { goesOn = try step() } catch { refuse(error) }
        }
    }

    /// True while there may be more to do.
    private func step() throws(Refusal) -> Bool {
        switch phase {
        case .head:
            guard let head = try heads.read(from: &inbound) else {
                if inbound.readableBytes > 0 || heads.hasBegun { shortenDeadline(seconds: limits.headSeconds) }
                return false
            }
            try begin(head)
            return true
        case .gathering:
            return try gather()
        case .answering:
            guard let waiter = bodyWaiter else { return false }
            guard let part = nextPartAtHand() else { return false }
            bodyWaiter = nil
            setDeadline(seconds: nil)
            waiter.completeWith(part)
            return false
        case .draining, .over:
            inbound.clear()
            return false
        }
    }

    private func begin(_ head: RequestHead) throws(Refusal) {
        if let host = head.host, host != knownHost {
            _ = try Router.origin(.http, host: host)
            knownHost = host
        }
        exchanges += 1
        exchange = nil
        pace = UploadPace(limits)
        let reader = try BodyReader(head.framing, limit: limits.request.bodyBytes)
        body = reader
        let route = try desk.router.route(head, scope: scope) { ends }
        isKnown = true
        exchange = Exchange(
            number: exchanges,
            head: head,
            route: route,
            keepsAlive: head.keepsAlive,
            owesContinue: head.expectsContinue && !reader.isAtEnd
        )
        try refuseUnreadProtocols(head, route)
        if case .connect(let host, let port) = route {
            guard head.framing == .none else { throw .bad("usage.invalid: CONNECT has no body") }
            phase = .answering
            try connect(host: host, port: port)
            return
        }
        gathered = []
        phase = .gathering
        if case .length(let length) = head.framing, length > Int64(limits.request.wholeBodyBytes) {
            dispatch(.stream(length: length, next: bodyPuller()))
        } else if !reader.isAtEnd {
            payContinue()
        }
    }

    private func gather() throws(Refusal) -> Bool {
        guard let step = try body?.read(from: &inbound) else { return false }
        switch step {
        case .needsMore:
            setDeadline(pace.waiting(at: .now()))
            return false
        case .end:
            let whole = gathered
            gathered = []
            dispatch(whole.isEmpty ? .none : .bytes(whole))
            return true
        case .bytes(let bytes):
            pace.took(bytes.readableBytes, at: .now())
            gathered += bytes.readableBytesView
            guard gathered.count > limits.request.wholeBodyBytes else { return true }
            dispatch(.stream(length: nil, next: bodyPuller()))
        }
        return false
    }

    /// Nil for any address but 127.0.0.1: owners are looked up by ports alone, and from 127.0.0.2 or ::1 another user
    /// could come with the ports of one of ours.
    var ends: ConnectionEnds? {
        guard let local = context?.channel.localAddress, let client = context?.channel.remoteAddress,
            client.ipAddress == "127.0.0.1",
            let from = client.port, let to = local.port
        else { return nil }
        return ConnectionEnds(clientPort: from, serverPort: to)
    }

    /// RFC 9110 §10.1.1: the client waits for this before it sends a body.
    func payContinue() {
        guard exchange?.owesContinue ?? false, let context else { return }
        exchange?.owesContinue = false
        var text = ByteBuffer()
        text.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(text)), promise: nil)
    }
}
