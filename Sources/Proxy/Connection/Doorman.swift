internal import Core
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Stands at the address of a name, where clients come that know of no proxy: looks at the first byte, and in TLS at the
/// server's name, and leads the connection on to where all others go.
final class Doorman: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let desk: FrontDesk
    private let name: @Sendable (String) -> String?
    private var watch: Scheduled<Void>?
    private var isDone = false

    init(desk: FrontDesk, name: @escaping @Sendable (String) -> String?) {
        self.desk = desk
        self.name = name
    }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { begin(context) } }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { watch?.cancel() }

    private func begin(_ context: ChannelHandlerContext) {
        guard watch == nil else { return }
        let channel = context.channel
        watch = context.eventLoop.scheduleTask(in: .seconds(desk.configuration.limits.idleSeconds)) {
            channel.close(promise: nil)
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone, let first = unwrapInboundIn(data).readableBytesView.first else {
            return context.fireChannelRead(data)
        }
        isDone = true
        let port = context.channel.localAddress?.port ?? 0
        let name = context.channel.localAddress?.ipAddress.flatMap { self.name($0) }
        do {
            // 22 begins a TLS handshake and no HTTP method.
            if first == 22 {
                try welcome(context, port: port, name: name)
            } else {
                let handler = ConnectionHandler(desk: desk, scope: .plain(port: port, name: name))
                try context.pipeline.syncOperations.addHandler(handler)
            }
        } catch { return context.close(promise: nil) }
        context.fireChannelRead(data)
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func welcome(_ context: ChannelHandlerContext, port: Int, name: String?) throws {
        let desk = desk
        let channel = context.channel
        let pipeline = NIOLoopBound(context.pipeline.syncOperations, eventLoop: context.eventLoop)
        let hello = SNIHandler { result in
            channel.eventLoop.makeCompletedFuture {
                var host = name
                if case .hostname(let asked) = result { host = asked.lowercased() }
                guard let host, (try? Router.origin(.https, host: host))?.host == host else {
                    desk.onEvent(.refusedConnection(reason: "TLS without a server's name", host: name ?? "unknown"))
                    throw ChannelError.inputClosed
                }
                let tls = NIOSSLServerHandler(context: try desk.contexts.context(for: host))
                let scope = Router.Scope.inside(Origin(.https, host, port: port))
                try pipeline.value.addHandler(tls)
                try pipeline.value.addHandler(ConnectionHandler(desk: desk, scope: scope, isEncrypted: true))
            }
        }
        try context.pipeline.syncOperations.addHandler(ByteToMessageHandler(hello))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
