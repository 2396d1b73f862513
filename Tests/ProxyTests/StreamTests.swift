import Core
import Foundation
import Gateway
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import Testing
import Upstream

@testable import Proxy

/// HTTP/2 inside a tunnel: for hosts whose clients show the body of a refusal, and for clients that speak nothing else.
@Suite struct StreamTests {
    private static func configuration() -> ProxyConfiguration {
        var configuration = Stage.configuration()
        configuration.prefersHTTP2 = { $0 == "crates.test" }
        return configuration
    }

    private static func version(_ host: String) async throws -> String {
        var version = ""
        try await Stage.run(configuration()) { stage in
            let ending = try await stage.curl(["-w", " %{http_version}", "--http2", "https://\(host)/x"])
            version = ending.output
        }
        return version
    }

    @Test func isSpokenWhereItIsPreferred() async throws {
        #expect(try await Self.version("crates.test") == "fine 2")
        #expect(try await Self.version("good.test") == "fine 1.1")
    }

    @Test(arguments: [["h2"], ["h2", "h3"]])
    func isSpokenWithWhoSpeaksNothingElse(_ protocols: [String]) async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test", protocols: protocols)
            try await client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
            // SETTINGS is the first thing that a server says.
            #expect(try await client.received { $0.count >= 9 }.dropFirst(3).first == "\u{4}")
            await client.close()
            #expect(stage.seen.isEmpty)
        }
    }

    @Test func aHundredRequestsShareOneConnection() async throws {
        try await Stage.run(Self.configuration()) { stage in
            let words = ["--http2", "--parallel", "--parallel-max", "100", "-w", " %{http_version}:%{num_connects}\\n"]
            let ending = try await stage.curl(words + ["https://crates.test/[1-100]"])
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.output.split(separator: "\n").count { $0.hasSuffix("2:0") } >= 90, "\(ending.output)")
            #expect(Set(stage.responder.urls).count == 100)
        }
    }

    @Test(arguments: [nil, Int64(3_000_000)])
    func aLongAnswerComesWholeWhetherOrNotItsLengthIsKnown(_ length: Int64?) async throws {
        let answer: Recorder.Answer = { _ in
            let given = NIOLockedValueBox(0)
            return Reply(
                status: 200,
                body: .stream(length: length) {
                    guard
                        given.withLockedValue({
                            $0 += 1; return $0
                        }) <= 30
                    else { return nil }
                    return [UInt8](repeating: 0x78, count: 100_000)
                }
            )
        }
        try await Stage.run(Self.configuration(), answer: answer) { stage in
            let ending = try await stage.curl(["--http2", "https://crates.test/x"])
            #expect(ending.status == 0 && ending.output.count == 3_000_000, "\(ending.errors)")
        }
    }

    @Test(arguments: [nil, Int64(300_000)])
    func anAnswerThatBreaksOffNeverLooksWhole(_ length: Int64?) async throws {
        let answer: Recorder.Answer = { _ in
            let given = NIOLockedValueBox(0)
            return Reply(
                status: 200,
                body: .stream(length: length) { () throws(Problem) in
                    guard
                        given.withLockedValue({
                            $0 += 1; return $0
                        }) == 1
                    else {
                        throw Problem(.upstreamUnreachable, subject: "x", summary: "broke off", remedy: "try again")
                    }
                    return [UInt8](repeating: 0x78, count: 100_000)
                }
            )
        }
        try await Stage.run(Self.configuration(), answer: answer) { stage in
            let ending = try await stage.curl(["--http2", "https://crates.test/x"])
            #expect(ending.status != 0, "\(ending.errors)")
        }
    }

    @Test(arguments: [[], ["-H", "Content-Length:"]])
    func anUploadIsTakenWithItsLengthAndWithout(_ extra: [String]) async throws {
        let answer: Recorder.Answer = { request in
            var total = 0
            switch request.body {
            case .none: break
            case .bytes(let bytes): total = bytes.count
            case .stream(_, let next): while let part = try? await next() { total += part.count }
            }
            return Reply(status: 200, body: .bytes(Array("got \(total)".utf8)))
        }
        try await Stage.run(Self.configuration(), answer: answer) { stage in
            let file = "\(stage.folder)/upload"
            try String(repeating: "x", count: 500_000).write(toFile: file, atomically: true, encoding: .utf8)
            let ending = try await stage.curl(["--http2", "-T", file] + extra + ["https://crates.test/x"])
            #expect(ending.output == "got 500000", "\(ending)")
        }
    }

    @Test func answersWithoutABodyHaveNone() async throws {
        let answer: Recorder.Answer = { request in
            request.request.method == "HEAD"
                ? Reply(status: 200, body: .head(length: 77)) : Reply(status: 304, body: .none)
        }
        try await Stage.run(Self.configuration(), answer: answer) { stage in
            let head = try await stage.curl(["--http2", "-I", "https://crates.test/x"])
            #expect(head.output.contains("HTTP/2 200") && head.output.contains("content-length: 77"), "\(head)")
            let unchanged = try await stage.curl([
                "--suppress-connect-headers", "--http2", "-i", "https://crates.test/x",
            ])
            #expect(unchanged.status == 0 && unchanged.output.contains("HTTP/2 304"), "\(unchanged)")
        }
    }

    @Test func aRefusalKeepsItsBodyAndLosesOnlyItsPhrase() async throws {
        let answer: Recorder.Answer = { _ in
            Reply(status: 403, reason: "policy.denied", body: .bytes(Array("policy.denied: why".utf8)))
        }
        try await Stage.run(Self.configuration(), answer: answer) { stage in
            let ending = try await stage.curl(["--suppress-connect-headers", "--http2", "-i", "https://crates.test/x"])
            #expect(ending.output.hasPrefix("HTTP/2 403") && ending.output.hasSuffix("policy.denied: why"), "\(ending)")
        }
    }

    @Test func anotherHostOnTheSameConnectionIsNotAnswered() async throws {
        try await Stage.run(Self.configuration()) { stage in
            let ending = try await stage.curl([
                "--suppress-connect-headers", "--http2", "-i", "-H", "Host: other.test", "https://crates.test/x",
            ])
            #expect(ending.output.hasPrefix("HTTP/2 421"), "\(ending)")
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test(arguments: [
        [(":method", "GET"), (":path", "/x"), (":authority", "a"), ("x", "1\r\ny: 2")],
        [(":method", "GET"), (":path", "/x HTTP/1.1\r\n"), (":authority", "a")],
        [(":method", "GET /y"), (":path", "/x"), (":authority", "a")],
        [(":method", "GET"), (":path", "/x"), (":authority", "a"), ("host", "b")],
        [(":method", "GET"), (":path", "/x")],
        [(":method", "GET"), (":path", "/x"), (":authority", "a"), ("x y", "1")],
    ])
    func fieldsThatWouldBeReadAsSomethingElseAreRefused(_ fields: [(String, String)]) {
        #expect(StreamHead.print(HPACKHeaders(fields), hasBody: false) == nil)
    }

    @Test func aHeadLosesWhatBelongsToAConnection() throws {
        var text = ByteBuffer(string: "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\nrest")
        let head = try #require(StreamHead.read(&text))
        #expect(head.isFinal && head.fields == [":status": "200", "a": "b"])
        #expect(String(buffer: text) == "rest")
        var half = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n")
        #expect(StreamHead.read(&half) == nil)
        half.writeString("\r\n")
        #expect(StreamHead.read(&half)?.isFinal == false)
    }
}
