internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// The HTTP/1 server, but with our own reason phrases (they are what pip, uv and twine show to people, and on the way
/// through the shared HTTP types every known status gets its standard one back), with `100 Continue`, and with an end to
/// connections whose request body nobody will read.
struct StatusLineChannel: ServerChildChannel {
    let base: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let operations = channel.pipeline.syncOperations
            let encoder = try operations.handler(type: HTTPResponseEncoder.self)
            try operations.addHandler(StatusLineHandler(), position: .after(encoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Asks for the body of a request whose client waits to be asked.
struct ContinueEvent: Sendable {}

/// Takes the phrase out of the field that carries it, and puts it on the status line.
private final class StatusLineHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isClosing = false
    /// How long a client may go on sending after the answer before it is cut off: a reset that comes too early would
    /// take the answer from it.
    private static let patience = TimeAmount.seconds(2)

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            isClosing = head.headers[canonicalForm: "connection"].contains("close")
            if let phrase = head.headers.first(name: Listener.phraseField) {
                head.headers.remove(name: Listener.phraseField)
                head.status = .custom(code: head.status.code, reasonPhrase: phrase)
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end(let trailers) where isClosing:
            let channel = context.channel
            let sent = promise ?? context.eventLoop.makePromise()
            sent.futureResult.whenComplete { _ in
                channel.close(mode: .output, promise: nil)
                channel.eventLoop.scheduleTask(in: StatusLineHandler.patience) { channel.close(promise: nil) }
            }
            context.write(wrapOutboundOut(.end(trailers)), promise: sent)
        default: context.write(data, promise: promise)
        }
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
