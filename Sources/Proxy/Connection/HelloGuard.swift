internal import NIOCore

/// Looks at a client's first message inside a tunnel before TLS does, then leaves: a client that would speak anything but
/// HTTP is told so at once, in TLS's own words, instead of being left with a connection that it cannot use.
final class HelloGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let spoken: Set<String> = ["http/1.1", "http/1.0", "h2"]

    private let onRefusal: (String) -> Void
    private var held = ByteBuffer()
    private var isOver = false

    /// `onRefusal` is given what the client wanted.
    init(onRefusal: @escaping (String) -> Void) { self.onRefusal = onRefusal }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
        switch ClientHello.read(Array(held.readableBytesView)) {
        case .needsMore: return
        case .other:
            if held.readableBytesView.first != 22 { onRefusal("no TLS") }
            leave(context)
        case .hello(let hello):
            guard let offered = hello.protocols, HelloGuard.spoken.isDisjoint(with: offered) else {
                return leave(context)
            }
            refuse(context, offered)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        context.fireChannelInactive()
    }

    private func leave(_ context: ChannelHandlerContext) {
        isOver = true
        let bytes = held
        held = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(bytes))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext, _ offered: [String]) {
        isOver = true
        let names = offered.joined(separator: ", ").unicodeScalars.prefix(100)
        onRefusal("ALPN " + names.map { (0x21...0x7E).contains($0.value) || $0 == " " ? String($0) : "?" }.joined())
        // RFC 7301 §3.2: the fatal alert no_application_protocol.
        let alert = ByteBuffer(bytes: [21, 3, 3, 0, 2, 2, 120])
        let loop = context.eventLoop.assumeIsolated()
        context.writeAndFlush(wrapOutboundOut(alert)).assumeIsolated().whenComplete { _ in
            // Below TLS, which has nothing to say goodbye to; a moment later, lest a reset overtakes the alert.
            context.close(mode: .output, promise: nil)
            loop.scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
        }
    }
}
