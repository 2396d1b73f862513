internal import NIOConcurrencyHelpers
internal import NIOCore

/// The open connections, counted so that there are never too many.
final class Connections: Sendable {
    private let open = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var all: [any Channel] { open.withLockedValue { Array($0.values) } }

    /// False when the house is full.
    func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdmitted = open.withLockedValue { open in
            guard open.count < limit else { return false }
            open[key] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [open] _ in
            open.withLockedValue { _ = $0.removeValue(forKey: key) }
        }
        return true
    }
}

/// Tells a client beyond the limit to come again, and closes.
final class FullHouseHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    func channelActive(context: ChannelHandlerContext) {
        var text = ByteBuffer()
        text.writeStaticString("HTTP/1.1 503 Too many connections\r\n")
        text.writeStaticString("Connection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(text))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
