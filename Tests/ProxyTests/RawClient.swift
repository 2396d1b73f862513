import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Proxy

/// A client that sends exactly the bytes a test wants, over plain TCP or inside a tunnel.
struct RawClient: Sendable {
    struct TimedOut: Error { let received: String }

    private struct Inbox {
        var bytes: [UInt8] = []
        var isClosed = false
        var error = ""
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let inbox: NIOLockedValueBox<Inbox>

        init(_ inbox: NIOLockedValueBox<Inbox>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            inbox.withLockedValue { $0.bytes += bytes }
        }

        func channelInactive(context: ChannelHandlerContext) { inbox.withLockedValue { $0.isClosed = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            inbox.withLockedValue { $0.error = "\(error)" }
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let inbox: NIOLockedValueBox<Inbox>

    static func connect(port: Int, reads: Bool = true) async throws -> RawClient {
        let inbox = NIOLockedValueBox(Inbox())
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, inbox: inbox)
    }

    /// Opens a tunnel to `host` and starts TLS inside it.
    static func tunnel(
        _ stage: Stage,
        to host: String,
        name: String? = nil,
        sendsName: Bool = true,
        protocols: [String] = []
    ) async throws -> RawClient {
        let client = try await connected(stage, to: host)
        let name = sendsName ? name ?? host : nil
        try await client.startTLS(trusting: stage.authority.certificatePEM, name: name, protocols: protocols)
        return client
    }

    /// A tunnel in which nothing was said yet.
    static func connected(_ stage: Stage, to host: String, port: Int = 443) async throws -> RawClient {
        let client = try await connect(port: stage.port)
        let basic = "Proxy-Authorization: Basic \(RawClient.basic)\r\n"
        try await client.send("CONNECT \(host):\(port) HTTP/1.1\r\nHost: \(host):\(port)\r\n\(basic)\r\n")
        let answer = try await client.received { $0.hasSuffix("\r\n\r\n") }
        guard answer.hasPrefix("HTTP/1.1 200 ") else { throw TimedOut(received: answer) }
        client.inbox.withLockedValue { $0.bytes = [] }
        return client
    }

    static let basic = "cHVyc2VyOnMzY3JldC1vZi10aGlzLXNlc3Npb24="

    private func startTLS(trusting pem: String, name: String?, protocols: [String]) async throws {
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
        settings.certificateVerification = .noHostnameVerification
        settings.applicationProtocols = protocols
        let context = try NIOSSLContext(configuration: settings)
        let channel = channel
        try await channel.eventLoop.submit {
            let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// What came so far, once `isEnough` or the connection is closed.
    func received(until isEnough: (@Sendable (String) -> Bool)? = nil) async throws -> String {
        for _ in 0..<4_000 {
            let (bytes, isClosed) = inbox.withLockedValue { ($0.bytes, $0.isClosed) }
            if isClosed { return String(decoding: bytes, as: UTF8.self) }
            if let isEnough {
                let text = String(decoding: bytes, as: UTF8.self)
                if isEnough(text) { return text }
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw TimedOut(received: String(decoding: inbox.withLockedValue { $0.bytes }, as: UTF8.self))
    }

    /// What ended the connection, where it was not just closed.
    var error: String { inbox.withLockedValue { $0.error } }

    /// For a client that was made not to read.
    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }

    var isClosed: Bool { inbox.withLockedValue { $0.isClosed } }

    func close() async { try? await channel.close() }
}
