internal import NIOCore

/// Looks at a client's first message inside a tunnel before anybody else does, then leaves: a client that would speak
/// anything but HTTP is told so at once, in TLS's own words, instead of being left with a connection that it cannot use.
final class HelloGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let spoken: Set<String> = ["http/1.1", "http/1.0", "h2"]

    private static let methods = ["GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "].map {
        Array($0.utf8)
    }

    private let takesPlain: Bool
    private let onSpeech: (Speech) -> Void
    private let onRefusal: (String) -> Void
    private var held = ByteBuffer()
    private var isOver = false

    /// What a client that may go on speaks. HTTP in clear comes from clients that tunnel to every host (Node's fetch,
    /// `curl --proxytunnel`).
    enum Speech { case tls, http }

    /// `onSpeech` makes the pipeline behind this handler ready; `onRefusal` is given what the client wanted.
    init(takesPlain: Bool, onSpeech: @escaping (Speech) -> Void, onRefusal: @escaping (String) -> Void) {
        self.takesPlain = takesPlain
        self.onSpeech = onSpeech
        self.onRefusal = onRefusal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
        switch ClientHello.read(Array(held.readableBytesView)) {
        case .needsMore: return
        case .other:
            guard held.readableBytesView.first != 22 else { return leave(context, .tls) }
            guard let isRequest else { return }
            if isRequest, takesPlain { return leave(context, .http) }
            onRefusal("no TLS")
            leave(context, .tls)
        case .hello(let hello):
            guard let offered = hello.protocols, HelloGuard.spoken.isDisjoint(with: offered) else {
                return leave(context, .tls)
            }
            refuse(context, offered)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        context.fireChannelInactive()
    }

    /// Whether a request of HTTP begins here; nil while nobody can tell.
    private var isRequest: Bool? {
        let bytes = held.readableBytesView
        for method in HelloGuard.methods where zip(method, bytes).allSatisfy({ $0 == $1 }) {
            return bytes.count < method.count ? nil : true
        }
        return false
    }

    private func leave(_ context: ChannelHandlerContext, _ speech: Speech) {
        isOver = true
        onSpeech(speech)
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
