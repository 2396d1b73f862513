import Core
import Gateway
import Proxy
import Testing
import Upstream

/// Clients that are slow: those that do nothing are cut, those that pause are not.
@Suite struct PatienceTests {
    private static func configuration(stall: Int64) -> ProxyConfiguration {
        var configuration = Stage.configuration()
        configuration.limits.stallSeconds = stall
        configuration.limits.stallBytes = 64
        return configuration
    }

    /// Reads the whole body, then answers.
    private static let taking: Recorder.Answer = { request in
        var total = 0
        switch request.body {
        case .none: break
        case .bytes(let bytes): total = bytes.count
        case .stream(_, let next):
            do { while let part = try await next() { total += part.count } } catch { return Reply(status: 400) }
        }
        return Reply(status: 200, body: .bytes(Array("got \(total)".utf8)))
    }

    @Test(arguments: ["Content-Length: 50000", "Content-Length: 500000", "Transfer-Encoding: chunked"])
    func aBodyThatComesByteByByteIsCut(_ framing: String) async throws {
        try await Stage.run(PatienceTests.configuration(stall: 1), answer: PatienceTests.taking) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send("POST /\(Stage.secret)/npm/a HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
            // Never silent for long, and never done.
            for _ in 0..<2_000 where !client.isClosed {
                try? await client.send(framing.hasSuffix("chunked") ? "1\r\nx\r\n" : "x")
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(client.isClosed)
            #expect(try await client.received().contains(" 200 ") == false)
        }
    }

    @Test(arguments: [1_000, 500_000])
    func aClientThatPausesWithinTheLimitIsServed(_ count: Int) async throws {
        try await Stage.run(PatienceTests.configuration(stall: 20), answer: PatienceTests.taking) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send("POST /\(Stage.secret)/npm/a HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
            for _ in 0..<4 {
                try await client.send(String(repeating: "x", count: count / 4))
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(try await client.received { $0.hasSuffix("got \(count)") }.hasPrefix("HTTP/1.1 200 OK"))
            await client.close()
        }
    }

    @Test func aReaderThatPausesGetsTheRest() async throws {
        let body = [UInt8](repeating: 0x61, count: 24 << 20)
        let answer: Recorder.Answer = { _ in Reply(status: 200, body: .bytes(body)) }
        try await Stage.run(PatienceTests.configuration(stall: 20), answer: answer) { stage in
            let client = try await RawClient.connect(port: stage.port, reads: false)
            try await client.send("GET /\(Stage.secret)/npm/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await Task.sleep(for: .milliseconds(500))
            try await client.startReading()
            let text = try await client.received()
            #expect(text.utf8.count > body.count && text.hasSuffix("aaaa"))
        }
    }

    @Test func aReaderOfAWholeBodyThatTakesNothingIsCut() async throws {
        let body = [UInt8](repeating: 0x61, count: 64 << 20)
        let answer: Recorder.Answer = { _ in Reply(status: 200, body: .bytes(body)) }
        var configuration = PatienceTests.configuration(stall: 1)
        configuration.limits.connections = 1
        try await Stage.run(configuration, answer: answer) { stage in
            let client = try await RawClient.connect(port: stage.port, reads: false)
            try await client.send("GET /\(Stage.secret)/npm/a HTTP/1.1\r\nHost: a\r\n\r\n")
            while stage.responder.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            // The house is full until it is cut.
            var isFull = true
            for _ in 0..<2_000 where isFull {
                let next = try await RawClient.connect(port: stage.port)
                try? await next.send("GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                isFull = try await next.received().hasPrefix("HTTP/1.1 503 ")
                if isFull { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(!isFull)
            await client.close()
        }
    }

    @Test(arguments: ["http", "https"])
    func aLongBodyOutOfMemoryArrivesWhole(_ scheme: String) async throws {
        let body = (0..<1_000_003).map { UInt8(truncatingIfNeeded: 0x20 + $0 % 90) }
        try await Stage.run(answer: { _ in Reply(status: 200, body: .bytes(body)) }) { stage in
            let result = try await stage.curl(["\(scheme)://h.test/1"])
            #expect(result.output == String(decoding: body, as: UTF8.self))
        }
    }
}
