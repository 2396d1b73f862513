internal import NIOCore
internal import NIOPosix

/// Stands where a declared service is asked: carries the bytes to the real one and back, unread, only counted.
final class Porter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let desk: FrontDesk
    private let host: String
    private let port: Int
    private var hasBegun = false

    init(desk: FrontDesk, host: String, port: Int) {
        self.desk = desk
        self.host = host
        self.port = port
    }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { begin(context) } }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    /// Nothing is read of the client before the service is there.
    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        let (loop, onEvent) = (context.eventLoop, desk.onEvent)
        let counted: @Sendable (ProxyEvent) -> Void = { event in
            guard case .tunnel(let host, let port, let up, let down) = event else { return onEvent(event) }
            onEvent(.service(host: host, port: port, bytesUp: up, bytesDown: down))
        }
        let idle = desk.configuration.limits.tunnelIdleSeconds
        let splice = Splice(idleSeconds: idle, onEvent: counted, host: host, port: port)
        let far = SpliceHandler(splice, isUp: false)
        let bound = NIOLoopBound((far, context), eventLoop: loop)
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value.0)
                }
            }
            .connect(host: host, port: port)
        connected.hop(to: loop).assumeIsolated().whenComplete { [self] result in
            let (far, context) = bound.value
            switch result {
            case .success(let service): join(context, splice, far, service)
            case .failure:
                onEvent(.refusedConnection(reason: "the declared service cannot be reached", host: "\(host):\(port)"))
                context.close(promise: nil)
            }
        }
    }

    private func join(
        _ context: ChannelHandlerContext,
        _ splice: Splice,
        _ far: SpliceHandler,
        _ service: any Channel
    ) {
        let near = SpliceHandler(splice, isUp: true)
        near.partner = far
        far.partner = near
        let channel = context.channel
        do {
            try channel.pipeline.syncOperations.addHandler(near)
            channel.pipeline.syncOperations.removeHandler(self, promise: nil)
            splice.begin(near: near, far: far)
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            service.close(promise: nil)
            channel.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
