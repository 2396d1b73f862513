internal import Core
internal import NIOCore
internal import NIOPosix

/// Where a tunnel leads.
struct TunnelEnd {
    let host: String
    let port: Int

    /// `host:port`, IPv6 in brackets.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Tunnels: straight to their end, or through the proxy of the network around us.
extension ConnectionHandler {
    func tunnel(to end: TunnelEnd) throws(Refusal) {
        guard let loop = context?.eventLoop else { return }
        let (configuration, host) = (desk.configuration, end.host)
        guard configuration.tunnelPorts.contains(end.port) else {
            throw turnedAway("auth.forbidden: CONNECT to port \(end.port) is not allowed", host: host)
        }
        let isLocal = configuration.localHosts.contains(host)
        if let literal = AddressLiteral(host), !literal.isPublic, !isLocal {
            throw turnedAway("auth.forbidden: CONNECT to \(host) is not allowed, the address is not public", host: host)
        }
        setDeadline(seconds: nil)
        let proxy = configuration.outwardProxy(host, end.port)
        let (next, port) = (proxy?.host ?? host, proxy?.port ?? end.port)
        let resolved = NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            try SocketAddress.makeAddressResolvingHost(next, port: port)
        }
        resolved.assumeIsolated().whenComplete { result in
            guard case .success(let address) = result else {
                return self.fail(end, "\(proxy == nil ? "" : "the proxy ")\(next) has no address")
            }
            // Judged after resolving: a public name may lead to a private place. Behind a proxy it is the proxy that
            // resolves, and its own address was chosen by whoever set up this machine.
            guard proxy != nil || isLocal || AddressLiteral(address)?.isPublic ?? false else {
                return self.refuse(self.turnedAway("auth.forbidden: \(host) has no public address", host: host))
            }
            self.reach(end, at: address, by: proxy)
        }
    }

    /// Nothing went past, and the record says so.
    private func fail(_ end: TunnelEnd, _ reason: String) {
        guard case .answering = phase else { return }
        desk.onEvent(.failedTunnel(host: end.host, reason: reason))
        refuse(Refusal(502, "upstream.unreachable: \(reason)"))
    }

    private func reach(_ end: TunnelEnd, at address: SocketAddress, by proxy: OutwardProxy?) {
        guard case .answering = phase, let loop = context?.eventLoop else { return }
        let limits = limits
        let greeting = proxy.map { ProxyGreeting(end, $0, seconds: limits.tunnelOpenSeconds, on: loop) }
        let splice = Splice(
            idleSeconds: limits.tunnelIdleSeconds,
            onEvent: desk.onEvent,
            host: end.host,
            port: end.port
        )
        let far = SpliceHandler(splice, isUp: false)
        let handler: any ChannelHandler = if let greeting { greeting } else { far }
        let first = NIOLoopBound(handler, eventLoop: loop)
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(min(10, limits.tunnelOpenSeconds)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(first.value) }
            }
            .connect(to: address)
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let upstream):
                guard let greeting else { return self.join(splice, far: far, upstream) }
                self.follow(greeting, end, (splice, far), upstream)
            case .failure:
                let what = proxy.map { "the proxy \($0.host):\($0.port)" } ?? end.host
                self.fail(end, "\(what) cannot be reached")
            }
        }
    }

    /// Goes on when the proxy has answered.
    private func follow(
        _ greeting: ProxyGreeting,
        _ end: TunnelEnd,
        _ tunnel: (splice: Splice, far: SpliceHandler),
        _ upstream: any Channel
    ) {
        greeting.answer.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let early):
                let pipeline = upstream.pipeline.syncOperations
                do { try pipeline.addHandler(tunnel.far) } catch {
                    upstream.close(promise: nil)
                    return self.fail(end, "the proxy went away")
                }
                pipeline.removeHandler(greeting, promise: nil)
                self.join(tunnel.splice, far: tunnel.far, upstream)
                // What the far end said at once, behind the proxy's answer.
                guard early.readableBytes > 0, case .over = self.phase else { return }
                pipeline.fireChannelRead(NIOAny(early))
                pipeline.fireChannelReadComplete()
            case .failure(let error):
                upstream.close(promise: nil)
                self.fail(end, (error as? ProxyGreeting.Declined)?.reason ?? "the proxy cannot be used")
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
}
