/// Why a transfer did not end well.
public enum TransferError: Error, Hashable, Sendable {
    case couldNotResolve(host: String)
    case couldNotConnect(String)
    case timedOut(TransferPhase)
    case tls(String, TLSFailure)
    /// The body ended before its end was told.
    case truncated(received: Int64, expected: Int64?)
    case tooLarge(limit: Int64)
    /// The peer's answer is not HTTP, or contradicts itself.
    case badResponse(String)
    /// The caller's request cannot be sent as it is.
    case invalidRequest(String)
    /// `addressCheck` said no to every address of the host.
    case addressRefused(String)
    /// The peer closed the connection before it answered.
    case reset(String)
    case cancelled
    case proxy(String)
    /// Anything else, with libcurl's code.
    case failed(code: Int, String)
}

/// What a transfer was waiting for when its time ran out.
public enum TransferPhase: String, Hashable, Sendable {
    case connect, upload, response, body
    /// Bytes came, but fewer than the least pace asks for.
    case pace
}

/// Which part of TLS failed.
public enum TLSFailure: String, Hashable, Sendable {
    case untrusted, expired, wrongHost, handshake
    /// Our own certificate authority file or directory cannot be used.
    case trustStore
}
