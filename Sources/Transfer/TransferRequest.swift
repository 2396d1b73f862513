/// One header line of a request or an answer.
public struct HeaderField: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What a request sends after its head: bytes in memory, or the first `size` bytes of a file.
public enum TransferBody: Hashable, Sendable {
    case bytes([UInt8])
    case file(path: String, size: Int64)

    var size: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let size): size
        }
    }
}

/// How much and how long one transfer may take; there is no limit on its whole duration.
public struct TransferLimits: Hashable, Sendable {
    /// The longest body that is delivered.
    public var bodyBytes: Int64
    /// The longest sum of all header lines, interim answers and trailers included.
    public var headerBytes: Int
    /// Name lookup, TCP, proxy and TLS together.
    public var connectSeconds: Double
    /// From the last byte sent to the first byte of the answer.
    public var responseSeconds: Double
    /// How long no byte may come while we are willing to read (or to send).
    public var idleSeconds: Double
    /// The least pace, judged once per `idleSeconds`; 0 turns it off.
    public var minimumBytesPerSecond: Int

    public init(
        bodyBytes: Int64 = 2 << 30,
        headerBytes: Int = 64 << 10,
        connectSeconds: Double = 15,
        responseSeconds: Double = 30,
        idleSeconds: Double = 60,
        minimumBytesPerSecond: Int = 64
    ) {
        self.bodyBytes = bodyBytes
        self.headerBytes = headerBytes
        self.connectSeconds = connectSeconds
        self.responseSeconds = responseSeconds
        self.idleSeconds = idleSeconds
        self.minimumBytesPerSecond = minimumBytesPerSecond
    }
}

/// One HTTP request as it shall be sent; redirects and content codings are left to the caller.
///
/// Framing belongs to the engine: `Content-Length`, `Transfer-Encoding`, `Connection`, `Expect` and their like are
/// left out of `headers` when sent.
public struct TransferRequest: Hashable, Sendable {
    public var url: String
    public var method: String
    public var headers: [HeaderField]
    public var body: TransferBody?
    public var limits: TransferLimits

    public init(
        url: String,
        method: String = "GET",
        headers: [HeaderField] = [],
        body: TransferBody? = nil,
        limits: TransferLimits = TransferLimits()
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.body = body
        self.limits = limits
    }
}
