import Core
import Foundation
import Gateway
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Proxy
import Testing
import Upstream

/// Files, tunnels, limits and the listener itself.
@Suite struct ConnectionTests {
    @Test func sendsRangesOfFilesOnBothKindsOfConnection() async throws {
        let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).bin").path()
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try Files.open(path)
        for range in [0..<1_000_003, 5..<300_000, 7..<7] as [Range<Int64>] {
            try await Stage.run(answer: { _ in Reply(status: 200, body: .file(file, range)) }) { stage in
                for scheme in ["http", "https"] {
                    let target = "\(stage.folder)/got"
                    let result = try await stage.curl([
                        "-o", target, "\(scheme)://h.test/1", "-I", "\(scheme)://h.test/2",
                    ])
                    #expect(result.status == 0)
                    _ = try await stage.curl(["-o", target, "\(scheme)://h.test/1"])
                    let got = range.isEmpty ? [] : [UInt8](try Data(contentsOf: URL(filePath: target)))
                    #expect(got == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
                }
            }
        }
    }

    @Test func answersAnErrorForAFileThatIsTooShort() async throws {
        try await Stage.run { stage in
            try "short".write(toFile: "\(stage.folder)/f", atomically: true, encoding: .utf8)
            let file = try Files.open("\(stage.folder)/f")
            try await Stage.run(answer: { _ in Reply(status: 200, body: .file(file, 0..<6)) }) { inner in
                let result = try await inner.curl(["-i", "http://h.test/1"])
                #expect(result.output.hasPrefix("HTTP/1.1 500 storage.damaged"))
            }
        }
    }

    @Test func tunnelsToDeclaredHostsAndCountsTheBytes() async throws {
        let echo = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(echo.localAddress?.port)
        var configuration = Stage.configuration()
        configuration.tunnelPorts = [port]
        configuration.localHosts = ["127.0.0.1"]
        try await Stage.run(configuration) { stage in
            let client = try await RawClient.connect(port: stage.port)
            let basic = "Proxy-Authorization: Basic \(RawClient.basic)\r\n"
            // The first bytes ride along with the CONNECT, as some clients send them.
            try await client.send("CONNECT 127.0.0.1:\(port) HTTP/1.1\r\nHost: x\r\n\(basic)\r\nearly ")
            _ = try await client.received { $0.hasSuffix("early ") }
            try await client.send(String(repeating: "x", count: 500_000))
            let text = try await client.received { $0.utf8.count >= 500_000 + 6 && $0.hasSuffix("x") }
            #expect(text.hasPrefix("HTTP/1.1 200 Connection established\r\n\r\nearly x"))
            await client.close()
            let event = try await stage.event { if case .tunnel = $0 { true } else { false } }
            guard case .tunnel("127.0.0.1", port, let up, let down) = event else {
                Issue.record("no tunnel event: \(String(describing: event))")
                return
            }
            #expect(up == 500_006 && down > 0)
            #expect(stage.responder.requests.isEmpty)
        }
        try await echo.close()
    }

    @Test func saysThatItIsFullBeyondTheLimit() async throws {
        var configuration = Stage.configuration()
        configuration.limits.connections = 2
        try await Stage.run(configuration) { stage in
            let first = try await RawClient.connect(port: stage.port)
            let second = try await RawClient.connect(port: stage.port)
            let third = try await RawClient.connect(port: stage.port)
            #expect(try await third.received().hasPrefix("HTTP/1.1 503 "))
            await first.close()
            await second.close()
        }
    }

    /// Anybody on the machine may connect; who never shows the session's secret keeps nobody out.
    @Test func makesRoomForThoseWhoAskWhenItIsFullOfThoseWhoDoNot() async throws {
        var configuration = Stage.configuration()
        configuration.limits.connections = 3
        try await Stage.run(configuration) { stage in
            let known = try await RawClient.connect(port: stage.port)
            let request = "GET /\(Stage.secret)/npm/a HTTP/1.1\r\nHost: a\r\n\r\n"
            try await known.send(request)
            _ = try await known.received { $0.hasSuffix("fine") }
            let silent = try await RawClient.connect(port: stage.port)
            let stranger = try await RawClient.connect(port: stage.port)
            let wrong = "Proxy-Authorization: Basic eA=="
            try await stranger.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\(wrong)\r\n\r\n")
            _ = try await stranger.received { $0.hasPrefix("HTTP/1.1 407 ") }
            var answer = ""
            for _ in 0..<200 where !answer.hasPrefix("HTTP/1.1 200 ") {
                let next = try await RawClient.connect(port: stage.port)
                try? await next.send(request)
                answer = try await next.received { $0.hasSuffix("fine") }
                await next.close()
                // A reset may overtake the 503.
                if !answer.hasPrefix("HTTP/1.1 200 ") { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            let silence = try await silent.received()
            #expect(silence == "")
            try await known.send(request)
            let both = try await known.received { $0.split(separator: "fine").count == 2 }
            #expect(both.hasPrefix("HTTP/1.1 200 "))
            await known.close()
        }
    }

    @Test func cutsClientsThatSendNoWholeHead() async throws {
        var configuration = Stage.configuration()
        configuration.limits.headSeconds = 1
        try await Stage.run(configuration) { stage in
            let slow = try await RawClient.connect(port: stage.port)
            try await slow.send("GET / HT")
            #expect(try await slow.received().hasPrefix("HTTP/1.1 408 "))
        }
        configuration.limits.idleSeconds = 1
        try await Stage.run(configuration) { stage in
            let silent = try await RawClient.connect(port: stage.port)
            #expect(try await silent.received() == "")
        }
    }

    @Test func cutsClientsThatTakeNothing() async throws {
        let isDropped = NIOLockedValueBox(false)
        var configuration = Stage.configuration()
        configuration.limits.stallSeconds = 1
        let answer: Recorder.Answer = { _ in
            let sentinel = Sentinel(isDropped)
            let next: @Sendable () async throws(Problem) -> [UInt8]? = { () async throws(Problem) in sentinel.part }
            return Reply(status: 200, body: .stream(length: nil, next: next))
        }
        try await Stage.run(configuration, answer: answer) { stage in
            let client = try await RawClient.connect(port: stage.port, reads: false)
            try await client.send("GET /\(Stage.secret)/npm/a HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in 0..<2_000 where !isDropped.withLockedValue({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            #expect(isDropped.withLockedValue { $0 })
            await client.close()
        }
    }

    @Test func listensOnBothLoopbackAddressesWhereThereAreTwo() async throws {
        try await Stage.run { stage in
            let url = "http://[::1]:\(stage.port)/\(Stage.secret)/npm/a"
            let result = try await stage.curl([url], throughProxy: false)
            let hasIPv6 = (try? Files.readAll("/proc/net/if_inet6").isEmpty) == false
            #expect(result.output == (hasIPv6 ? "fine" : ""))
            if hasIPv6 {
                #expect(stage.responder.requests.first?.linkBase == "http://[::1]:\(stage.port)/\(Stage.secret)")
            }
        }
    }

    @Test func saysWhoMayHaveAPortThatIsTaken() async throws {
        try await Stage.run { stage in
            var configuration = Stage.configuration()
            configuration.port = stage.port
            let problem = await #expect(throws: Problem.self) {
                try await ProxyServer.start(
                    configuration: configuration,
                    authority: stage.authority,
                    responder: stage.responder
                )
            }
            #expect(problem?.code == .stateLocked)
            #expect(problem?.remedy.contains("ss -ltnp") ?? false)
        }
    }

    @Test func knowsTheOwnerOfALoopbackConnection() async throws {
        var configuration = Stage.configuration()
        configuration.owner = ConnectionEnds.ownerInKernel
        configuration.allowsUnauthenticatedOwners = true
        let owner = try FileManager.default.attributesOfItem(atPath: "/proc/self")[.ownerAccountID] as? NSNumber
        configuration.allowedUIDs = [try #require(owner).uint32Value]
        try await Stage.run(configuration) { stage in
            let proxy = "http://127.0.0.1:\(stage.port)"
            let result = try await stage.curl(
                ["--proxy", proxy, "--cacert", stage.authorityFile, "https://pypi.org/a"],
                throughProxy: false
            )
            #expect(result.output == "fine", "\(result.errors)")
        }
    }

    @Test func finishesRunningAnswersBeforeItStops() async throws {
        let isStopping = NIOLockedValueBox(false)
        var configuration = Stage.configuration()
        configuration.limits.graceSeconds = 30
        try await Stage.run(
            configuration,
            answer: { _ in
                while !isStopping.withLockedValue({ $0 }) { try? await Task.sleep(for: .milliseconds(2)) }
                try? await Task.sleep(for: .milliseconds(200))
                return Reply(status: 200, body: .bytes(Array("late".utf8)))
            }
        ) { stage in
            let client = try await RawClient.tunnel(stage, to: "h.test")
            try await client.send("GET / HTTP/1.1\r\nHost: h.test\r\n\r\n")
            while stage.responder.requests.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            isStopping.withLockedValue { $0 = true }
            await stage.server.stop()
            let text = try await client.received()
            #expect(text.hasSuffix("late") && text.contains("Connection: close\r\n"))
        }
    }
}

/// An endless body that tells when nobody wants it any more.
private final class Sentinel: Sendable {
    let part = [UInt8](repeating: 0x78, count: 65_536)
    private let isDropped: NIOLockedValueBox<Bool>

    init(_ isDropped: NIOLockedValueBox<Bool>) { self.isDropped = isDropped }

    deinit { isDropped.withLockedValue { $0 = true } }
}

/// Sends back what it gets.
private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
}
