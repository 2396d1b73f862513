public import Core
public import Upstream

/// One request of a client, as a transport read it; hop-by-hop fields are gone and the target is absolute.
public struct ClientRequest: Sendable {
    public let request: Request
    /// End-to-end fields in the order they came.
    public let headers: [HeaderField]
    public let body: RequestBody
    /// Registry mode: where rewritten links start (`http://127.0.0.1:PORT/SECRET`); nil when intercepting.
    public let linkBase: String?
    /// Registry mode: the ecosystem that the path names; nil when the origin has to tell.
    public let ecosystemType: String?

    public init(
        request: Request,
        headers: [HeaderField] = [],
        body: RequestBody = .none,
        linkBase: String? = nil,
        ecosystemType: String? = nil
    ) {
        self.request = request
        self.headers = headers
        self.body = body
        self.linkBase = linkBase
        self.ecosystemType = ecosystemType
    }
}

extension ClientRequest {
    /// The same request; one that accepts everything says so by saying nothing (RFC 9110 §12.5.1), so that answers are
    /// cached and recorded once for both.
    var plain: ClientRequest {
        guard request.accept == "*/*" else { return self }
        return ClientRequest(
            request: Request(
                method: request.method,
                url: request.url,
                userAgent: request.userAgent,
                body: request.body
            ),
            headers: headers,
            body: body,
            linkBase: linkBase,
            ecosystemType: ecosystemType
        )
    }
}

/// The body of a client's request: at hand when small, else pulled at the reader's pace.
public enum RequestBody: Sendable {
    case none
    case bytes([UInt8])
    /// `next` gives nil at the end and throws when the client went away first. One reader, one call at a time.
    case stream(length: Int64?, next: @Sendable () async throws(Problem) -> [UInt8]?)
}
