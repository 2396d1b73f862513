public import Kernel
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Who comes to a listener that was made elsewhere.
public enum Entrance: Sendable {
    /// Clients whose settings name us as their proxy; only processes of the session can reach it.
    case proxy
    /// Clients that take us for the host whose address they asked for. Told an address (`127.1.0.5`), `name` says whose
    /// it is; nil where several share it.
    case host(name: @Sendable (String) -> String?)
    /// Clients of a service outside, which is declared: their bytes are carried there unread.
    case service(host: String, port: Int)
}

extension ProxyServer {
    /// The name under which OpenSSL looks the session's certificate up.
    public var authorityLookupName: String { desk.contexts.authority.lookupName }

    /// Serves a listener that takes connections already, in whatever namespace it was made.
    public func serve(_ listener: SharedFile, as entrance: Entrance) throws(SystemError) {
        let desk = desk
        let bootstrap = ProxyServer.bootstrap(group, connections) {
            switch entrance {
            case .proxy: ConnectionHandler(desk: desk, scope: .sealed(authority: ""))
            case .host(let name): Doorman(desk: desk, name: name)
            case .service(let host, let port): Porter(desk: desk, host: host, port: port)
            }
        }
        keep(bootstrap.withBoundSocket(try listener.duplicate()))
    }

    /// Answers datagrams with what the closure makes of them.
    public func answer(
        datagrams socket: SharedFile,
        with answer: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) throws(SystemError) {
        let bootstrap = DatagramBootstrap(group: group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(DatagramAnswerer(answer))
            }
        }
        keep(bootstrap.withBoundSocket(try socket.duplicate()))
    }

    /// Answers streams: the closure takes what it can use of the bytes that came and gives what is to be said.
    public func answer(
        streams listener: SharedFile,
        with answer: @escaping @Sendable (inout [UInt8]) -> [UInt8]
    ) throws(SystemError) {
        let bootstrap = ServerBootstrap(group: group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(StreamAnswerer(answer))
            }
        }
        keep(bootstrap.withBoundSocket(try listener.duplicate()))
    }

    private func keep(_ opening: EventLoopFuture<any Channel>) {
        let (listeners, onEvent) = (listeners, desk.onEvent)
        opening.whenComplete { result in
            switch result {
            case .success(let channel): listeners.withLockedValue { $0.append(channel) }
            case .failure(let error): onEvent(.badRequest(reason: "a listener could not be served: \(error)"))
            }
        }
    }
}

/// Says what a closure makes of each datagram.
private final class DatagramAnswerer: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let answer: @Sendable ([UInt8]) -> [UInt8]?

    init(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let came = unwrapInboundIn(data)
        guard let said = answer(Array(came.data.readableBytesView)) else { return }
        let envelope = AddressedEnvelope(remoteAddress: came.remoteAddress, data: ByteBuffer(bytes: said))
        context.writeAndFlush(wrapOutboundOut(envelope), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that has gone before its answer is no reason to stop.
    }
}

/// The same over a stream, of which a few kilobytes are kept at most.
private final class StreamAnswerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (inout [UInt8]) -> [UInt8]
    private var open: [UInt8] = []

    init(_ answer: @escaping @Sendable (inout [UInt8]) -> [UInt8]) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += unwrapInboundIn(data).readableBytesView
        let said = answer(&open)
        if !said.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: said)), promise: nil) }
        if open.count > 65_537 { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
