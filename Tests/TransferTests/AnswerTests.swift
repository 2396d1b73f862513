import Testing
import Transfer

/// Answers that are as they should be.
@Suite struct AnswerTests {
    @Test func givesHeadThenBody() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.answer(
                "hello",
                status: "200 Fine by me",
                headers: ["X-Two: a", "x-two:  b ", "X-Latin: \u{e9}"]
            )
        }
        let (head, body) = try await makeEngine().fetch(TransferRequest(url: server.url("/a/../b?c")))
        #expect(head.status == 200 && head.reason == "Fine by me" && head.version == "HTTP/1.1")
        #expect(head.headers.filter { $0.name.lowercased() == "x-two" }.map(\.value) == ["a", "b"])
        #expect(head.value(of: "X-LATIN") == "\u{e9}")
        #expect(head.contentLength == 5 && head.remoteAddress == "127.0.0.1:\(server.port)")
        #expect(body == Array("hello".utf8))
        #expect(server.requests.first?.line == "GET /a/../b?c HTTP/1.1")
        #expect(server.requests.first?.has("User-Agent: purser-test/1") == true)
    }

    @Test func skipsInterimAnswers() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
            connection.answer("late", status: "404 Not Found")
        }
        let (head, body) = try await makeEngine().fetch(TransferRequest(url: server.url()))
        #expect(head.status == 404 && head.value(of: "link") == nil && body == Array("late".utf8))
    }

    @Test func joinsChunksAndDropsTrailers() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
            )
        }
        let (head, body) = try await makeEngine().fetch(TransferRequest(url: server.url()))
        #expect(body == Array("abcde".utf8) && head.value(of: "t") == nil && head.contentLength == nil)
    }

    @Test func leavesCodedBodiesAndRedirectsToTheCaller() async throws {
        let gzip: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.send(
                "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
            )
            connection.send(gzip)
        }
        let (head, body) = try await makeEngine().fetch(TransferRequest(url: server.url()))
        #expect(head.status == 302 && head.value(of: "location") == "/x" && body == gzip)
        #expect(server.requests.count == 1)
    }

    @Test func readsUntilCloseWhereNoLengthIsGiven() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.0 200 OK\r\n\r\nall of it")
        }
        #expect(try await makeEngine().fetch(TransferRequest(url: server.url())).body == Array("all of it".utf8))
    }

    @Test(arguments: ["204 No Content", "304 Not Modified"])
    func endsAtOnceWhereNoBodyCanBe(status: String) async throws {
        let server = try FakeServer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 \(status)\r\nETag: \"a\"\r\n\r\n")
            }
        }
        let (head, body) = try await makeEngine().fetch(TransferRequest(url: server.url()))
        #expect(body.isEmpty && head.value(of: "etag") == "\"a\"")
    }

    @Test func asksForHeadsOnly() async throws {
        let server = try FakeServer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
            }
        }
        let engine = try makeEngine()
        for _ in 0..<3 {
            let (head, body) = try await engine.fetch(TransferRequest(url: server.url(), method: "HEAD"))
            #expect(head.contentLength == 5_000_000_000 && body.isEmpty)
        }
        #expect(server.connections == 1 && server.requests.first?.line == "HEAD / HTTP/1.1")
    }

    @Test func usesOneConnectionAgain() async throws {
        let server = try FakeServer { connection in
            while connection.readRequest() != nil { connection.answer("again") }
        }
        let engine = try makeEngine()
        for _ in 0..<20 { _ = try await engine.fetch(TransferRequest(url: server.url())) }
        #expect(server.connections == 1 && server.requests.count == 20)
    }

    @Test func opensNoMoreConnectionsThanAllowed() async throws {
        let server = try FakeServer { connection in
            while connection.readRequest() != nil { connection.answer("again") }
        }
        let engine = try makeEngine { $0.maxConnectionsPerHost = 3 }
        let url = server.url()
        try await withThrowingTaskGroup { group in
            for _ in 0..<60 { group.addTask { _ = try await engine.fetch(TransferRequest(url: url)) } }
            try await group.waitForAll()
        }
        #expect(server.connections <= 3 && server.requests.count == 60)
    }
}
