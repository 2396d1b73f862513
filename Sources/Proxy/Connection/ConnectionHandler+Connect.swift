internal import Core
internal import NIOCore
internal import NIOSSL
internal import Upstream

extension ConnectionHandler {
    /// Answers CONNECT: as the host itself, with a tunnel, or not at all.
    func connect(host: String, port: Int) throws(Refusal) {
        if host == Router.canaryHost { return try intercept(host: host, port: port) }
        switch desk.configuration.destination(host, port) {
        case .intercept: try intercept(host: host, port: port)
        case .tunnel: try tunnel(to: TunnelEnd(host: host, port: port))
        case .refuse(let problem): throw turnedAway(problem.reasonPhrase, host: host)
        }
    }

    func turnedAway(_ reason: String, host: String) -> Refusal {
        desk.onEvent(.refusedConnection(reason: reason, host: host))
        return Refusal(403, reason)
    }

    private func intercept(host: String, port: Int) throws(Refusal) {
        guard let context else { return }
        let tls: NIOSSLServerHandler
        do { tls = NIOSSLServerHandler(context: try desk.contexts.context(for: host)) } catch {
            throw Refusal(502, "bug: no certificate could be made for \(host)")
        }
        writeEstablished(context)
        let leftover = inbound
        inbound = ByteBuffer()
        scope = .inside(Origin(.https, host, port: port))
        isEncrypted = true
        exchange = nil
        body = nil
        phase = .head
        setDeadline(seconds: limits.headSeconds)
        // A server of HTTPS would not take HTTP in clear either.
        let hello = HelloGuard(takesPlain: port != 443) { [weak self] speech in
            if speech == .http { self?.speakPlainly(host, port) } else { self?.add(tls) }
        } onRefusal: { [onEvent = desk.onEvent] in
            onEvent(.unreadProtocol(name: $0, host: host))
        }
        do { try context.pipeline.syncOperations.addHandler(hello, position: .first) } catch {
            context.close(promise: nil)
            return
        }
        if leftover.readableBytes > 0 {
            // A client that did not wait for the 200 has its hello here already.
            context.pipeline.syncOperations.fireChannelRead(NIOAny(leftover))
            context.pipeline.syncOperations.fireChannelReadComplete()
        }
        context.read()
    }

    /// Behind the guard, which hands it what it has read.
    private func add(_ tls: NIOSSLServerHandler) {
        guard let context else { return }
        let pipeline = context.pipeline.syncOperations
        do { try pipeline.addHandler(tls, position: .before(self)) } catch { context.close(promise: nil) }
    }

    private func speakPlainly(_ host: String, _ port: Int) {
        scope = .inside(Origin(.http, host, port: port))
        isEncrypted = false
    }

    /// TLS has agreed on HTTP/2: from here on each request is a stream with a handler of its own.
    func speakHTTP2() {
        guard let context, case .inside(let origin) = scope else { return }
        let (pipeline, channel) = (context.pipeline.syncOperations, context.channel)
        pipeline.removeHandler(self, promise: nil)
        do {
            try Streams.configure(pipeline, on: channel.eventLoop, desk: desk, origin: origin)
            // What a client may send at once is bounded by the windows of its streams.
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            channel.close(promise: nil)
        }
    }

    func writeEstablished(_ context: ChannelHandlerContext) {
        var text = ByteBuffer()
        text.writeStaticString("HTTP/1.1 200 Connection established\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(text)), promise: nil)
    }
}
