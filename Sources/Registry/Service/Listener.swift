internal import Core
internal import Gateway
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Kernel
internal import NIOCore
internal import Upstream

/// Turns what the HTTP server read into calls, and replies into what it sends. Nothing is decided here.
struct Listener: HTTPResponder {
    /// What the server knows of a request's connection.
    struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }
    }

    let front: Front

    /// Carries a reason phrase to where the status line is written; never sent.
    static let phraseField = "purser-reason-phrase"

    func respond(
        to request: HummingbirdCore.Request,
        context: Context
    ) async throws -> HummingbirdCore.Response {
        let head = request.head
        let headers = request.headers.map { HeaderField($0.name.rawName, $0.value) }
        guard let url = Listener.url(head.path ?? "") else {
            let declined = Declined.malformed("the request target", "is no path that we read")
            return Listener.response(Replies.problem(declined, in: nil), front.metrics)
        }
        let length = headers.first("Content-Length").flatMap { Int64($0) }
        var body = request.body.makeAsyncIterator()
        var isAwaited = headers.first("Expect")?.lowercased() == "100-continue"
        let inflow = Inflow(length: length ?? (headers.first("Transfer-Encoding") == nil ? 0 : nil)) {
            // A client that waits to be asked is asked only now: what is refused unread need not be sent.
            if isAwaited { try await context.channel.triggerUserOutboundEvent(ContinueEvent()).get() }
            isAwaited = false
            return try await body.next(isolation: #isolation).map { Array($0.readableBytesView) }
        }
        let call = Call(method: head.method.rawValue, url: url, headers: headers, inflow: inflow)
        var reply = await front.respond(call)
        if inflow.isUnread { reply.headers.append(HeaderField("Connection", "close")) }
        return Listener.response(reply, front.metrics)
    }

    /// An absolute target wins over the Host field (RFC 9112 §3.2.2); only its path matters to us.
    private static func url(_ target: String) -> HTTPURL? {
        if target.hasPrefix("/") { return try? HTTPURL(origin: Origin(.http, "localhost"), target: target) }
        return try? HTTPURL(target)
    }

    private static func response(_ reply: Reply, _ metrics: Metrics) -> HummingbirdCore.Response {
        var fields = HTTPFields()
        for header in reply.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        if let reason = reply.reason, let name = HTTPField.Name(Listener.phraseField) { fields[name] = reason }
        let status = HTTPResponse.Status(code: reply.status)
        let length = reply.body.length
        if let length { fields[.contentLength] = String(length) }
        var response = HummingbirdCore.Response(status: status, headers: fields, body: body(reply.body, metrics))
        if reply.status == 204 || reply.status == 304 { response.headers[.contentLength] = nil }
        return response
    }

    /// Greatest part that is written at once, so that a client that takes nothing is told from a slow one.
    private static let piece = 256 << 10

    private static func body(_ body: ReplyBody, _ metrics: Metrics) -> ResponseBody {
        switch body {
        case .none, .head: return ResponseBody()
        case .bytes(let bytes):
            metrics.count(sent: bytes.count)
            guard bytes.count > piece else { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
            return ResponseBody(contentLength: bytes.count) { writer in
                for start in stride(from: 0, to: bytes.count, by: piece) {
                    try await writer.write(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)]))
                }
                try await writer.finish(nil)
            }
        case .file(let file, let range):
            return ResponseBody(contentLength: range.count) { writer in
                var offset = range.lowerBound
                while offset < range.upperBound {
                    let bytes = try file.read(at: offset, count: Int(min(Int64(piece), range.upperBound - offset)))
                    // A file that became shorter must not end as if it were whole.
                    guard !bytes.isEmpty else { throw SystemError(call: "read", errno: 5) }
                    try await writer.write(ByteBuffer(bytes: bytes))
                    offset += Int64(bytes.count)
                    metrics.count(sent: bytes.count)
                }
                try await writer.finish(nil)
            }
        case .stream(let length, let next):
            return ResponseBody(contentLength: length.map { Int($0) }) { writer in
                while let bytes = try await next() {
                    try await writer.write(ByteBuffer(bytes: bytes))
                    metrics.count(sent: bytes.count)
                }
                try await writer.finish(nil)
            }
        }
    }
}
