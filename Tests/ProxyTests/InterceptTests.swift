import Core
import Gateway
import Proxy
import Testing
import Upstream

/// HTTPS through the proxy, answered as the host.
@Suite struct InterceptTests {
    private static let package = "https://pypi.org/simple/a/"

    @Test func answersAsTheHostToAClientThatTrustsTheSession() async throws {
        try await Stage.run { stage in
            let result = try await stage.curl(["-i", InterceptTests.package])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"))
            #expect(result.output.hasSuffix("fine"))
            #expect(stage.responder.urls == [InterceptTests.package])
            #expect(stage.responder.requests.first?.linkBase == nil)
        }
    }

    @Test func keepsOneConnectionForSeveralRequests() async throws {
        try await Stage.run { stage in
            let result = try await stage.curl([
                "-w", "%{num_connects}\n", "-o", "/dev/null", "-o", "/dev/null", "-o", "/dev/null",
                "https://pypi.org/1", "https://pypi.org/2", "https://pypi.org/3",
            ])
            #expect(result.output == "1\n0\n0\n")
            #expect(stage.responder.urls == ["https://pypi.org/1", "https://pypi.org/2", "https://pypi.org/3"])
        }
    }

    @Test func servesEightClientsAtOnce() async throws {
        let body = [UInt8](repeating: 0x61, count: 300_000)
        try await Stage.run(answer: { _ in Reply(status: 200, body: .bytes(body)) }) { stage in
            try await withThrowingTaskGroup(of: Int32.self) { group in
                for index in 0..<8 {
                    group.addTask { try await stage.curl(["-o", "/dev/null", "https://h\(index).test/x"]).status }
                }
                for try await status in group { #expect(status == 0) }
            }
            #expect(stage.responder.requests.count == 8)
        }
    }

    @Test func answersForALiteralAddress() async throws {
        try await Stage.run { stage in
            let result = try await stage.curl(["https://192.0.2.7/x", "https://[2001:db8::7]/y"])
            #expect(result.output == "finefine", "\(result.errors)")
        }
    }

    @Test func announcesTheLengthToHeadAndSendsNothing() async throws {
        try await Stage.run(answer: { _ in Reply(status: 200, body: .head(length: 12_345)) }) { stage in
            let result = try await stage.curl(["-I", InterceptTests.package])
            #expect(result.status == 0)
            #expect(result.output.contains("Content-Length: 12345\r\n"))
            #expect(stage.responder.requests.first?.request.method == "HEAD")
        }
    }

    @Test func passesRangeAndPartialContent() async throws {
        let answer: Recorder.Answer = { request in
            #expect(request.headers.first("range") == "bytes=5-9")
            return Reply(
                status: 206,
                headers: [HeaderField("Content-Range", "bytes 5-9/20")],
                body: .bytes([1, 2, 3, 4, 5])
            )
        }
        try await Stage.run(answer: answer) { stage in
            let result = try await stage.curl(["-i", "-r", "5-9", InterceptTests.package])
            #expect(result.output.contains("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/20\r\n"))
        }
    }

    @Test func showsTheReasonInTheStatusLine() async throws {
        let reply = Reply(status: 403, reason: "policy.denied cooldown: pkg:pypi/a@1 is two hours old")
        try await Stage.run(answer: { _ in reply }) { stage in
            let result = try await stage.curl(["-i", InterceptTests.package])
            #expect(
                result.output.hasPrefix(
                    "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 403 policy.denied cooldown: pkg:pypi/a@1 is two hours old\r\n"
                )
            )
        }
    }

    @Test func refusesAnotherNameInTheHandshake() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test", name: "evil.test")
            try? await client.send("GET /x HTTP/1.1\r\nHost: good.test\r\n\r\n")
            #expect(try await client.received() == "")
            #expect(stage.responder.requests.isEmpty)
            #expect(
                stage.seen.contains(
                    .refusedConnection(
                        reason: "TLS asks for evil.test inside a tunnel to good.test",
                        host: "good.test"
                    )
                )
            )
        }
    }

    @Test func refusesAnotherHostInsideTheTunnel() async throws {
        try await Stage.run { stage in
            let client = try await RawClient.tunnel(stage, to: "good.test", name: "GOOD.test")
            try await client.send("GET /x HTTP/1.1\r\nHost: third.test\r\n\r\n")
            #expect(try await client.received().hasPrefix("HTTP/1.1 421 "))
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func reportsAClientThatDoesNotKnowTheSession() async throws {
        try await Stage.run { stage in
            let result = try await stage.curl(
                ["--proxy", stage.proxy, "--cacert", "/etc/ssl/certs/ca-certificates.crt", InterceptTests.package],
                throughProxy: false
            )
            #expect(result.status == 60)
            let event = try await stage.event { $0 == .clientDistrustsAuthority(host: "pypi.org") }
            #expect(event != nil)
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func answersTheCanaryItself() async throws {
        var configuration = Stage.configuration()
        configuration.canary = "nonce-1234"
        try await Stage.run(configuration) { stage in
            let result = try await stage.curl(["https://canary.purser.invalid/nonce-1234"])
            #expect(result.output == "nonce-1234")
            let other = try await stage.curl([
                "-o", "/dev/null", "-w", "%{http_code}", "https://canary.purser.invalid/x",
            ])
            #expect(other.output == "404")
            #expect(stage.responder.requests.isEmpty)
        }
    }
}
