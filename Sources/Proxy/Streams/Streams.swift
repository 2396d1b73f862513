internal import Core
internal import NIOCore
internal import NIOHTTP2

/// The connection behind the streams of a client that speaks HTTP/2 inside a tunnel: opens their handlers, and ends when
/// it is told to and nobody asks any more.
final class Streams: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let idleSeconds: Int64
    private var open = 0
    private var isStopping = false
    private var timer: Scheduled<Void>?

    private init(idleSeconds: Int64) { self.idleSeconds = idleSeconds }

    /// Puts HTTP/2 on a pipeline in which TLS has agreed on it.
    static func configure(
        _ pipeline: ChannelPipeline.SynchronousOperations,
        on loop: any EventLoop,
        desk: FrontDesk,
        origin: Origin
    ) throws {
        let limits = desk.configuration.limits
        var settings = NIOHTTP2Handler.Configuration()
        settings.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.request.headBytes),
            HTTP2Setting(parameter: .enablePush, value: 0),
        ]
        settings.stream.outboundBufferSizeHighWatermark = 262_144
        settings.stream.outboundBufferSizeLowWatermark = 131_072
        let handler = NIOHTTP2Handler(
            mode: .server,
            eventLoop: loop,
            connectionConfiguration: settings.connection,
            streamConfiguration: settings.stream
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.syncOptions?.setOption(.autoRead, value: false)
                try stream.pipeline.syncOperations.addHandlers(
                    StreamBridge(),
                    ConnectionHandler(desk: desk, streamInside: origin)
                )
            }
        }
        try pipeline.addHandlers(handler, Streams(idleSeconds: limits.idleSeconds))
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(context) }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is NIOHTTP2StreamCreatedEvent:
            open += 1
            timer?.cancel()
        case is StreamClosedEvent:
            open -= 1
            if open == 0 { isStopping ? context.close(promise: nil) : wait(context) }
        case is StopEvent:
            isStopping = true
            if open == 0 { context.close(promise: nil) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One stream's error is answered on that stream.
        if !(error is NIOHTTP2Errors.StreamError) { context.close(promise: nil) }
    }

    private func wait(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(idleSeconds)) {
            context.close(promise: nil)
        }
    }
}
