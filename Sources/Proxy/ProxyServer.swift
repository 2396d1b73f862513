public import Core
public import Gateway
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The listener of one session on loopback: forward proxy, registry endpoints and control on one port.
public final class ProxyServer: Sendable {
    public let port: Int

    let group: MultiThreadedEventLoopGroup
    let desk: FrontDesk
    let connections: Connections
    let listeners: NIOLockedValueBox<[any Channel]>
    private let isStopped = NIOLockedValueBox(false)

    private init(
        port: Int,
        group: MultiThreadedEventLoopGroup,
        desk: FrontDesk,
        connections: Connections,
        listeners: [any Channel]
    ) {
        self.port = port
        self.group = group
        self.desk = desk
        self.connections = connections
        self.listeners = NIOLockedValueBox(listeners)
    }

    /// Listens on 127.0.0.1 and, where the machine has it, on [::1] with the same port.
    public static func start(
        configuration: ProxyConfiguration,
        authority: SessionAuthority,
        responder: any Responder,
        onEvent: @escaping @Sendable (ProxyEvent) -> Void = { _ in }
    ) async throws(Problem) -> ProxyServer {
        let group = threads
        let desk = FrontDesk(configuration, authority: authority, responder: responder, onEvent: onEvent)
        let connections = Connections(limit: configuration.limits.connections)
        do {
            let bootstrap = bootstrap(group, connections) { ConnectionHandler(desk: desk) }
            let listeners = try await bind(bootstrap, port: configuration.port)
            return ProxyServer(
                port: listeners[0].localAddress?.port ?? configuration.port,
                group: group,
                desk: desk,
                connections: connections,
                listeners: listeners
            )
        } catch {
            throw inUse(configuration.port, error)
        }
    }

    /// Takes no more clients, lets running answers end for a while, then closes everything. Later calls do nothing.
    public func stop() async {
        let isFirst = isStopped.withLockedValue { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        guard isFirst else { return }
        for listener in listeners.withLockedValue({ $0 }) { try? await listener.close() }
        let open = connections.all
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(StopEvent()) }
        let loop = group.next()
        let closed = EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop)
        let deadline = loop.scheduleTask(in: .seconds(desk.configuration.limits.graceSeconds)) {
            for channel in open { channel.close(promise: nil) }
        }
        try? await closed.get()
        deadline.cancel()
    }

    static func bootstrap(
        _ group: MultiThreadedEventLoopGroup,
        _ connections: Connections,
        _ handler: @escaping @Sendable () -> any ChannelInboundHandler
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 4_096, maximum: 65_536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.admit(channel) else {
                        try channel.pipeline.syncOperations.addHandler(FullHouseHandler())
                        return
                    }
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
    }

    private static func bind(_ bootstrap: ServerBootstrap, port: Int) async throws -> [any Channel] {
        for attempt in 0..<8 {
            let four = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            do {
                let six = try await bootstrap.bind(host: "::1", port: four.localAddress?.port ?? port).get()
                return [four, six]
            } catch let error as IOError where error.errnoCode == EADDRINUSE && (port != 0 || attempt < 7) {
                // The kernel picked a port that somebody has on the other loopback address.
                try await four.close()
                if port != 0 { throw error }
            } catch {
                return [four]
            }
        }
        return [try await bootstrap.bind(host: "127.0.0.1", port: port).get()]
    }

    /// All servers of a process share these threads, which end with it: an answer that is still being made when its
    /// server stops finds them alive, and sees there that its client is gone.
    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: min(max(System.coreCount, 2), 4))

    private static func inUse(_ port: Int, _ error: any Error) -> Problem {
        Problem(
            .stateLocked,
            subject: "127.0.0.1:\(port)",
            summary: "cannot be listened on",
            remedy: port == 0
                ? "free some ports of this machine, or report this"
                : "choose another port, or end the process that has it: ss -ltnp 'sport = :\(port)'",
            details: ["cause": "\(error)"]
        )
    }
}
