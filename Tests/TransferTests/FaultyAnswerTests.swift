import Testing
import Transfer

/// Answers that are not as they should be: none may look like a whole one, and none may hang.
@Suite struct FaultyAnswerTests {
    private func failure(
        limits: TransferLimits = TransferLimits(),
        _ script: @escaping @Sendable (FakeConnection) -> Void
    ) async throws -> (error: TransferError?, body: [UInt8]) {
        let server = try FakeServer { connection in
            guard connection.readRequest() != nil else { return }
            script(connection)
        }
        return await (try makeEngine()).failure(TransferRequest(url: server.url(), limits: limits))
    }

    @Test func tellsABodyThatIsTooShort() async throws {
        let (error, body) = try await failure { $0.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") }
        #expect(error == .truncated(received: 3, expected: 9) && body == Array("abc".utf8))
    }

    @Test func tellsChunksWithoutTheLast() async throws {
        let (error, _) = try await failure {
            $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        }
        #expect(error == .truncated(received: 3, expected: nil))
    }

    @Test func tellsAResetWithinTheBody() async throws {
        let (error, _) = try await failure { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            connection.reset()
        }
        guard case .truncated(_, 9) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func tellsAConnectionClosedWithoutAnswer() async throws {
        let closed = try await failure { $0.end() }
        let reset = try await failure { $0.reset() }
        for case let error? in [closed.error, reset.error] {
            guard case .reset = error else {
                Issue.record("\(error)")
                continue
            }
        }
        #expect(closed.error != nil && reset.error != nil)
    }

    @Test(arguments: [
        "nonsense\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: other\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon here\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ])
    func refusesWhatIsNotHTTP(answer: String) async throws {
        let (error, body) = try await failure { $0.send(answer) }
        guard case .badResponse = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(body.isEmpty)
    }

    @Test func brokenChunkSizesAreNotAnEnd() async throws {
        let (error, _) = try await failure {
            $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")
        }
        #expect(error == .truncated(received: 3, expected: nil))
    }

    @Test func stopsAtTheLimitOfTheHead() async throws {
        let limits = TransferLimits(headerBytes: 8 << 10)
        let (error, _) = try await failure(limits: limits) { connection in
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Filler: \(String(repeating: "x", count: 900))\r\n") {}
        }
        #expect(error == .tooLarge(limit: 8 << 10))
        let endless = try await failure(limits: limits) { connection in
            while connection.send("HTTP/1.1 100 Continue\r\n\r\n") {}
        }
        #expect(endless.error == .tooLarge(limit: 8 << 10))
    }

    @Test func stopsAtTheLimitOfTheBody() async throws {
        let told = try await failure(limits: TransferLimits(bodyBytes: 10)) {
            $0.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nabcdefghijk")
        }
        #expect(told.error == .tooLarge(limit: 10))
        let untold = try await failure(limits: TransferLimits(bodyBytes: 1 << 20)) { connection in
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send([UInt8](repeating: 1, count: 100_000)) {}
        }
        #expect(untold.error == .tooLarge(limit: 1 << 20) && untold.body.count <= 1 << 20)
        let fits = try await failure(limits: TransferLimits(bodyBytes: 3)) { $0.answer("abc") }
        #expect(fits.error == nil && fits.body.count == 3)
    }

    @Test func doesNotWaitForEverForAnAnswer() async throws {
        let (error, _) = try await failure(limits: TransferLimits(responseSeconds: 0.3)) { $0.waitForPeer() }
        #expect(error == .timedOut(.response))
    }

    @Test func doesNotWaitForEverForABody() async throws {
        let (error, body) = try await failure(limits: TransferLimits(idleSeconds: 0.3)) { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            connection.waitForPeer()
        }
        #expect(error == .timedOut(.body) && body.count == 3)
    }

    @Test func doesNotFollowADrip() async throws {
        let limits = TransferLimits(idleSeconds: 0.4, minimumBytesPerSecond: 1000)
        let (error, _) = try await failure(limits: limits) { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
            while connection.send("a") { pause(milliseconds: 50) }
        }
        #expect(error == .timedOut(.pace))
    }

    @Test func tellsAHostThatRefusesOrDoesNotExist() async throws {
        let engine = try makeEngine { $0.resolve = ["nowhere.invalid:80:127.0.0.1"] }
        guard case .couldNotConnect = await engine.failure(TransferRequest(url: "http://127.0.0.1:1/")).error else {
            Issue.record("connected to port 1")
            return
        }
        #expect(
            await engine.failure(TransferRequest(url: "http://other.invalid/")).error
                == .couldNotResolve(host: "other.invalid")
        )
    }

    @Test func tellsAHandshakeThatHangs() async throws {
        let server = try FakeServer { $0.waitForPeer() }
        let limits = TransferLimits(connectSeconds: 0.4)
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/", limits: limits)
        #expect(await (try makeEngine()).failure(request).error == .timedOut(.connect))
    }
}
