public import Core
public import Gateway

/// What a registry is started with.
public struct RegistryConfiguration: Sendable {
    public var data: String
    public var host: String
    /// 0 takes any free port.
    public var port: Int
    /// In catalog order. Those that are `HostableEcosystem` can be hosted.
    public var ecosystems: [any Ecosystem]
    /// Who is asked for what the registry does not host.
    public var source = Source.nobody
    /// A policy file for what is fetched from public indexes and, of its rules, those for what is hosted; nil for the
    /// built-in rules, which only report.
    public var policy: String?
    public var limits = Limits()
    public var now: @Sendable () -> Timestamp

    /// Who is asked for what the registry does not host.
    public enum Source: Sendable {
        case nobody
        case publicIndexes(Outside)
        case custom(any Responder)
    }

    /// How the public indexes are reached. No credentials are ever sent to them.
    public struct Outside: Sendable {
        /// For `https_proxy`, `no_proxy` and `SSL_CERT_FILE`.
        public let environment: [String: String]
        /// Mirrors by purl type.
        public let upstreams: [String: HTTPURL]
        /// Who is told of what policy refuses, and the secret that signs what is sent.
        public var webhook: (url: HTTPURL, secret: Secret?)?

        public init(
            environment: [String: String] = [:],
            upstreams: [String: HTTPURL] = [:]
        ) {
            self.environment = environment
            self.upstreams = upstreams
        }
    }

    /// Greatest sizes that are taken.
    public struct Limits: Sendable {
        public var blob: Int64 = 8 << 30
        public var file: Int64 = 2 << 30
        public var request: Int = 1 << 20
        public var manifest: Int = 64 << 20
        public var headerBytes: Int = 64 << 10
        public var headerCount: Int = 100
        /// Of what is kept from public indexes, in bytes.
        public var cache: Int64 = 10 << 30
        /// Seconds without a whole request.
        public var idleSeconds: Int64 = 60
        /// Seconds that a client may do nothing in the middle of a body, its own or ours.
        public var stallSeconds: Int64 = 300
        /// So many bytes of a request's body must come in `stallSeconds` of waiting for them.
        public var stallBytes: Int = 1_024
        /// Connections at once; more wait to be taken.
        public var connections: Int = 1_000
        /// How long it is remembered whether the disk can be written to.
        public var readinessSeconds: Int64 = 5
        public var drainSeconds: Int64 = 10

        public init() {}
    }

    public init(
        data: String = "./purser-registry-data",
        listen: (host: String, port: Int) = ("127.0.0.1", 8_080),
        ecosystems: [any Ecosystem],
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.data = data
        host = listen.host
        port = listen.port
        self.ecosystems = ecosystems
        self.now = now
    }

    func ecosystem(_ type: String) -> (any Ecosystem)? { ecosystems.first { $0.type == type } }
}
