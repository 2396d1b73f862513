internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// The HTTP/1 server, but with our own reason phrases: they are what pip, uv and twine show to people, and on the way
/// through the shared HTTP types every known status gets its standard one back.
struct ReasonPhraseChannel: ServerChildChannel {
    let base: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let operations = channel.pipeline.syncOperations
            let encoder = try operations.handler(type: HTTPResponseEncoder.self)
            try operations.addHandler(ReasonPhraseHandler(), position: .after(encoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Takes the phrase out of the field that carries it, and puts it on the status line.
private final class ReasonPhraseHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), let phrase = head.headers.first(name: Listener.phraseField)
        else {
            context.write(data, promise: promise)
            return
        }
        head.headers.remove(name: Listener.phraseField)
        head.status = .custom(code: head.status.code, reasonPhrase: phrase)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
