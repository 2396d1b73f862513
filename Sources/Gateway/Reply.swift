public import Core
public import Kernel
public import Upstream

/// The answer to one client request; the transport adds framing (`Content-Length`, chunks) from the body.
public struct Reply: Sendable {
    public var status: Int
    /// The reason phrase where it says more than the status does.
    public var reason: String?
    /// Without `Content-Length` and without hop-by-hop fields.
    public var headers: [HeaderField]
    public var body: ReplyBody

    public init(status: Int, reason: String? = nil, headers: [HeaderField] = [], body: ReplyBody = .none) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }
}

/// The body of an answer.
public enum ReplyBody: Sendable {
    case none
    case bytes([UInt8])
    /// A part of an open file, sent without being copied where the connection allows it.
    case file(SharedFile, Range<Int64>)
    /// Pulled chunk by chunk as the client reads; nil is the end. A throw means: close the connection short, never cleanly.
    case stream(length: Int64?, next: @Sendable () async throws(Problem) -> [UInt8]?)
    /// Answers HEAD: announces this length and sends nothing.
    case head(length: Int64?)
}

/// Answers client requests, whoever asks. Problems become replies, so answering never throws.
public protocol Responder: Sendable {
    func respond(to request: ClientRequest) async -> Reply

    /// The answer, where it can be given without waiting for anybody: whole bytes or a file that was looked at just now,
    /// never a stream. Nil says nothing; then `respond` is to be asked.
    func replyAtHand(to request: ClientRequest) -> Reply?
}

extension Responder {
    public func replyAtHand(to request: ClientRequest) -> Reply? { nil }
}
