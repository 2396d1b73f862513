import Core
import TestKit
import Testing
import Transfer
import Upstream

@Suite struct RetryTests {
    private static func with<Value>(
        _ change: (inout LiveUpstream.Configuration) -> Void = { _ in },
        _ body: (FakeUpstream, LiveUpstream) async throws -> Value
    ) async throws -> Value {
        let fake = try await FakeUpstream.start()
        var configuration = LiveUpstream.Configuration(transfer: TransferConfiguration(userAgent: "test"))
        configuration.declared = [try HTTPURL(fake.origin).origin]
        configuration.pause = .milliseconds(2)
        change(&configuration)
        let value = try await body(fake, try LiveUpstream(configuration))
        await fake.stop()
        return value
    }

    private static func question(_ fake: FakeUpstream, _ path: String, method: String = "GET") throws
        -> UpstreamRequest
    {
        let url = try HTTPURL(fake.origin + path)
        return UpstreamRequest(Request(method: method, url: url), ecosystem: "generic", purpose: .index)
    }

    @Test(arguments: [Fault.status(408), .status(429), .status(500), .status(502), .status(503), .status(504), .reset])
    func whatPassesIsAskedAgainUpToFourTimes(_ fault: Fault) async throws {
        let bad = FakeAnswer("x", type: "text/plain").with(fault)
        try await Self.with { fake, upstream in
            fake.serve("/a", bad, bad, bad, FakeAnswer("good", type: "text/plain"))
            let response = try await upstream.fetch(try Self.question(fake, "/a"))
            #expect(response.status == 200)
            #expect(response.attempts == 4)
            let body = try await response.body.collect(limit: 10, of: "a")
            #expect(body == Array("good".utf8))
        }
        try await Self.with { fake, upstream in
            fake.serve("/a", bad)
            let status = try? await upstream.fetch(try Self.question(fake, "/a")).status
            if case .status(let code) = fault { #expect(status == code) } else { #expect(status == nil) }
            #expect(fake.count("/a") == 4)
        }
    }

    /// Whoever asked would otherwise begin again, and the client wait four times as long for the same words.
    @Test func whatNoTryAnsweredIsNotCalledABodyThatBrokeOff() async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", FakeAnswer("x", type: "text/plain").with(.reset))
            let question = try Self.question(fake, "/a")
            var problem: Problem?
            do throws(Problem) { _ = try await upstream.fetch(question) } catch { problem = error }
            #expect(problem?.code == .upstreamUnreachable && problem?.reason == "no-answer")
            #expect(fake.count("/a") == 4)
        }
    }

    @Test(arguments: [400, 401, 403, 404, 410, 451, 501])
    func whatStaysIsAnAnswer(_ status: Int) async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", FakeAnswer(status: status, body: "no"))
            let response = try await upstream.fetch(try Self.question(fake, "/a"))
            #expect(response.status == status)
            #expect(response.attempts == 1)
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE"])
    func whatChangesSomethingIsSentOnce(_ method: String) async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", FakeAnswer(status: 503))
            let answer = try await upstream.fetch(try Self.question(fake, "/a", method: method))
            #expect(answer.status == 503)
            #expect(fake.count("/a") == 1)
            fake.serve("/b", FakeAnswer("x", type: "text/plain").with(.reset))
            let request = try Self.question(fake, "/b", method: method)
            await #expect(throws: Problem.self) { try await upstream.fetch(request) }
            #expect(fake.count("/b") == 1)
        }
    }

    @Test func aRedirectOfAPublicationIsTheClientsToFollow() async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", .redirect(to: "/b", status: 307))
            let answer = try await upstream.fetch(try Self.question(fake, "/a", method: "PUT"))
            #expect(answer.status == 307)
            #expect(fake.count("/b") == 0)
        }
    }

    @Test func conditionsAreSentAndA304ComesBack() async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", FakeAnswer("x", type: "text/plain").tagged("\"1\""))
            var request = try Self.question(fake, "/a")
            request.conditions = .init(etag: "\"1\"", lastModified: "Sat, 21 Nov 2026 00:00:00 GMT")
            let answer = try await upstream.fetch(request)
            #expect(answer.status == 304)
            #expect(fake.requests.first?.header("If-Modified-Since") == "Sat, 21 Nov 2026 00:00:00 GMT")
        }
    }

    @Test func aCancelledQuestionEndsAtOnce() async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", FakeAnswer("x", type: "text/plain").with(.hang))
            let request = try Self.question(fake, "/a")
            let task = Task { try await upstream.fetch(request) }
            #expect(await eventually { fake.count("/a") == 1 })
            task.cancel()
            await #expect(throws: Problem.self) { try await task.value }
            #expect(fake.count("/a") == 1)
        }
    }

    @Test func aBodyOverItsLimitEnds() async throws {
        try await Self.with { fake, upstream in
            fake.serve("/a", FakeAnswer([], type: "text/plain").with(.endless))
            var request = try Self.question(fake, "/a")
            request.bodyLimit = 1 << 20
            let response = try await upstream.fetch(request)
            var problem: Problem?
            do throws(Problem) { while try await response.body.next() != nil {} } catch { problem = error }
            #expect(problem?.code == .tooLarge)
        }
    }
}
