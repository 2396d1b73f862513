internal import NIOCore

/// A tunnel: bytes go past unread, only counted. Lives on one event loop with both its ends.
final class Splice {
    var bytesUp: Int64 = 0
    var bytesDown: Int64 = 0
    private let idleSeconds: Int64
    private let onEvent: @Sendable (ProxyEvent) -> Void
    private let host: String
    private let port: Int
    private var isOver = false
    private var watch: RepeatedTask?

    init(idleSeconds: Int64, onEvent: @escaping @Sendable (ProxyEvent) -> Void, host: String, port: Int) {
        self.idleSeconds = idleSeconds
        self.onEvent = onEvent
        self.host = host
        self.port = port
    }

    /// Cuts the tunnel after a while of silence, so that forgotten ones do not pile up.
    func begin(near: SpliceHandler, far: SpliceHandler) {
        guard let loop = near.context?.eventLoop else { return }
        // Both have wanted to read since before they knew each other.
        near.readAgain()
        far.readAgain()
        let bound = NIOLoopBound((self, near), eventLoop: loop)
        let last = NIOLoopBoundBox<Int64>(-1, eventLoop: loop)
        watch = loop.scheduleRepeatedTask(initialDelay: .seconds(idleSeconds), delay: .seconds(idleSeconds)) { _ in
            let (splice, near) = bound.value
            let seen = splice.bytesUp &+ splice.bytesDown
            if last.value == seen { near.context?.close(promise: nil) }
            last.value = seen
        }
    }

    /// Called by the end that closes first; counts once.
    func end() {
        guard !isOver else { return }
        isOver = true
        watch?.cancel()
        onEvent(.tunnel(host: host, port: port, bytesUp: bytesUp, bytesDown: bytesDown))
    }
}

/// One end of a tunnel. It reads only while the other end takes bytes.
final class SpliceHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    var partner: SpliceHandler?
    private(set) var context: ChannelHandlerContext?
    private let splice: Splice
    private let isUp: Bool
    private var owesRead = false

    /// `isUp` for the client's end, whose bytes go up.
    init(_ splice: Splice, isUp: Bool) {
        self.splice = splice
        self.isUp = isUp
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if isUp { splice.bytesUp += Int64(bytes.readableBytes) } else { splice.bytesDown += Int64(bytes.readableBytes) }
        guard let other = partner?.context else { return }
        other.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { partner?.context?.flush() }

    func channelInactive(context: ChannelHandlerContext) {
        splice.end()
        // What was read is flushed before the close goes through.
        partner?.context?.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())))
            .assumeIsolated().whenComplete { [partner] _ in partner?.context?.close(promise: nil) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { partner?.readAgain() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        // Before the partner is known nothing may be read: there is nowhere to put it.
        guard partner?.context?.channel.isWritable ?? false else {
            owesRead = true
            return
        }
        context.read()
    }

    func readAgain() {
        guard owesRead else { return }
        owesRead = false
        context?.read()
    }
}
