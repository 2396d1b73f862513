public import Core
public import Gateway
internal import Kernel

/// How the listener behaves for one session.
public struct ProxyConfiguration: Sendable {
    /// What to do with a client that wants to reach a host.
    public enum Destination: Sendable {
        /// Answer as that host and hand the requests to the responder.
        case intercept
        /// Pass the bytes through unread; recorded as a gap.
        case tunnel
        case refuse(Problem)
    }

    public var secret: Secret
    /// 0 takes any free port.
    public var port = 0
    /// Users whose processes may do without credentials, where `allowsUnauthenticatedOwners` is set.
    public var allowedUIDs: Set<UInt32> = []
    public var allowsUnauthenticatedOwners = false
    /// Says who owns the client's end of a loopback connection; nil when nobody can tell.
    public var owner: @Sendable (ConnectionEnds) -> UInt32?
    /// Asked with the lower-case host and the port, for CONNECT and for absolute targets.
    public var destination: @Sendable (String, Int) -> Destination
    /// Registry mode: where `/<type>/…` leads; nil for a type that is not served.
    public var defaultOrigin: @Sendable (String) -> Origin?
    /// The nonce that `https://canary.purser.invalid/NONCE` is answered with.
    public var canary: String?
    /// Answers `/SECRET/-purser/PATH`; asked with PATH and the body.
    public var control: (@Sendable (String, [UInt8]) async -> Reply)?
    /// Ports that a tunnel may lead to.
    public var tunnelPorts: Set<Int> = [443]
    /// Hosts that a tunnel may lead to although their address is not public.
    public var localHosts: Set<String> = []
    /// The proxy of the network around us that a tunnel to this host and port must go through; nil leads straight there.
    public var outwardProxy: @Sendable (String, Int) -> OutwardProxy? = { _, _ in nil }
    /// True for a host whose clients show people the body of a refusal, so that they may speak HTTP/2 to us.
    public var prefersHTTP2: @Sendable (String) -> Bool = { _ in false }
    public var limits = ProxyLimits()

    public init(
        secret: Secret,
        destination: @escaping @Sendable (String, Int) -> Destination,
        defaultOrigin: @escaping @Sendable (String) -> Origin? = { _ in nil },
        owner: @escaping @Sendable (ConnectionEnds) -> UInt32? = ConnectionEnds.ownerInKernel
    ) {
        self.secret = secret
        self.destination = destination
        self.defaultOrigin = defaultOrigin
        self.owner = owner
    }
}

/// The two ends of a connection over loopback, as the client sees them, both at 127.0.0.1.
public struct ConnectionEnds: Hashable, Sendable {
    public let clientPort: Int
    public let serverPort: Int

    /// Asks the kernel.
    @Sendable public static func ownerInKernel(_ ends: ConnectionEnds) -> UInt32? {
        SocketOwner.uid(ofPeerPort: ends.clientPort, localPort: ends.serverPort)
    }
}

/// Bounds on what clients may take of us.
public struct ProxyLimits: Hashable, Sendable {
    public var request = RequestLimits()
    public var connections = 1_024
    /// Requests at once on one connection of HTTP/2.
    public var streams = 128
    /// Seconds between two requests.
    public var idleSeconds: Int64 = 60
    /// Seconds for a head, once its first byte is there, and for a TLS handshake.
    public var headSeconds: Int64 = 10
    /// Seconds without any byte taken or given, while a body is on its way. Clients such as `docker pull` pause for a minute.
    public var stallSeconds: Int64 = 300
    /// So many bytes of a request's body must come in `stallSeconds` of waiting for them.
    public var stallBytes = 1_024
    /// Seconds until a tunnel's far end, or the proxy on the way, has answered.
    public var tunnelOpenSeconds: Int64 = 30
    /// Seconds of silence after which a tunnel is cut.
    public var tunnelIdleSeconds: Int64 = 300
    /// Seconds that running answers get when the server stops.
    public var graceSeconds: Int64 = 5

    public init() {}
}
