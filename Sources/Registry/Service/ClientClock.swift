internal import NIOCore
internal import NIOHTTP1

/// Ends connections whose client takes too long: no whole head in time, a body of which hardly anything comes, an answer
/// that is not taken. The clock runs only while it is the client's turn.
final class ClientClock: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What became of a connection's time.
    enum Excess: Sendable {
        /// Nothing was under way.
        case quiet
        case body, answer
    }

    private let idle: TimeAmount
    private let stall: TimeAmount
    private let stallBytes: Int
    private let cut: (Excess) -> Void
    private var watch: RepeatedTask?
    /// Requests whose head came and whose answer is not with the kernel yet.
    private var underWay = 0
    private var quietSince = NIODeadline.now()
    /// True between the head of a request and its end.
    private var isReading = false
    /// Since when more of the body is wanted; nil while we are the ones who do not take it.
    private var wantedSince: NIODeadline?
    private var waited = TimeAmount.zero
    private var bytes = 0
    private var unsent = 0
    private var lastSent = NIODeadline.now()

    init(_ limits: RegistryConfiguration.Limits, cut: @escaping (Excess) -> Void) {
        idle = .seconds(limits.idleSeconds)
        stall = .seconds(limits.stallSeconds)
        stallBytes = limits.stallBytes
        self.cut = cut
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let clock = NIOLoopBound(self, eventLoop: loop)
        let period = TimeAmount.nanoseconds(max(50_000_000, min(idle, stall).nanoseconds / 8))
        watch = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in clock.value.look(at: .now()) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { watch?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            underWay += 1
            isReading = true
            restart()
        case .body(let part):
            if let since = wantedSince { waited = waited + (NIODeadline.now() - since) }
            wantedSince = nil
            bytes += part.readableBytes
            if bytes >= stallBytes { restart() }
        case .end:
            isReading = false
            restart()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if isReading, wantedSince == nil { wantedSince = .now() }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let sent = promise ?? context.eventLoop.makePromise()
        var isEnd = false
        if case .end = unwrapOutboundIn(data) { isEnd = true }
        if unsent == 0 { lastSent = .now() }
        unsent += 1
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in
            lastSent = .now()
            unsent -= 1
            guard isEnd else { return }
            underWay -= 1
            quietSince = lastSent
        }
        context.write(data, promise: sent)
    }

    private func restart() {
        wantedSince = nil
        waited = .zero
        bytes = 0
    }

    private func look(at now: NIODeadline) {
        if unsent > 0 {
            if now - lastSent > stall { end(.answer) }
        } else if isReading {
            if let wantedSince, waited + (now - wantedSince) > stall { end(.body) }
        } else if underWay <= 0, now - quietSince > idle {
            end(.quiet)
        }
    }

    private func end(_ excess: Excess) {
        watch?.cancel()
        cut(excess)
    }
}
