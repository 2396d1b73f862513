internal import Upstream

/// Everything before the body of one request, checked: a head that exists is a head we may act on.
struct RequestHead: Sendable {
    enum Framing: Hashable, Sendable {
        case none
        case length(Int64)
        case chunked
    }

    let method: String
    /// Printable ASCII without `#`, in one of the four forms of RFC 9112 §3.2.
    let target: String
    /// True for HTTP/1.0, which knows no chunks and closes by default.
    let isVersion10: Bool
    /// End-to-end fields only, in the order they came.
    let fields: [HeaderField]
    let host: String?
    let framing: Framing
    let keepsAlive: Bool
    let expectsContinue: Bool
    let proxyAuthorization: String?
    /// The protocols that the client would rather speak; nil where it does not ask.
    var upgrade: String?
}

/// How much of a request we read before we give up on it.
public struct RequestLimits: Hashable, Sendable {
    public var targetBytes = 8_192
    public var headBytes = 65_536
    public var fields = 100
    public var bodyBytes: Int64 = 16 << 30
    /// Bodies up to here are handed over whole.
    public var wholeBodyBytes = 65_536

    public init() {}
}
