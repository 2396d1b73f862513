/// A lie or weakness of an upstream, named as the package farm names it.
public enum Fault: Hashable, Sendable {
    /// Right length, connection closed half-way.
    case truncate
    /// No length at all, ended by closing.
    case noLength
    case noLengthTruncate
    case chunked
    case chunkedTruncate
    case badChunk
    /// `Content-Length` off by this much.
    case wrongLength(Int)
    /// More bytes than announced.
    case append
    /// One byte in the middle changed.
    case flip
    case empty
    /// A captive portal's page.
    case html
    case unasked304
    /// Says gzip over plain bytes.
    case gzipOverPlain
    /// Takes the request, never answers.
    case hang
    /// Half the body, then silence.
    case stall
    /// RST instead of an answer.
    case reset
    /// Half the body, then RST.
    case resetInBody
    case redirectLoop
    /// `Content-Encoding: gzip` over this many MiB of zeros.
    case gzipBomb(Int)
    /// Chunks for ever.
    case endless
    /// A status and nothing else.
    case status(Int)
    /// 429 with this `Retry-After`.
    case busy(String)
}

/// What the fake says to one request.
public struct FakeAnswer: Sendable {
    public var status = 200
    public var reason = "OK"
    public var headers: [(name: String, value: String)] = []
    public var body: [UInt8]
    public var fault: Fault?
    /// After this many bytes of the body the answer waits for the gate.
    public var gate: (offset: Int, gate: Gate)?
    /// Answers 304 to a condition that names this tag.
    public var etag: String?

    public init(_ body: [UInt8] = [], type: String = "application/octet-stream", fault: Fault? = nil) {
        self.body = body
        self.fault = fault
        headers = [("Content-Type", type)]
    }

    public init(_ text: String, type: String) { self.init(Array(text.utf8), type: type) }

    public init(status: Int, headers: [(name: String, value: String)] = [], body: String = "") {
        self.body = Array(body.utf8)
        self.status = status
        self.headers = headers
        reason = "Status"
    }

    public func with(_ fault: Fault?) -> FakeAnswer {
        var answer = self
        answer.fault = fault
        return answer
    }

    public func with(_ name: String, _ value: String) -> FakeAnswer {
        var answer = self
        answer.headers.append((name, value))
        return answer
    }

    public func waiting(after offset: Int, for gate: Gate) -> FakeAnswer {
        var answer = self
        answer.gate = (offset, gate)
        return answer
    }

    public func tagged(_ etag: String) -> FakeAnswer {
        var answer = self
        answer.etag = etag
        return answer
    }

    public static func redirect(to location: String, status: Int = 302) -> FakeAnswer {
        FakeAnswer(status: status, headers: [("Location", location)])
    }
}

/// A request as the fake read it.
public struct SeenRequest: Sendable {
    public let method: String
    public let target: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
