/// What happened at the listener that the session has to know of; requests themselves are the responder's.
public enum ProxyEvent: Hashable, Sendable {
    /// Bytes went past us unread: a gap in the record.
    case tunnel(host: String, port: Int, bytesUp: Int64, bytesDown: Int64)
    /// The same to a service that the session declares.
    case service(host: String, port: Int, bytesUp: Int64, bytesDown: Int64)
    /// A tunnel that could not be led to its end: nothing went past.
    case failedTunnel(host: String, reason: String)
    /// A client inside a tunnel that wants a protocol which is not read here: nothing of it was passed on.
    case unreadProtocol(name: String, host: String)
    case refusedConnection(reason: String, host: String)
    /// Another user of this machine tried to use the session's proxy.
    case foreignClient(uid: UInt32)
    /// A client ended the TLS handshake because it does not know the session's authority.
    case clientDistrustsAuthority(host: String)
    case badRequest(reason: String)
}
