internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Stands between one stream of HTTP/2 and the handler that answers a connection of HTTP/1.1, so that both kinds of client
/// are read, judged and answered by the same code: the frames of a request become the bytes of one (RFC 9113 §8.3), and
/// the bytes of its answer become frames.
final class StreamBridge: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Sent up the pipeline before a close that must not look like the end of an answer.
    struct Broken {}

    private enum Answer {
        case head(ByteBuffer)
        case body
        case over
    }

    private var answer = Answer.head(ByteBuffer())
    private var isChunked = false
    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if frame.headers.contains(name: ":method") { return begin(frame, context) }
            // Trailers say nothing that we read.
            if frame.endStream { end(context) }
        case .data(let frame):
            if case .byteBuffer(var bytes) = frame.data, bytes.readableBytes > 0 { pass(&bytes, context) }
            if frame.endStream { end(context) }
        default: break
        }
    }

    private func begin(_ frame: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext) {
        guard let head = StreamHead.print(frame.headers, hasBody: !frame.endStream) else {
            // RFC 9113 §8.1.1: a malformed request is an error of its stream.
            let reset = HTTP2Frame.FramePayload.rstStream(.protocolError)
            context.writeAndFlush(wrapOutboundOut(reset), promise: nil)
            context.close(promise: nil)
            return
        }
        isChunked = head.isChunked
        context.fireChannelRead(wrapInboundOut(head.text))
    }

    private func pass(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        guard isChunked else { return context.fireChannelRead(wrapInboundOut(bytes)) }
        var chunk = ByteBuffer()
        chunk.writeString(String(bytes.readableBytes, radix: 16))
        chunk.writeStaticString("\r\n")
        chunk.writeBuffer(&bytes)
        chunk.writeStaticString("\r\n")
        context.fireChannelRead(wrapInboundOut(chunk))
    }

    private func end(_ context: ChannelHandlerContext) {
        guard isChunked else { return }
        context.fireChannelRead(wrapInboundOut(ByteBuffer(string: "0\r\n\r\n")))
    }
}

extension StreamBridge {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .byteBuffer(var bytes) = unwrapOutboundIn(data) else {
            // Inside TLS nothing is sent out of a file.
            promise?.fail(ChannelError.operationUnsupported)
            return
        }
        while case .head(var held) = answer {
            held.writeBuffer(&bytes)
            guard let head = StreamHead.read(&held) else {
                answer = .head(held)
                promise?.succeed()
                return
            }
            bytes = held
            answer = head.isFinal ? .body : .head(ByteBuffer())
            let frame = HTTP2Frame.FramePayload.headers(.init(headers: head.fields))
            guard bytes.readableBytes > 0 else { return context.write(wrapOutboundOut(frame), promise: promise) }
            context.write(wrapOutboundOut(frame), promise: nil)
        }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes)))), promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Broken else { return context.triggerUserOutboundEvent(event, promise: promise) }
        isBroken = true
        promise?.succeed()
    }

    /// The end of the connection is the end of the answer; without that, closing resets the stream.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .body = answer, !isBroken else { return context.close(mode: mode, promise: promise) }
        answer = .over
        let last = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
        context.writeAndFlush(wrapOutboundOut(last)).assumeIsolated().whenComplete { _ in
            context.close(promise: promise)
        }
    }
}
