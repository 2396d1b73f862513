internal import Core
internal import Gateway
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension ConnectionHandler {
    /// Answers at once where the answer is at hand, else hands the request to whoever answers it, off the event loop.
    func dispatch(_ requestBody: RequestBody) {
        guard let exchange, let loop = context?.eventLoop else { return }
        phase = .answering
        let begun = takeAhead(exchange.head)
        if begun == nil, case .none = requestBody, let reply = desk.replyAtHand(exchange.head, exchange.route) {
            return write(reply, keepsAlive: exchange.keepsAlive)
        }
        setDeadline(seconds: nil)
        beginAhead()
        let connection = NIOLoopBound(self, eventLoop: loop)
        let (desk, head, route, number) = (desk, exchange.head, exchange.route, exchange.number)
        let asker = asker(head)
        // Ends when the answer is written or cannot be; `channelInactive` cancels it.
        answering = Task {
            let reply: Reply
            if let begun {
                reply = await withTaskCancellationHandler {
                    await begun.value
                } onCancel: {
                    begun.cancel()
                }
            } else {
                reply = await Asker.$current.withValue(asker) {
                    await desk.answer(head, route, body: requestBody).checked
                }
            }
            let pump = ReplyPump(connection: connection, number: number)
            switch reply.body {
            case .stream(let length, let next) where ReplyFraming(reply, to: head) != .empty:
                await pump.run(reply, length: length, next: next)
            default:
                loop.execute { connection.value.answer(reply, number: number) }
            }
        }
    }

    /// Greatest part of an answer that is written at once, so that a client that takes nothing is told from a slow one.
    static let piece = 262_144

    /// Turns a request away ourselves.
    func refuse(_ refusal: Refusal) {
        switch phase {
        case .over, .draining: return
        case .head, .gathering, .answering: break
        }
        if refusal.status == 400 || refusal.status > 410 {
            desk.onEvent(.badRequest(reason: refusal.reason))
        }
        if refusal.closes { exchange?.keepsAlive = false }
        let isInStep = !refusal.closes && body?.isAtEnd ?? false
        phase = .answering
        if refusal.isInHTTP2 { return refuseInHTTP2(refusal) }
        write(refusal.reply, keepsAlive: isInStep)
    }

    /// Writes an answer that is at hand whole.
    func answer(_ reply: Reply, number: Int) {
        guard case .answering = phase, exchange?.number == number else { return }
        write(reply, keepsAlive: exchange?.keepsAlive ?? false)
    }

    private func write(_ reply: Reply, keepsAlive: Bool) {
        guard let context else { return }
        let head = exchange?.head
        let framing = ReplyFraming(reply, to: head, isStream: isStream)
        let stays = settleConnection(keepsAlive && framing != .untilClose)
        var bytes = ReplyHead.print(reply, framing: framing, to: head, closes: !stays)
        setDeadline(seconds: limits.stallSeconds)
        if framing != .empty, case .bytes(let body) = reply.body {
            guard body.count <= ConnectionHandler.piece else { return send(bytes, body, 0..<Int64(body.count)) }
            bytes.writeBytes(body)
        }
        if framing != .empty, case .file(let file, let range) = reply.body {
            if isEncrypted { sendCopied(bytes, file, range) } else { send(bytes, file, range) }
        } else {
            complete(context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes))))
        }
    }

    /// Fixes, before the head is printed, whether the connection outlives this answer.
    private func settleConnection(_ wanted: Bool) -> Bool {
        let stays = wanted && !isStopping && !isStream && body?.isAtEnd ?? true
        exchange?.keepsAlive = stays
        // A request that was turned away before it was understood has no exchange, and may be followed by another.
        outlivesAnswer = stays
        return stays
    }

    /// Ends the exchange when its last bytes are written. Most are when this is called.
    func complete(_ written: EventLoopFuture<Void>) {
        let loop = written.eventLoop.assumeIsolated()
        var isAtOnce = true
        written.assumeIsolated().whenComplete { result in
            // Later it comes from within the channel's own writing, where another answer would deepen the stack.
            if isAtOnce { self.settle(result) } else { loop.execute { self.settle(result) } }
        }
        isAtOnce = false
    }

    private func settle(_ result: Result<Void, any Error>) {
        if case .failure = result { abort() } else { completed() }
    }

    /// The answer is in the kernel's hands.
    private func completed() {
        guard case .answering = phase, let context else { return }
        answering = nil
        guard outlivesAnswer, exchange?.keepsAlive ?? true, !isStopping else { return closeGently() }
        exchange = nil
        body = nil
        phase = .head
        setDeadline(seconds: limits.idleSeconds)
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
        guard !isAdvancing else { return }
        advance()
        if wantsBytes { context.read() }
    }

    /// Ends our half, then waits a moment for the client to end its own.
    private func closeGently() {
        guard let context else { return }
        let mayBeInStep = body?.isAtEnd ?? false
        guard !isEncrypted, !mayBeInStep || inbound.readableBytes > 0 else {
            phase = .over
            context.close(promise: nil)
            return
        }
        phase = .draining
        inbound = ByteBuffer()
        dropAhead()
        setDeadline(seconds: 2)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Breaks the connection so that no client takes what it has for the whole.
    func abort() {
        guard let context else { return }
        phase = .over
        answering?.cancel()
        dropAhead()
        if isStream { context.triggerUserOutboundEvent(StreamBridge.Broken(), promise: nil) }
        if exchange?.framing == .untilClose, let socket = context.channel as? any SocketOptionProvider {
            // Without a length a plain close looks like the end of the body; a reset does not.
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        }
        // A proper TLS goodbye would make a cut body look whole: close below TLS.
        if isEncrypted, let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            context.close(promise: nil)
        }
    }
}

extension ConnectionHandler {
    /// Writes the head of a streamed answer; fails when the client is gone.
    func open(_ reply: Reply, number: Int) -> EventLoopFuture<Void>? {
        guard case .answering = phase, exchange?.number == number, let context else { return nil }
        let head = exchange?.head
        let framing = ReplyFraming(reply, to: head, isStream: isStream)
        exchange?.framing = framing
        let stays = settleConnection(exchange?.keepsAlive ?? false && framing != .untilClose)
        return write(ReplyHead.print(reply, framing: framing, to: head, closes: !stays), context)
    }

    /// The future completes when the kernel took the bytes: that is the back-pressure.
    func write(part bytes: [UInt8], number: Int) -> EventLoopFuture<Void>? {
        guard case .answering = phase, let exchange, exchange.number == number, let context else { return nil }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count + 16)
        if exchange.framing == .chunked {
            buffer.writeString(String(bytes.count, radix: 16))
            buffer.writeStaticString("\r\n")
        }
        buffer.writeBytes(bytes)
        if exchange.framing == .chunked { buffer.writeStaticString("\r\n") }
        return write(buffer, context)
    }

    private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        setDeadline(seconds: limits.stallSeconds)
        let written = context.writeAndFlush(wrapOutboundOut(.byteBuffer(buffer)))
        written.assumeIsolated().whenComplete { _ in self.setDeadline(seconds: nil) }
        return written
    }

    /// The stream is at its end: whole, or broken off.
    func close(number: Int, isWhole: Bool) {
        guard case .answering = phase, let exchange, exchange.number == number, let context else { return }
        guard isWhole else { return abort() }
        guard exchange.framing == .chunked else { return completed() }
        var last = ByteBuffer()
        last.writeStaticString("0\r\n\r\n")
        complete(context.writeAndFlush(wrapOutboundOut(.byteBuffer(last))))
    }
}
