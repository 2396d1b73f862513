internal import NIOCore
internal import NIOPosix

/// One connection of a fake upstream: requests one after the other, each answered as its route says.
struct FakeConnection {
    typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>
    typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Ends the connection after an answer that does not let another follow.
    private struct Closed: Error {}

    let channel: Channel
    let out: Outbound
    let routes: Routes

    static func run(_ channel: Channel, _ routes: Routes) async {
        try? await channel.executeThenClose { inbound, outbound in
            let connection = FakeConnection(channel: channel, out: outbound, routes: routes)
            var waiting: [UInt8] = []
            for try await buffer in inbound {
                waiting += buffer.readableBytesView
                while let request = takeRequest(&waiting) { try await connection.answer(request) }
            }
        }
    }

    private static func takeRequest(_ waiting: inout [UInt8]) -> SeenRequest? {
        guard let end = waiting.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: waiting[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let headers = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return (name: String(name), value: String(line.dropFirst(name.count + 1).drop { $0 == " " }))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard waiting.count - end.upperBound >= length else { return nil }
        let body = Array(waiting[end.upperBound..<(end.upperBound + length)])
        waiting.removeFirst(end.upperBound + length)
        let words = (lines.first ?? "").split(separator: " ")
        return SeenRequest(
            method: words.first.map(String.init) ?? "",
            target: words.count > 1 ? String(words[1]) : "",
            headers: headers,
            body: body
        )
    }

    private func answer(_ request: SeenRequest) async throws {
        let answer = await routes.answer(to: request)
        if let etag = answer.etag, answer.fault == nil, request.header("If-None-Match") == etag {
            return try await send(head(304, "Not Modified", [("ETag", etag)]))
        }
        if let fault = answer.fault, try await answerFaulty(request, answer, fault) { return }
        var headers = answer.headers
        if let etag = answer.etag { headers.append(("ETag", etag)) }
        try await send(head(answer.status, answer.reason, headers + [("Content-Length", "\(answer.body.count)")]))
        if request.method != "HEAD" { try await send(body: answer.body, answer) }
    }

    /// Faults of the whole answer; false where the fault changed nothing.
    private func answerFaulty(_ request: SeenRequest, _ answer: FakeAnswer, _ fault: Fault) async throws -> Bool {
        switch fault {
        case .hang: try await silence()
        case .reset: try await reset()
        case .redirectLoop: try await send(head(302, "Found", [("Location", request.target), ("Content-Length", "0")]))
        case .status(let code): try await send(head(code, "Status", [("Content-Length", "0")]))
        case .busy(let time):
            try await send(head(429, "Too Many Requests", [("Retry-After", time), ("Content-Length", "0")]))
        case .unasked304: try await send(head(304, "Not Modified", []))
        default:
            if request.method == "HEAD" { return false }
            try await answerWithFaultyBody(answer, fault)
        }
        return true
    }

    private func answerWithFaultyBody(_ answer: FakeAnswer, _ fault: Fault) async throws {
        let body = answer.body
        let half = Array(body[..<(body.count / 2)])
        switch fault {
        case .truncate: try await lengthy(body.count, half, answer, closes: true)
        case .wrongLength(let off): try await lengthy(max(0, body.count + off), body, answer, closes: true)
        case .append: try await lengthy(body.count, body + Array("appended".utf8), answer, closes: true)
        case .stall:
            try await lengthy(body.count, half, answer, closes: false)
            try await silence()
        case .resetInBody:
            try await lengthy(body.count, half, answer, closes: false)
            try await reset()
        case .flip:
            var flipped = body
            flipped[body.count / 2] ^= 0x20
            try await lengthy(body.count, flipped, answer, closes: false)
        case .empty: try await lengthy(0, [], answer, closes: false)
        case .html:
            let page = Array("<html><title>Login</title>Please log in</html>\n".utf8)
            try await send(
                head(200, "OK", [("Content-Type", "text/html"), ("Content-Length", "\(page.count)")]) + page
            )
        case .gzipOverPlain:
            try await lengthy(body.count, body, answer.with("Content-Encoding", "gzip"), closes: false)
        case .gzipBomb(let mebibytes):
            let bomb = Archives.gzipOfZeros(mebibytes)
            try await lengthy(bomb.count, bomb, answer.with("Content-Encoding", "gzip"), closes: false)
        case .noLength, .noLengthTruncate:
            try await send(head(200, "OK", answer.headers + [("Connection", "close")]))
            try await send(body: fault == .noLength ? body : half, answer)
            throw Closed()
        default: try await chunked(answer, fault)
        }
    }

    private func chunked(_ answer: FakeAnswer, _ fault: Fault) async throws {
        try await send(head(200, "OK", answer.headers + [("Transfer-Encoding", "chunked")]))
        if fault == .endless {
            while true { try await send(Array("10000\r\n".utf8) + noise(65_536) + Array("\r\n".utf8)) }
        }
        let whole = fault == .chunked ? answer.body : Array(answer.body[..<(answer.body.count / 2)])
        for start in stride(from: 0, to: whole.count, by: 65_536) {
            let piece = whole[start..<min(start + 65_536, whole.count)]
            if let gate = answer.gate, gate.offset <= start { await gate.gate.wait() }
            try await send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8))
        }
        switch fault {
        case .chunked: try await send(Array("0\r\n\r\n".utf8))
        case .badChunk:
            try await send(Array("zz\r\n".utf8))
            throw Closed()
        default: throw Closed()
        }
    }

    private func lengthy(_ length: Int, _ body: [UInt8], _ answer: FakeAnswer, closes: Bool) async throws {
        try await send(head(answer.status, answer.reason, answer.headers + [("Content-Length", "\(length)")]))
        try await send(body: body, answer)
        if closes { throw Closed() }
    }

    private func head(_ status: Int, _ reason: String, _ headers: [(name: String, value: String)]) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status) \(reason)"] + headers.map { "\($0.name): \($0.value)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private func send(body: [UInt8], _ answer: FakeAnswer) async throws {
        guard let gate = answer.gate else { return try await send(body) }
        try await send(Array(body.prefix(gate.offset)))
        await gate.gate.wait()
        try await send(Array(body.dropFirst(gate.offset)))
    }

    private func send(_ bytes: [UInt8]) async throws {
        var start = 0
        while start < bytes.count {
            let end = min(start + 262_144, bytes.count)
            try await out.write(ByteBuffer(bytes: bytes[start..<end]))
            routes.sent(end - start)
            start = end
        }
    }

    /// Nothing more, until the test is over.
    private func silence() async throws {
        try await Task.sleep(for: .seconds(600))
        throw Closed()
    }

    private func reset() async throws {
        if let options = channel.channel as? any SocketOptionProvider {
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.channel.close()
        throw Closed()
    }
}
