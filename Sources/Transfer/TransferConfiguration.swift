/// What all transfers of one engine have in common.
public struct TransferConfiguration: Sendable {
    public var proxy: ProxySettings = .none
    /// Certificate authorities to trust instead of the system's.
    public var caFile: String?
    public var caDirectory: String?
    /// Where credentials are looked up for requests without an `Authorization` header.
    public var netrcFile: String?
    public var userAgent: String
    public var maxConnectionsPerHost: Int = 8
    public var maxConnections: Int = 128
    /// Offers HTTP/2 over TLS.
    public var http2: Bool = true
    /// How many bytes wait for a slow reader before the peer is held back.
    public var bufferBytes: Int = 1 << 20
    /// Asked with the address about to be dialled and its port; `false` refuses. Not asked for a proxy's own address,
    /// which the operator chose.
    public var addressCheck: (@Sendable (_ numericAddress: String, _ port: Int) -> Bool)?
    /// `HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT`, as curl's `--connect-to`.
    public var connectTo: [String] = []
    /// `HOST:PORT:ADDRESS[,ADDRESS]…`, as curl's `--resolve`.
    public var resolve: [String] = []

    public init(userAgent: String) {
        self.userAgent = userAgent
    }

    /// Proxy and trust settings as these variables say: `*_proxy`, `no_proxy`, `SSL_CERT_FILE`, `SSL_CERT_DIR`.
    public init(userAgent: String, environment: [String: String]) {
        self.userAgent = userAgent
        proxy = .environment(environment)
        caFile = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        caDirectory = environment["SSL_CERT_DIR"].flatMap { $0.isEmpty ? nil : $0 }
    }
}
