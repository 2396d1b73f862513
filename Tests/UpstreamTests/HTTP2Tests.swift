import Core
import Foundation
import TestKit
import Testing
import Transfer
import Upstream

/// What we do over HTTP/2, against a server that really speaks it.
@Suite(.serialized, .enabled(if: Nginx.program != nil, "nginx is not installed"))
struct HTTP2Tests {
    /// An nginx in front of a fake upstream, and an engine that trusts it.
    private func with(
        server: String = "",
        bufferBytes: Int = 1 << 20,
        _ body: (Nginx, FakeUpstream, TransferConfiguration) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let fake = try await FakeUpstream.start()
        let program = try #require(Nginx.program)
        let pass = "location / { proxy_pass http://127.0.0.1:\(fake.port); }"
        let nginx = try Nginx(program, in: scratch, server: server + pass)
        var configuration = TransferConfiguration(userAgent: "purser-test/1")
        configuration.connectTo = [nginx.route]
        configuration.caFile = nginx.certificate
        configuration.bufferBytes = bufferBytes
        try await body(nginx, fake, configuration)
        nginx.stop()
        await fake.stop()
    }

    private func fetch(_ engine: TransferEngine, _ url: String) async throws -> (head: TransferHead, body: [UInt8]) {
        let transfer = engine.start(TransferRequest(url: url))
        let head = try await transfer.head()
        var body: [UInt8] = []
        while let bytes = try await transfer.next() { body += bytes }
        return (head, body)
    }

    @Test func manyStreamsAreOpenAtOnceOnOneConnection() async throws {
        try await with { nginx, fake, configuration in
            let (gate, count) = (Gate(), 60)
            fake.serve(below: "/") { request in
                FakeAnswer(request.target, type: "text/plain").waiting(after: 1, for: gate)
            }
            let engine = try TransferEngine(configuration)
            async let opened: Void = {
                // Nobody is answered before everybody has asked.
                #expect(await eventually { gate.arrived == count })
                gate.open()
            }()
            let versions = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<count {
                    let url = nginx.url("/\(number)")
                    group.addTask {
                        let (head, body) = try await fetch(engine, url)
                        #expect(String(decoding: body, as: UTF8.self) == "/\(number)")
                        return head.version
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            await opened
            #expect(versions == ["HTTP/2"])
            #expect(await eventually { nginx.streams.count == count })
            #expect(Set(nginx.streams.map { $0[0] }).count == 1)
            #expect(Set(nginx.streams.map { $0[1] }) == ["HTTP/2.0"])
        }
    }

    @Test func aStreamThatIsResetIsTruncatedAndHarmsNoOther() async throws {
        try await with { nginx, fake, configuration in
            let body = [UInt8](repeating: 0x61, count: 900_000)
            fake.serve("/cut", FakeAnswer(body).with(.truncate))
            fake.serve("/whole", FakeAnswer(body))
            let engine = try TransferEngine(configuration)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for path in ["/cut", "/whole", "/cut", "/whole", "/cut", "/whole"] {
                    let url = nginx.url(path)
                    group.addTask {
                        do {
                            let (head, bytes) = try await fetch(engine, url)
                            #expect(path == "/whole" && bytes == body && head.version == "HTTP/2")
                        } catch let error as TransferError {
                            guard case .truncated(let received, 900_000) = error else { throw error }
                            #expect(path != "/whole" && received < 900_000)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(Set(nginx.streams.map { $0[0] }).count == 1)
        }
    }

    @Test func aServerThatGoesAwayInTheMiddleIsTruncated() async throws {
        try await with { nginx, fake, configuration in
            fake.serve("/endless", FakeAnswer().with(.endless))
            let transfer = try TransferEngine(configuration).start(TransferRequest(url: nginx.url("/endless")))
            #expect(try await transfer.head().version == "HTTP/2")
            _ = try await transfer.next()
            nginx.stop()
            let error = await #expect(throws: TransferError.self) { while try await transfer.next() != nil {} }
            guard case .truncated = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func aServerThatSaysGoodbyeIsAskedAgainOnANewConnection() async throws {
        // After ten streams nginx sends GOAWAY and takes no more on that connection.
        try await with(server: "keepalive_requests 10; location /here { return 200 $request_uri; }") {
            nginx,
            _,
            configuration in
            var live = LiveUpstream.Configuration(transfer: configuration)
            live.declared = [try HTTPURL(nginx.url("/")).origin]
            live.pause = .milliseconds(2)
            let upstream = try LiveUpstream(live)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<6 {
                    let base = nginx.url("/here/\(worker)/")
                    group.addTask {
                        for number in 0..<15 {
                            let url = try HTTPURL("\(base)\(number)")
                            let question = UpstreamRequest(
                                Request(url: url),
                                ecosystem: "generic",
                                purpose: .index
                            )
                            let response = try await upstream.fetch(question)
                            #expect(response.status == 200)
                            let body = try await response.body.collect(limit: 100, of: "it")
                            #expect(String(decoding: body, as: UTF8.self) == "/here/\(worker)/\(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(await eventually { nginx.streams.count >= 90 })
            #expect(Set(nginx.streams.map { $0[0] }).count >= 9)
            #expect(Set(nginx.streams.map { $0[1] }) == ["HTTP/2.0"])
        }
    }

    @Test func aReaderThatPausesHoldsItsPeerBackAndNobodyElse() async throws {
        try await with(bufferBytes: 256 << 10) { nginx, fake, configuration in
            fake.serve("/endless", FakeAnswer().with(.endless))
            fake.serve("/small", FakeAnswer("small", type: "text/plain"))
            let engine = try TransferEngine(configuration)
            let slow = engine.start(TransferRequest(url: nginx.url("/endless")))
            #expect(try await slow.head().version == "HTTP/2")
            // What was sent is in sockets, windows and our buffer, all of which end.
            var sent = -1
            let isHeldBack = try await eventually {
                defer { sent = fake.sentBytes }
                try await Task.sleep(for: .milliseconds(100))
                return sent == fake.sentBytes
            }
            #expect(isHeldBack)
            #expect(fake.sentBytes < 96 << 20)
            #expect(slow.bufferedBytes <= (256 << 10) + (16 << 10))
            for _ in 0..<5 {
                let small = try await fetch(engine, nginx.url("/small"))
                #expect(small.head.version == "HTTP/2" && small.body == Array("small".utf8))
            }
            // It goes on where it stood.
            var received = 0
            while received < sent + (8 << 20), let bytes = try await slow.next() { received += bytes.count }
            #expect(received >= sent + (8 << 20))
            slow.cancel()
        }
    }
}
