import Core
import Gateway
import NIOConcurrencyHelpers
import Testing
import Upstream

@testable import Proxy

/// Clients that speak something else than plain HTTP/1.1: an answer that they understand or a declared gap, never a hang.
@Suite struct OddClientTests {
    private static let get = "GET /x HTTP/1.1\r\nHost: good.test\r\n\r\n"
    /// RFC 9113 §3.4, with the settings that every client sends behind it.
    private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0"

    @Test func aClientThatOffersHTTP2AndHTTP1IsGivenHTTP1() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test", protocols: ["h2", "http/1.1"])
            try await client.send(OddClientTests.get)
            #expect(try await client.received { $0.hasSuffix("fine") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
            await client.close()
            #expect(stage.seen.isEmpty)
        }
    }

    @Test(arguments: [["h3"], ["acme-tls/1"]])
    func aClientThatOffersNoHTTPIsToldInTheHandshake(_ protocols: [String]) async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test", protocols: protocols)
            try? await client.send(OddClientTests.get)
            #expect(try await client.received() == "")
            #expect(client.error.contains("NO_APPLICATION_PROTOCOL"), "\(client.error)")
            let name = "ALPN " + protocols.joined(separator: ", ")
            #expect(stage.seen == [.unreadProtocol(name: name, host: "good.test")])
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func http2WithoutNegotiationIsAnsweredInHTTP2() async throws {
        let goodbye = "usage.invalid: HTTP/2 is not spoken here, ask with HTTP/1.1"
        try await Stage.run { stage in
            let inside = try await RawClient.tunnel(stage, to: "good.test")
            try await inside.send(OddClientTests.preface)
            let answer = try await inside.received()
            // SETTINGS, then GOAWAY with HTTP_1_1_REQUIRED.
            #expect(answer.hasPrefix("\0\0\0\u{4}\0\0\0\0\0\0\0"))
            #expect(answer.hasSuffix("\u{7}\0\0\0\0\0\0\0\0\0\0\0\0\u{D}" + goodbye), "\(answer.debugDescription)")
            #expect(stage.seen.contains(.unreadProtocol(name: "HTTP/2 without negotiation", host: "good.test")))
            let plain = try await RawClient.connect(port: stage.port)
            try await plain.send(OddClientTests.preface)
            #expect(try await plain.received().hasSuffix(goodbye))
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func curlWithPriorKnowledgeEndsWithAnErrorAndWithAnUpgradeGetsItsAnswer() async throws {
        try await Stage.run { stage in
            let url = "http://127.0.0.1:\(stage.port)/\(Stage.secret)/npm/a"
            let stubborn = try await stage.curl(["--http2-prior-knowledge", url], throughProxy: false)
            #expect(stubborn.status != 0 && stubborn.status != 28, "\(stubborn)")
            let polite = try await stage.curl(["-i", "--http2", url], throughProxy: false)
            #expect(polite.status == 0 && polite.output.hasSuffix("fine"), "\(polite)")
            #expect(stage.responder.requests.count == 1)
        }
    }

    @Test(arguments: ["websocket", "WebSocket", "h2c, websocket"])
    func aWebSocketIsRefusedInWordsAndDeclared(_ name: String) async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test")
            try await client.send(
                "GET /live HTTP/1.1\r\nHost: good.test\r\nUpgrade: \(name)\r\nConnection: keep-alive, Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            let answer = try await client.received()
            #expect(answer.hasPrefix("HTTP/1.1 501 session.gap: WebSocket to good.test is not read here"))
            #expect(stage.seen.contains(.unreadProtocol(name: "WebSocket", host: "good.test")))
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func anUpgradeThatTheConnectionDoesNotNameIsNone() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test")
            try await client.send("GET /x HTTP/1.1\r\nHost: good.test\r\nUpgrade: websocket\r\n\r\n")
            #expect(try await client.received { $0.hasSuffix("fine") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(stage.responder.requests.first?.headers.first("upgrade") == nil)
            await client.close()
        }
    }

    @Test func aClientWithoutAServerNameIsAnsweredAsTheHostOfItsTunnel() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test", sendsName: false)
            try await client.send(OddClientTests.get)
            #expect(try await client.received { $0.hasSuffix("fine") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(stage.responder.urls == ["https://good.test/x"])
            await client.close()
        }
    }

    @Test func plainBytesWhereTLSIsExpectedAreDeclared() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connected(stage, to: "good.test")
            try await client.send(OddClientTests.get)
            #expect(try await client.received().contains("HTTP") == false)
            #expect(stage.seen.contains(.unreadProtocol(name: "no TLS", host: "good.test")))
            #expect(stage.responder.requests.isEmpty)
        }
    }

    /// Node's fetch and `curl --proxytunnel` ask for a tunnel to every host.
    @Test func httpInATunnelIsAnsweredAsTheHost() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connected(stage, to: "good.test", port: 80)
            try await client.send("GE")
            try await client.send("T /x HTTP/1.1\r\nHost: good.test\r\n\r\n")
            #expect(try await client.received { $0.hasSuffix("fine") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
            try await client.send("GET /y HTTP/1.1\r\nHost: other.test\r\n\r\n")
            #expect(try await client.received { $0.contains("421 ") }.contains("is not the host of this tunnel"))
            #expect(stage.responder.urls == ["http://good.test/x"])
            await client.close()
        }
    }

    @Test func curlAsksForAPageThroughATunnel() async throws {
        try await Stage.run { stage in
            let result = try await stage.curl(["--proxytunnel", "http://good.test:8080/x"])
            #expect(result.status == 0 && result.output == "fine", "\(result.errors)")
            #expect(stage.responder.urls == ["http://good.test:8080/x"])
        }
    }

    /// axios asks so where a proxy is set in the environment.
    @Test func aClientMayLeaveTLSToTheProxy() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connect(port: stage.port)
            let basic = "Proxy-Authorization: Basic \(RawClient.basic)\r\n"
            try await client.send("GET https://good.test/x HTTP/1.1\r\nHost: good.test\r\n\(basic)\r\n")
            #expect(try await client.received { $0.hasSuffix("fine") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(stage.responder.urls == ["https://good.test/x"])
            try await client.send("GET ftp://good.test/x HTTP/1.1\r\nHost: good.test\r\n\(basic)\r\n")
            #expect(try await client.received { $0.contains("400 ") }.contains("neither a path nor an http URL"))
            await client.close()
        }
    }

    @Test func whatIsNoHTTPInATunnelIsDeclared() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connected(stage, to: "good.test", port: 22)
            try await client.send("SSH-2.0-x\r\n")
            #expect(try await client.received().contains("HTTP") == false)
            #expect(stage.seen.contains(.unreadProtocol(name: "no TLS", host: "good.test")))
        }
    }

    @Test func aClientOfHTTP10NeedNotNameTheHost() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test")
            try await client.send("GET /x HTTP/1.0\r\n\r\n")
            #expect(try await client.received().hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(stage.responder.urls == ["https://good.test/x"])
        }
    }

    @Test(arguments: [
        ("CONNECT a..b:443", "the target of CONNECT: 'a..b' is not a host name"),
        ("OPTIONS *", "the target is neither a path nor"),
    ])
    func anUnusableTargetIsNamed(_ line: String, _ words: String) async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connect(port: stage.port)
            let basic = "Proxy-Authorization: Basic \(RawClient.basic)\r\n"
            try await client.send("\(line) HTTP/1.1\r\nHost: x\r\n\(basic)\r\n")
            #expect(try await client.received().contains(words))
        }
    }

    @Test func halfAHelloIsNotWaitedForForever() async throws {
        var configuration = Stage.configuration()
        configuration.limits.headSeconds = 1
        try await Stage.run(configuration) { stage in
            let client = try await RawClient.connected(stage, to: "good.test")
            try await client.send([22, 3, 1, 1, 0, 1, 0, 0, 252])
            #expect(try await client.received() == "")
        }
    }

    @Test(arguments: [1_000, 200_000])
    func aClientThatWaitsForLeaveIsGivenIt(_ count: Int) async throws {
        let answer: Recorder.Answer = { request in
            var total = 0
            switch request.body {
            case .none: break
            case .bytes(let bytes): total = bytes.count
            case .stream(_, let next): while let part = try? await next() { total += part.count }
            }
            return Reply(status: 200, body: .bytes(Array("got \(total)".utf8)))
        }
        try await Stage.run(answer: answer) { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test")
            let head = "POST /x HTTP/1.1\r\nHost: good.test\r\nExpect: 100-continue\r\nContent-Length: \(count)\r\n\r\n"
            try await client.send(head)
            let leave = try await client.received { $0.hasSuffix("\r\n\r\n") }
            #expect(leave == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send(String(repeating: "x", count: count))
            #expect(try await client.received { $0.hasSuffix("got \(count)") }.contains("HTTP/1.1 200 OK"))
            await client.close()
        }
    }

    @Test func aBodyThatNobodyWantsIsNotAskedFor() async throws {
        try await Stage.run(answer: { _ in Reply(status: 403, reason: "policy.denied") }) { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test")
            try await client.send(
                "PUT /x HTTP/1.1\r\nHost: good.test\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n"
            )
            #expect(try await client.received().hasPrefix("HTTP/1.1 403 policy.denied\r\n"))
        }
    }
}

/// The first message of a TLS client, read before TLS reads it.
@Suite struct ClientHelloTests {
    /// A hello that offers these protocols, in records of at most so many bytes.
    private static func hello(_ protocols: [String]?, record: Int = 16_384) -> [UInt8] {
        func vector(_ width: Int, _ bytes: [UInt8]) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * (width - 1 - $0))) } + bytes
        }
        var extensions: [UInt8] = [0, 23, 0, 0]
        if let protocols {
            let names = protocols.flatMap { vector(1, Array($0.utf8)) }
            extensions += [0, 16] + vector(2, vector(2, names))
        }
        let body =
            [3, 3] + [UInt8](repeating: 7, count: 32) + vector(1, []) + vector(2, [19, 1]) + vector(1, [0])
            + vector(2, extensions)
        let message = [1] + vector(3, body)
        return stride(from: 0, to: message.count, by: record).flatMap { start in
            [22, 3, 1] + vector(2, Array(message[start..<min(start + record, message.count)]))
        }
    }

    @Test(arguments: [nil, [], ["h2"], ["h2", "http/1.1"]] as [[String]?])
    func saysWhichProtocolsAreOffered(_ protocols: [String]?) {
        #expect(ClientHello.read(Self.hello(protocols)) == .hello(ClientHello(protocols: protocols)))
        #expect(ClientHello.read(Self.hello(protocols, record: 5)) == .hello(ClientHello(protocols: protocols)))
    }

    @Test func waitsForEveryByteOfIt() {
        let bytes = Self.hello(["h2"], record: 20)
        for count in 0..<bytes.count { #expect(ClientHello.read(Array(bytes[..<count])) == .needsMore) }
    }

    @Test func bytesThatAreNoHelloAreLeftToTLS() {
        #expect(ClientHello.read(Array("GET / HTTP/1.1\r\n".utf8)) == .other)
        #expect(ClientHello.read([22, 9]) == .other)
        #expect(ClientHello.read([22, 3, 1, 0, 0]) == .other)
        #expect(ClientHello.read([22, 3, 1, 255, 255]) == .other)
        #expect(ClientHello.read([22, 3, 1, 0, 4, 2, 0, 0, 0]) == .other)
    }

    @Test func noiseNeverTraps() {
        var random = SystemRandomNumberGenerator()
        let good = Self.hello(["h2", "http/1.1"])
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = ClientHello.read(bytes)
        }
    }
}
