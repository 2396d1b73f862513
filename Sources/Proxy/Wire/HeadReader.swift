internal import NIOCore
internal import Upstream

/// Reads the heads of the requests on one connection, as strictly as RFC 9112 lets us.
///
/// A reader of our own, since a lenient one in front of a strict one is how requests are smuggled: nothing is repaired,
/// nothing is read twice, and the first doubtful byte ends the connection.
struct HeadReader {
    private struct Line {
        let method: String
        let target: String
        let isVersion10: Bool
    }

    private let limits: RequestLimits
    private var lines = LineReader()
    private var taken = 0
    private var skipsBlank = true
    private var line: Line?
    private var fields: [HeaderField] = []

    init(limits: RequestLimits) { self.limits = limits }

    /// True once a request has begun.
    var hasBegun: Bool { line != nil }

    /// Nil until the whole head is there. Bytes behind it stay in the buffer.
    mutating func read(from buffer: inout ByteBuffer) throws(Refusal) -> RequestHead? {
        while true {
            guard let line else {
                guard try readRequestLine(from: &buffer) else { return nil }
                continue
            }
            let excess = Refusal(431, "too-large: the headers are longer than \(limits.headBytes) bytes")
            guard let text = try lines.next(in: &buffer, room: limits.headBytes - taken, excess: excess) else {
                return nil
            }
            taken += text.readableBytes + 2
            guard text.readableBytes > 0 else {
                let head = try HeadReader.head(line, fields)
                self = HeadReader(limits: limits)
                return head
            }
            guard fields.count < limits.fields else {
                throw Refusal(431, "too-large: there are more than \(limits.fields) headers")
            }
            let field = try LineReader.field(text)
            fields.append(HeaderField(field.name, field.value))
        }
    }

    private mutating func readRequestLine(from buffer: inout ByteBuffer) throws(Refusal) -> Bool {
        // A TLS client at the plain port would otherwise wait for us until the deadline.
        if let first = buffer.readableBytesView.first, !Octets.isToken(first), first != 0x0D {
            throw .bad("usage.invalid: this is not HTTP")
        }
        // Method, two blanks and the version need less than 48 bytes.
        let excess = Refusal(414, "too-large: the request line is longer than \(limits.targetBytes) bytes")
        guard let text = try lines.next(in: &buffer, room: limits.targetBytes + 48, excess: excess) else {
            return false
        }
        if text.readableBytes == 0, skipsBlank {
            // RFC 9112 §2.2: old clients send an empty line behind a body.
            skipsBlank = false
            return true
        }
        line = try HeadReader.requestLine(text, limits)
        return true
    }

    private static func requestLine(_ text: ByteBuffer, _ limits: RequestLimits) throws(Refusal) -> Line {
        var blanks: [Int] = []
        let bytes = text.readableBytesUInt8Span
        for index in bytes.indices {
            guard (0x20...0x7E).contains(bytes[index]) else {
                throw .bad("usage.invalid: the request line has a byte that is not printable ASCII")
            }
            if bytes[index] == 0x20, blanks.count < 3 { blanks.append(index) }
        }
        guard blanks.count == 2, blanks[0] > 0, blanks[1] > blanks[0] + 1, blanks[1] < bytes.count - 1 else {
            throw .bad("usage.invalid: the request line is not 'METHOD target version'")
        }
        let view = text.readableBytesView
        let starts = [0] + blanks.map { $0 + 1 }
        let words = zip(starts, blanks + [bytes.count]).map { start, end in
            String(decoding: view[(view.startIndex + start)..<(view.startIndex + end)], as: UTF8.self)
        }
        guard words[1].utf8.count <= limits.targetBytes else {
            throw Refusal(414, "too-large: the target is longer than \(limits.targetBytes) bytes")
        }
        guard !words[1].utf8.contains(0x23) else { throw .bad("usage.invalid: the target has a fragment") }
        if words == ["PRI", "*", "HTTP/2.0"] { throw .priorKnowledge }
        let isVersion10 = try HeadReader.isVersion10(words[2])
        guard words[0].utf8.allSatisfy(Octets.isToken) else {
            throw .bad("usage.invalid: the method is not a token")
        }
        guard methods.contains(words[0]) else { throw Refusal(501, "usage.invalid: the method is not supported") }
        return Line(method: words[0], target: words[1], isVersion10: isVersion10)
    }

    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT",
    ]

    private static func isVersion10(_ text: String) throws(Refusal) -> Bool {
        switch text {
        case "HTTP/1.1": return false
        case "HTTP/1.0": return true
        default:
            guard text.hasPrefix("HTTP/") else { throw .bad("usage.invalid: the request line names no HTTP version") }
            throw Refusal(505, "usage.invalid: the HTTP version is neither 1.0 nor 1.1")
        }
    }
}

extension HeadReader {
    /// What the fields say about the connection, gathered in one walk.
    private struct Framework {
        var hosts: [String] = []
        var lengths: [String] = []
        var codings: [String] = []
        var connection: Set<String> = []
        var expectation: String?
        var proxyAuthorization: String?
        var upgrades: [String] = []
    }

    private static func head(_ line: Line, _ fields: [HeaderField]) throws(Refusal) -> RequestHead {
        var found = Framework()
        var rest: [HeaderField] = []
        rest.reserveCapacity(fields.count)
        for field in fields where !take(field, into: &found) { rest.append(field) }
        if !found.connection.isEmpty {
            guard found.connection.isDisjoint(with: ["authorization", "cookie", "host", "content-length"]) else {
                throw .bad("usage.invalid: Connection names a header that belongs to the request")
            }
            rest.removeAll { found.connection.contains($0.name.lowercased()) }
        }
        guard found.hosts.count == 1 || (found.hosts.isEmpty && line.isVersion10) else {
            throw .bad("usage.invalid: there is not exactly one Host header")
        }
        if let expectation = found.expectation, expectation.lowercased() != "100-continue" {
            throw Refusal(417, "usage.invalid: the expectation is not 100-continue")
        }
        let framing = try framing(found, isVersion10: line.isVersion10)
        return RequestHead(
            method: line.method,
            target: line.target,
            isVersion10: line.isVersion10,
            fields: rest,
            host: found.hosts.first,
            framing: framing,
            keepsAlive: line.isVersion10
                ? found.connection.contains("keep-alive") : !found.connection.contains("close"),
            expectsContinue: found.expectation != nil && !line.isVersion10,
            proxyAuthorization: found.proxyAuthorization,
            upgrade: found.connection.contains("upgrade") ? found.upgrades.joined(separator: ", ") : nil
        )
    }

    /// True for a field that concerns this connection alone.
    private static func take(_ field: HeaderField, into found: inout Framework) -> Bool {
        switch field.name.utf8.count {
        case 4 where field.isNamed("host"): found.hosts.append(field.value)
        case 14 where field.isNamed("content-length"): found.lengths.append(field.value)
        case 17 where field.isNamed("transfer-encoding"): found.codings.append(field.value)
        case 6 where field.isNamed("expect"): found.expectation = field.value
        case 7 where field.isNamed("upgrade"): found.upgrades.append(field.value)
        case 19 where field.isNamed("proxy-authorization"): found.proxyAuthorization = field.value
        case 10 where field.isNamed("connection"):
            let tokens = field.value.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            found.connection.formUnion(tokens)
        default: return isHopByHop(field)
        }
        return true
    }

    private static func isHopByHop(_ field: HeaderField) -> Bool {
        switch field.name.utf8.count {
        case 2: field.isNamed("te")
        case 7: field.isNamed("trailer")
        case 10: field.isNamed("keep-alive")
        case 14: field.isNamed("http2-settings")
        default: field.name.utf8.count > 6 && HeaderField(String(field.name.prefix(6)), "").isNamed("proxy-")
        }
    }

    private static func framing(_ found: Framework, isVersion10: Bool) throws(Refusal) -> RequestHead.Framing {
        if !found.codings.isEmpty {
            guard found.lengths.isEmpty else {
                throw .bad("usage.invalid: request has both Content-Length and Transfer-Encoding")
            }
            guard !isVersion10 else { throw .bad("usage.invalid: HTTP/1.0 has no Transfer-Encoding") }
            guard found.codings.count == 1, found.codings[0].lowercased() == "chunked" else {
                throw Refusal(501, "usage.invalid: the Transfer-Encoding is not 'chunked' alone")
            }
            return .chunked
        }
        guard let text = found.lengths.first else { return .none }
        guard found.lengths.count == 1 else { throw .bad("usage.invalid: there are two Content-Length headers") }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int64(text) else {
            throw .bad("usage.invalid: the Content-Length is not a number")
        }
        return length == 0 ? .none : .length(length)
    }
}
