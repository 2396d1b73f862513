import Core
import Gateway
import Kernel
import NIOConcurrencyHelpers
import Proxy
import Testing
import Upstream

/// Answers that the responder has at hand go out on the connection's own thread.
@Suite struct AtHandTests {
    private static let url = "/\(Stage.secret)/npm/a"

    private static func file(_ stage: Stage, _ count: Int) throws -> (file: SharedFile, bytes: [UInt8]) {
        // Of a length that fits no piece, so that one in the wrong place would be seen.
        let lap = (0..<7_919).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += lap }
        bytes.removeLast(bytes.count - count)
        try Files.writeAtomically("\(stage.folder)/file", bytes, durably: false)
        return (try Files.open("\(stage.folder)/file"), bytes)
    }

    @Test(arguments: [1, 131_072, 131_073, 1_000_000])
    func aFileAtHandArrivesWholeOnEveryKindOfConnection(_ count: Int) async throws {
        let ready = NIOLockedValueBox<Reply?>(nil)
        try await Stage.run(atHand: { _ in ready.withLockedValue { $0 } }) { stage in
            let (file, bytes) = try Self.file(stage, count)
            ready.withLockedValue { $0 = Reply(status: 200, body: .file(file, 0..<Int64(count))) }
            for url in ["http://h.test/x", "https://h.test/x"] {
                // Twice on one connection.
                let out = ["-o", "\(stage.folder)/1", "-o", "\(stage.folder)/2", "-w", "%{num_connects}"]
                let result = try await stage.curl(out + [url, url])
                #expect(result.status == 0 && result.output == "10", "\(result.errors)")
                for name in ["1", "2"] { #expect(try Files.readAll("\(stage.folder)/\(name)") == bytes) }
            }
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func whatIsNotAtHandIsAskedFor() async throws {
        let atHand: @Sendable (ClientRequest) -> Reply? = { request in
            request.request.url.path == "/hot" ? Reply(status: 200, body: .bytes(Array("hot ".utf8))) : nil
        }
        try await Stage.run(atHand: atHand) { stage in
            for scheme in ["http", "https"] {
                let urls = ["hot", "cold", "hot"].map { "\(scheme)://h.test/\($0)" }
                #expect(try await stage.curl(urls).output == "hot finehot ")
            }
            #expect(stage.responder.urls == ["http://h.test/cold", "https://h.test/cold"])
            let posted = try await stage.curl(["-d", "x", "http://h.test/hot"])
            #expect(posted.output == "fine")
        }
    }

    @Test func manyPipelinedRequestsAreAnsweredInOrderWithoutDeepening() async throws {
        let atHand: @Sendable (ClientRequest) -> Reply? = { request in
            guard !request.request.url.path.hasSuffix("7") else { return nil }
            return Reply(status: 200, body: .bytes(Array("<\(request.request.url.path)>".utf8)))
        }
        let answer: Recorder.Answer = { Reply(status: 200, body: .bytes(Array("<\($0.request.url.path)>".utf8))) }
        try await Stage.run(answer: answer, atHand: atHand) { stage in
            let client = try await RawClient.connect(port: stage.port)
            let requests = (0..<3_000).map { "GET \(Self.url)/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
            try await client.send(requests.joined())
            let text = try await client.received { $0.contains("</a/2999>") }
            let bodies = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(bodies == (0..<3_000).map { "/a/\($0)" })
            await client.close()
        }
    }

    @Test func aClientThatLeavesInTheMiddleDisturbsNobody() async throws {
        let ready = NIOLockedValueBox<Reply?>(nil)
        try await Stage.run(atHand: { _ in ready.withLockedValue { $0 } }) { stage in
            let (file, bytes) = try Self.file(stage, 8 << 20)
            ready.withLockedValue { $0 = Reply(status: 200, body: .file(file, 0..<Int64(bytes.count))) }
            for _ in 0..<4 {
                let client = try await RawClient.connect(port: stage.port, reads: false)
                try await client.send("GET \(Self.url) HTTP/1.1\r\nHost: a\r\n\r\n")
                await client.close()
                let hidden = try await RawClient.tunnel(stage, to: "h.test")
                try await hidden.send("GET / HTTP/1.1\r\nHost: h.test\r\n\r\n")
                await hidden.close()
            }
            for url in ["http://h.test/x", "https://h.test/x"] {
                let result = try await stage.curl(["-o", "\(stage.folder)/out", url])
                #expect(result.status == 0)
                #expect(try Files.readAll("\(stage.folder)/out") == bytes)
            }
        }
    }

    @Test func aFileThatBecameShorterBreaksTheConnection() async throws {
        let ready = NIOLockedValueBox<Reply?>(nil)
        try await Stage.run(atHand: { _ in ready.withLockedValue { $0 } }) { stage in
            let (file, bytes) = try Self.file(stage, 100_000)
            ready.withLockedValue { $0 = Reply(status: 200, body: .file(file, 0..<Int64(bytes.count + 1))) }
            #expect(try await stage.curl(["-o", "/dev/null", "https://h.test/x"]).status != 0)
        }
    }

    @Test func aStreamIsNeverTakenForAnAnswerAtHand() async throws {
        let atHand: @Sendable (ClientRequest) -> Reply? = { _ in
            Reply(status: 200, body: .stream(length: nil, next: { () async throws(Problem) in nil }))
        }
        try await Stage.run(atHand: atHand) { stage in
            let result = try await stage.curl(["http://h.test/x"])
            #expect(result.output == "fine")
        }
    }
}
