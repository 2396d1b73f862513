internal import NIOConcurrencyHelpers
internal import NIOCore

/// The open connections, counted so that there are never too many.
///
/// Anybody on the machine may open one and say nothing. When the house is full those who were let in for no request have
/// to leave, and until they have, some more come than there is room for.
final class Connections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var nextSweep = NIODeadline.now()
    }

    private let state = NIOLockedValueBox(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var all: [any Channel] { state.withLockedValue { Array($0.open.values) } }

    /// False when the house is full.
    func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let (isAdmitted, idlers) = state.withLockedValue { state in
            let idlers = crowd(&state)
            guard state.open.count < limit + limit / 16 else { return (false, idlers) }
            state.open[key] = channel
            return (true, idlers)
        }
        for idler in idlers { idler.pipeline.fireUserInboundEventTriggered(FullHouseEvent()) }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [state] _ in
            state.withLockedValue { _ = $0.open.removeValue(forKey: key) }
        }
        return true
    }

    /// Those who are asked whether they are needed: all, when the house is full, but not with every newcomer.
    private func crowd(_ state: inout State) -> [any Channel] {
        let now = NIODeadline.now()
        guard state.open.count >= limit, now >= state.nextSweep else { return [] }
        state.nextSweep = now + .milliseconds(200)
        return Array(state.open.values)
    }
}

/// Sent down every connection when there are too many: who was never let in may go.
struct FullHouseEvent {
    /// A client that has just come may have sent its request already.
    static let grace = TimeAmount.milliseconds(500)
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
