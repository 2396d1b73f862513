import Testing
import Transfer

/// Requests with bodies.
@Suite struct UploadTests {
    private func echo() throws -> FakeServer {
        try FakeServer { connection in
            while let request = connection.readRequest() { connection.answer("\(request.body.count)") }
        }
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "PROPFIND"])
    func sendsBytes(method: String) async throws {
        let server = try echo()
        let body = [UInt8](repeating: 7, count: 3_000_000)
        let request = TransferRequest(
            url: server.url(),
            method: method,
            headers: [
                HeaderField(name: "Content-Type", value: "x/y"), HeaderField(name: "Content-Length", value: "9"),
                HeaderField(name: "Expect", value: "100-continue"), HeaderField(name: "X-Empty", value: ""),
            ],
            body: .bytes(body)
        )
        #expect(try await makeEngine().fetch(request).body == Array("3000000".utf8))
        let seen = try #require(server.requests.first)
        #expect(seen.line == "\(method) / HTTP/1.1" && seen.body == body)
        #expect(seen.has("Content-Type: x/y") && seen.has("X-Empty:") && seen.has("Content-Length: 3000000"))
        #expect(!seen.headers.contains { $0.lowercased().hasPrefix("expect") })
    }

    @Test func sendsAFile() async throws {
        let server = try echo()
        let scratch = try Scratch()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let path = try scratch.write("body", bytes)
        let request = TransferRequest(url: server.url(), method: "PUT", body: .file(path: path, size: 1_000_000))
        _ = try await makeEngine().fetch(request)
        #expect(server.requests.first?.body == bytes)
    }

    @Test func sendsAnEmptyBody() async throws {
        let server = try echo()
        let engine = try makeEngine()
        _ = try await engine.fetch(TransferRequest(url: server.url(), method: "POST"))
        _ = try await engine.fetch(TransferRequest(url: server.url(), method: "DELETE"))
        #expect(server.requests.first?.has("Content-Length: 0") == true)
        #expect(server.requests.last?.line == "DELETE / HTTP/1.1")
    }

    @Test func refusesAFileThatIsShorterThanTold() async throws {
        let server = try echo()
        let scratch = try Scratch()
        let path = try scratch.write("body", [1, 2, 3])
        let engine = try makeEngine()
        for body in [TransferBody.file(path: path, size: 4), .file(path: path + "x", size: 1)] {
            let request = TransferRequest(url: server.url(), method: "PUT", body: body)
            guard case .invalidRequest = await engine.failure(request).error else {
                Issue.record("the file was taken")
                continue
            }
        }
    }

    @Test(arguments: [
        TransferRequest(url: "http://127.0.0.1:1/", headers: [HeaderField(name: "a", value: "b\r\nc: d")]),
        TransferRequest(url: "http://127.0.0.1:1/", headers: [HeaderField(name: "a", value: "b\nc")]),
        TransferRequest(url: "http://127.0.0.1:1/", headers: [HeaderField(name: "a", value: "b\0c")]),
        TransferRequest(url: "http://127.0.0.1:1/", headers: [HeaderField(name: "a:b", value: "c")]),
        TransferRequest(url: "http://127.0.0.1:1/", headers: [HeaderField(name: "", value: "c")]),
        TransferRequest(url: "http://127.0.0.1:1/", method: "GET / HTTP/1.1\r\n"),
        TransferRequest(url: "http://127.0.0.1:1/a b"),
        TransferRequest(url: "http://127.0.0.1:1/\r\nx"),
        TransferRequest(url: "file:///etc/passwd"),
        TransferRequest(url: "gopher://127.0.0.1/"),
        TransferRequest(url: "nonsense"),
        TransferRequest(url: "http://127.0.0.1:65536/"),
    ])
    func sendsNothingThatCouldBeReadInTwoWays(request: TransferRequest) async throws {
        guard case .invalidRequest = await (try makeEngine()).failure(request).error else {
            Issue.record("the request was taken")
            return
        }
    }
}
