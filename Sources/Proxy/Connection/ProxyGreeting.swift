internal import Core
internal import NIOCore

/// Asks the proxy of the network around us for a tunnel and reads its answer. Nothing of ours is in the question but the
/// proxy's own credentials.
final class ProxyGreeting: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// No tunnel, and why.
    struct Declined: Error { let reason: String }

    /// Succeeds with what came behind the proxy's answer.
    let answer: EventLoopPromise<ByteBuffer>
    private let end: TunnelEnd
    private let proxy: OutwardProxy
    private let seconds: Int64
    private var inbound = ByteBuffer()
    private var timer: Scheduled<Void>?
    private var isOver = false

    private static let mostBytes = 16_384

    init(_ end: TunnelEnd, _ proxy: OutwardProxy, seconds: Int64, on loop: any EventLoop) {
        self.end = end
        self.proxy = proxy
        self.seconds = seconds
        answer = loop.makePromise()
    }

    deinit { if !isOver { answer.fail(Declined(reason: "the proxy cannot be reached")) } }

    func channelActive(context: ChannelHandlerContext) {
        var lines = ["CONNECT \(end.authority) HTTP/1.1", "Host: \(end.authority)", "User-Agent: purser"]
        if let authorization = proxy.authorization { lines.append("Proxy-Authorization: \(authorization.reveal())") }
        var text = ByteBuffer()
        text.writeString(lines.joined(separator: "\r\n") + "\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(text), promise: nil)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) { [self] in
            decline("does not answer")
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var bytes = unwrapInboundIn(data)
        inbound.writeBuffer(&bytes)
        while !isOver, let head = nextHead() {
            switch ProxyGreeting.status(head) {
            case nil: decline("gives an answer that is not HTTP")
            case .some(100..<200): continue
            case .some(200..<300): finish(.success(inbound))
            case .some(407):
                let asked = proxy.authorization == nil ? "asks for credentials" : "does not take our credentials"
                decline("\(asked) (407); user and password belong into HTTPS_PROXY")
            case .some(let status): decline("refuses the tunnel (\(status))")
            }
        }
        if !isOver, inbound.readableBytes > ProxyGreeting.mostBytes { decline("gives an answer that is not HTTP") }
    }

    func channelInactive(context: ChannelHandlerContext) {
        decline("closed the connection")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        decline("broke the connection")
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { decline("went away") }

    /// Takes the bytes up to an empty line; nil until it is there.
    private func nextHead() -> String? {
        let view = inbound.readableBytesView
        guard let range = view.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else { return nil }
        return inbound.readString(length: view.distance(from: view.startIndex, to: range.upperBound))
    }

    private static func status(_ head: String) -> Int? {
        let words = head.prefix { $0 != "\r\n" }.split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1]),
            status >= 100
        else { return nil }
        return status
    }

    private func decline(_ what: String) {
        let subject = "the proxy \(proxy.host):\(proxy.port)"
        finish(.failure(Declined(reason: "\(subject) \(what)")))
    }

    private func finish(_ result: Result<ByteBuffer, any Error>) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        answer.completeWith(result)
    }
}
