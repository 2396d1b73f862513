public import Core

/// The HTTP proxy through which this network is left, as the machine's own settings name it.
public struct OutwardProxy: Hashable, Sendable {
    public let host: String
    public let port: Int
    /// A whole `Proxy-Authorization` value.
    public let authorization: Secret?

    /// `host` of an IPv6 address is without brackets.
    public init(host: String, port: Int, authorization: Secret? = nil) {
        self.host = host
        self.port = port
        self.authorization = authorization
    }
}
