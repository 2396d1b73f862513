/// Scheme, host and port: what credentials are bound to and what the record calls the place a byte came from.
public struct Origin: Hashable, Sendable, Comparable {
    public enum Scheme: String, Sendable {
        case http, https

        public var defaultPort: Int { self == .http ? 80 : 443 }

        /// The letters may be of either case.
        init?(_ text: Substring) {
            switch text.utf8.count {
            case 4 where text == "http": self = .http
            case 5 where text == "https": self = .https
            default: self.init(rawValue: text.lowercased())
            }
        }
    }

    public let scheme: Scheme
    /// Lower-case ASCII: a name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    public let port: Int

    /// `host` must already be one that `HTTPURL` would accept.
    public init(_ scheme: Scheme, _ host: String, port: Int? = nil) {
        self.scheme = scheme
        self.host = host.utf8.contains { (0x41...0x5A).contains($0) } ? host.lowercased() : host
        self.port = port ?? scheme.defaultPort
    }

    /// `host`, or `host:port` where the port is not the scheme's own. IPv6 in brackets.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// True for this machine itself, where every client goes without a proxy.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    public static func < (a: Origin, b: Origin) -> Bool { a.description < b.description }
}

extension Origin: CustomStringConvertible {
    public var description: String { "\(scheme.rawValue)://\(authority)" }
}
