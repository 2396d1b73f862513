internal import Core
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Upstream

extension ConnectionHandler {
    /// Answers CONNECT: as the host itself, with a tunnel, or not at all.
    func connect(host: String, port: Int) throws(Refusal) {
        if host == Router.canaryHost { return try intercept(host: host, port: port) }
        switch desk.configuration.destination(host, port) {
        case .intercept: try intercept(host: host, port: port)
        case .tunnel: try tunnel(host: host, port: port)
        case .refuse(let problem): throw turnedAway(problem.reasonPhrase, host: host)
        }
    }

    private func turnedAway(_ reason: String, host: String) -> Refusal {
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
        do { try context.pipeline.syncOperations.addHandler(tls, position: .first) } catch {
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

    private func tunnel(host: String, port: Int) throws(Refusal) {
        guard let loop = context?.eventLoop else { return }
        let configuration = desk.configuration
        guard configuration.tunnelPorts.contains(port) else {
            throw turnedAway("auth.forbidden: CONNECT to port \(port) is not allowed", host: host)
        }
        let isLocal = configuration.localHosts.contains(host)
        if let literal = AddressLiteral(host), !literal.isPublic, !isLocal {
            throw turnedAway("auth.forbidden: CONNECT to \(host) is not allowed, the address is not public", host: host)
        }
        setDeadline(seconds: nil)
        let resolved = NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            try SocketAddress.makeAddressResolvingHost(host, port: port)
        }
        resolved.assumeIsolated().whenComplete { result in
            guard case .success(let address) = result else {
                return self.refuse(Refusal(502, "upstream.unreachable: \(host) has no address"))
            }
            // Judged after resolving: a public name may lead to a private place.
            guard isLocal || AddressLiteral(address)?.isPublic ?? false else {
                return self.refuse(self.turnedAway("auth.forbidden: \(host) has no public address", host: host))
            }
            self.splice(to: address, host: host, port: port)
        }
    }

    private func splice(to address: SocketAddress, host: String, port: Int) {
        guard case .answering = phase, let context else { return }
        let loop = context.eventLoop
        let splice = Splice(idleSeconds: limits.tunnelIdleSeconds, onEvent: desk.onEvent, host: host, port: port)
        let far = SpliceHandler(splice, isUp: false)
        let bound = NIOLoopBound(far, eventLoop: loop)
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(to: address)
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let upstream): self.join(splice, far: far, upstream)
            case .failure: self.refuse(Refusal(502, "upstream.unreachable: \(host) cannot be reached"))
            }
        }
    }

    private func join(_ splice: Splice, far: SpliceHandler, _ upstream: any Channel) {
        guard case .answering = phase, let context else {
            upstream.close(promise: nil)
            return
        }
        let near = SpliceHandler(splice, isUp: true)
        near.partner = far
        far.partner = near
        writeEstablished(context)
        let leftover = inbound
        phase = .over
        let channel = context.channel
        let pipeline = channel.pipeline.syncOperations
        do {
            try pipeline.addHandler(near)
            pipeline.removeHandler(self, promise: nil)
            if leftover.readableBytes > 0 {
                pipeline.fireChannelRead(NIOAny(leftover))
                pipeline.fireChannelReadComplete()
            }
            splice.begin(near: near, far: far)
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            upstream.close(promise: nil)
            channel.close(promise: nil)
        }
    }

    private func writeEstablished(_ context: ChannelHandlerContext) {
        var text = ByteBuffer()
        text.writeStaticString("HTTP/1.1 200 Connection established\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(text)), promise: nil)
    }
}
