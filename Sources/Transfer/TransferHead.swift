/// The head of an answer, known before its body.
public struct TransferHead: Hashable, Sendable {
    public var status: Int
    public var reason: String
    public var headers: [HeaderField]
    /// As on the status line: `HTTP/1.1`, `HTTP/2`.
    public var version: String
    /// The URL that was asked.
    public var url: String
    /// The numeric address and port of the peer (of the proxy, when one was used).
    public var remoteAddress: String

    public init(
        status: Int,
        reason: String,
        headers: [HeaderField],
        version: String,
        url: String,
        remoteAddress: String
    ) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.version = version
        self.url = url
        self.remoteAddress = remoteAddress
    }

    /// The first value of the header of this name, in any case.
    public func value(of name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// What the answer says of its length; `nil` when it says nothing or is sent in chunks.
    public var contentLength: Int64? {
        guard value(of: "transfer-encoding") == nil else { return nil }
        return value(of: "content-length").flatMap { Int64($0) }
    }
}
