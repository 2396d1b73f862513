import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// The proxy of a network that can be left in no other way: answers each CONNECT as told, and echoes behind a 200.
final class CorporateProxy: Sendable {
    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: String?
        private let heard: NIOLockedValueBox<[String]>
        private var head = ""
        private var isOpen = false

        init(_ answer: String?, _ heard: NIOLockedValueBox<[String]>) {
            self.answer = answer
            self.heard = heard
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if isOpen {
                context.writeAndFlush(data, promise: nil)
                return
            }
            head += String(buffer: unwrapInboundIn(data))
            guard head.hasSuffix("\r\n\r\n") else { return }
            let text = head
            heard.withLockedValue { $0.append(text) }
            guard let answer else { return }
            isOpen = answer.contains(" 200 ")
            context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
            if answer.isEmpty { context.close(promise: nil) }
        }
    }

    let port: Int
    private let listener: any Channel
    private let seen: NIOLockedValueBox<[String]>

    var heard: [String] { seen.withLockedValue { $0 } }

    /// An empty answer closes the connection, none at all leaves the asker waiting.
    init(answering answer: String?) async throws {
        let seen = NIOLockedValueBox<[String]>([])
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Script(answer, seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.seen = seen
        port = listener.localAddress?.port ?? 0
    }

    func stop() async { try? await listener.close() }
}
