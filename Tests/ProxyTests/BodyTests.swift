import Core
import Gateway
import NIOConcurrencyHelpers
import Proxy
import Testing
import Upstream

/// Bodies in both directions: framing, back-pressure, and endings that are not clean.
@Suite struct BodyTests {
    private static let broken = Problem(
        .integrityMismatch,
        subject: "x",
        summary: "is not what it should be",
        remedy: "-"
    )

    /// Gives the parts one by one, then ends or breaks.
    private static func stream(
        _ parts: [[UInt8]],
        length: Int64? = nil,
        breaks: Bool = false
    ) -> ReplyBody {
        let rest = NIOLockedValueBox(parts)
        return .stream(
            length: length,
            next: { () async throws(Problem) in
                let part = rest.withLockedValue { $0.isEmpty ? nil : $0.removeFirst() }
                if part == nil, breaks { throw broken }
                return part
            }
        )
    }

    @Test(arguments: [nil, 600_000] as [Int64?])
    func streamsAnAnswerWhole(_ length: Int64?) async throws {
        let parts = [[UInt8]](repeating: [UInt8](repeating: 0x62, count: 100_000), count: 6)
        for scheme in ["http", "https"] {
            try await Stage.run(answer: { _ in Reply(status: 200, body: BodyTests.stream(parts, length: length)) }) {
                let result = try await $0.curl(["-o", "/dev/null", "-w", "%{size_download}", "\(scheme)://h.test/x"])
                #expect(result.output == "600000")
                #expect(result.status == 0)
            }
        }
    }

    @Test(arguments: [nil, 5_000] as [Int64?])
    func breaksTheConnectionWhenTheStreamBreaks(_ length: Int64?) async throws {
        let parts = [[UInt8](repeating: 0x62, count: 2_000)]
        let answer: Recorder.Answer = { _ in
            Reply(status: 200, body: BodyTests.stream(parts, length: length, breaks: true))
        }
        try await Stage.run(answer: answer) { stage in
            #expect(try await stage.curl(["-o", "/dev/null", "http://h.test/x"]).status == 18)
            let encrypted = try await stage.curl(["-o", "/dev/null", "https://h.test/x"]).status
            #expect([18, 56].contains(encrypted))
            #expect(try await stage.curl(["-0", "-o", "/dev/null", "http://h.test/x"]).status != 0)
        }
    }

    @Test func breaksTheConnectionWhenTheStreamIsShorterOrLongerThanAnnounced() async throws {
        for length in [1_999, 2_001] as [Int64] {
            let answer: Recorder.Answer = { _ in
                Reply(status: 200, body: BodyTests.stream([[UInt8](repeating: 0x62, count: 2_000)], length: length))
            }
            try await Stage.run(answer: answer) { stage in
                let result = try await stage.curl(["-o", "/dev/null", "http://h.test/x"])
                #expect(result.status != 0)
            }
        }
    }

    @Test func handsSmallBodiesOverWholeAndLargeOnesAsAStream() async throws {
        let answer: Recorder.Answer = { request in
            switch request.body {
            case .none: return Reply(status: 200, body: .bytes(Array("none".utf8)))
            case .bytes(let bytes): return Reply(status: 200, body: .bytes(Array("whole \(bytes.count)".utf8)))
            case .stream(let length, let next):
                var total = 0
                while let part = try? await next() { total += part.count }
                return Reply(status: 200, body: .bytes(Array("stream \(total) \(length ?? -1)".utf8)))
            }
        }
        try await Stage.run(answer: answer) { stage in
            let (small, large) = (String(repeating: "x", count: 1_000), String(repeating: "x", count: 120_000))
            for scheme in ["http", "https"] {
                let url = "\(scheme)://h.test/x"
                let outputs = try await [
                    stage.curl(["-X", "DELETE", url]).output,
                    stage.curl(["-d", small, url]).output,
                    stage.curl(["-H", "Transfer-Encoding: chunked", "-d", small, url]).output,
                    stage.curl(["-d", large, url]).output,
                    stage.curl(["-H", "Expect: 100-continue", "-d", large, url]).output,
                    stage.curl(["-H", "Transfer-Encoding: chunked", "-d", large, url]).output,
                ]
                #expect(
                    outputs == [
                        "none", "whole 1000", "whole 1000", "stream 120000 120000", "stream 120000 120000",
                        "stream 120000 -1",
                    ]
                )
            }
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        let answer: Recorder.Answer = { request in
            if request.request.url.path == "/0" { try? await Task.sleep(for: .milliseconds(30)) }
            return Reply(status: 200, body: .bytes(Array("<\(request.request.url.path)>".utf8)))
        }
        try await Stage.run(answer: answer) { stage in
            let client = try await RawClient.tunnel(stage, to: "h.test")
            let requests = (0..<10).map { "GET /\($0) HTTP/1.1\r\nHost: h.test\r\n\r\n" }
            try await client.send(requests.joined())
            let text = try await client.received { $0.contains("</9>") }
            let bodies = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(bodies == (0..<10).map { "/\($0)" })
            await client.close()
        }
    }

    /// The first answer waits until the requests behind it are at work too.
    @Test(arguments: [false, true]) func pipelinedRequestsAreAtWorkTogether(isTunnel: Bool) async throws {
        let paths = NIOLockedValueBox<[String]>([])
        let answer: Recorder.Answer = { request in
            let path = request.request.url.path
            paths.withLockedValue { $0.append(path) }
            for _ in 0..<500 where paths.withLockedValue({ $0.count }) < 6 {
                try? await Task.sleep(for: .milliseconds(10))
            }
            let seen = paths.withLockedValue { $0.count }
            return Reply(status: 200, body: .bytes(Array("<\(path) \(seen >= 6)>".utf8)))
        }
        try await Stage.run(answer: answer) { stage in
            let base = isTunnel ? "" : "/\(Stage.secret)/npm"
            let client =
                isTunnel
                ? try await RawClient.tunnel(stage, to: "h.test") : try await RawClient.connect(port: stage.port)
            let requests = (0..<6).map { "GET \(base)/\($0) HTTP/1.1\r\nHost: h.test\r\n\r\n" }
            // A question that changes something is asked only when it is its turn.
            try await client.send(requests.joined() + "DELETE \(base)/6 HTTP/1.1\r\nHost: h.test\r\n\r\n")
            let text = try await client.received { $0.contains("/6 true>") }
            let bodies = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(bodies.map { $0.split(separator: "/").last } == (0...6).map { "\($0) true" })
            #expect(paths.withLockedValue { $0.count } == 7)
            #expect(paths.withLockedValue { $0.last?.hasSuffix("/6") } == true)
            await client.close()
        }
    }

    @Test func answersManyPipelinedRefusalsWithoutDeepening() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connect(port: stage.port)
            let request = "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
            try await client.send(String(repeating: request, count: 5_000))
            let text = try await client.received { $0.split(separator: "HTTP/1.1 407").count == 5_000 }
            #expect(!text.contains("HTTP/1.1 4\("00")"))
            await client.close()
        }
    }

    @Test func tellsTheResponderWhenTheClientLeaves() async throws {
        let left = NIOLockedValueBox(false)
        let answer: Recorder.Answer = { _ in
            do { try await Task.sleep(for: .seconds(30)) } catch { left.withLockedValue { $0 = true } }
            return Reply(status: 200)
        }
        try await Stage.run(answer: answer) { stage in
            let client = try await RawClient.tunnel(stage, to: "h.test")
            try await client.send("GET / HTTP/1.1\r\nHost: h.test\r\n\r\n")
            while stage.responder.requests.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            await client.close()
            for _ in 0..<2_000 where !left.withLockedValue({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
            #expect(left.withLockedValue { $0 })
        }
    }
}
