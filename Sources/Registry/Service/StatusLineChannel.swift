internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The HTTP/1 server, but with our own reason phrases (they are what pip, uv and twine show to people, and on the way
/// through the shared HTTP types every known status gets its standard one back), with `100 Continue`, with an end to
/// connections whose request body nobody will read, with answers that a stop does not cut, and with clients who are not
/// waited for without end.
struct StatusLineChannel: ServerChildChannel {
    let base: HTTP1Channel
    let limits: RegistryConfiguration.Limits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let operations = channel.pipeline.syncOperations
            let encoder = try operations.handler(type: HTTPResponseEncoder.self)
            let statusLine = StatusLineHandler(.seconds(limits.drainSeconds))
            try operations.addHandler(statusLine, position: .after(encoder))
            let decoder = try operations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let clock = ClientClock(limits) { statusLine.cut(channel, $0) }
            try operations.addHandler(clock, position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Asks for the body of a request whose client waits to be asked.
struct ContinueEvent: Sendable {}

/// Takes the phrase out of the field that carries it, and puts it on the status line. Sees to it that no connection is
/// closed over an answer that was written but not yet sent: closing throws away what the socket has not taken.
private final class StatusLineHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long a connection that is to be closed may take to carry what was written to it.
    private let patience: TimeAmount
    private var isClosing = false
    /// Answers whose end was written and is not with the kernel yet.
    private var unsent = 0
    /// Those who want the connection closed as soon as nothing is unsent.
    private var waiting: EventLoopPromise<Void>?
    /// How long a client may go on sending after the answer before it is cut off: a reset that comes too early would
    /// take the answer from it.
    private static let lingering = TimeAmount.seconds(2)

    init(_ patience: TimeAmount) { self.patience = patience }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            isClosing = head.headers[canonicalForm: "connection"].contains("close")
            if let phrase = head.headers.first(name: Listener.phraseField) {
                head.headers.remove(name: Listener.phraseField)
                head.status = .custom(code: head.status.code, reasonPhrase: phrase)
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end(let trailers):
            let sent = promise ?? context.eventLoop.makePromise()
            let (channel, isLast) = (context.channel, isClosing)
            unsent += 1
            sent.futureResult.assumeIsolated().whenComplete { [self] _ in
                unsent = max(0, unsent - 1)
                if isLast { closeSoon(channel) }
                if unsent == 0 { closeForThoseWaiting(channel) }
            }
            context.write(wrapOutboundOut(.end(trailers)), promise: sent)
        default: context.write(data, promise: promise)
        }
    }

    private func closeSoon(_ channel: any Channel) {
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: StatusLineHandler.lingering) { channel.close(promise: nil) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        let channel = context.channel
        switch mode {
        case .all where unsent > 0:
            if let waiting {
                waiting.futureResult.cascade(to: promise)
                return
            }
            waiting = promise ?? context.eventLoop.makePromise()
            context.eventLoop.assumeIsolated().scheduleTask(in: patience) { [self] in closeForThoseWaiting(channel) }
        case .input where waiting != nil:
            // The server's time to end is over.
            closeForThoseWaiting(channel)
            promise?.succeed()
        default: context.close(mode: mode, promise: promise)
        }
    }

    /// For a client who is not waited for any longer: what was not sent is thrown away.
    func cut(_ channel: any Channel, _ excess: ClientClock.Excess) {
        unsent = 0
        let promise = waiting
        waiting = nil
        if excess == .answer, let socket = channel as? any SocketOptionProvider {
            // The kernel would keep offering what it has for many minutes.
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        }
        channel.close(promise: promise)
    }

    private func closeForThoseWaiting(_ channel: any Channel) {
        guard let waiting else { return }
        self.waiting = nil
        unsent = 0
        channel.close(promise: waiting)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is ContinueEvent else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: promise)
    }
}
