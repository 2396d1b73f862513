internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// An upstream on loopback that says what the test wants, wrong things too, over real sockets.
public final class FakeUpstream: Sendable {
    public let port: Int
    public var origin: String { "http://127.0.0.1:\(port)" }

    private let routes: Routes
    private let serving: Task<Void, Never>

    public static func start() async throws -> FakeUpstream {
        let routes = Routes()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 512)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        let serving = Task<Void, Never> {
            await withDiscardingTaskGroup { group in
                try? await server.executeThenClose { connections in
                    for try await connection in connections {
                        routes.connected()
                        group.addTask { await FakeConnection.run(connection, routes) }
                    }
                }
            }
        }
        return FakeUpstream(port: port, routes: routes, serving: serving)
    }

    private init(port: Int, routes: Routes, serving: Task<Void, Never>) {
        self.port = port
        self.routes = routes
        self.serving = serving
    }

    deinit { serving.cancel() }

    /// The n-th request for the path gets the n-th answer, later ones the last.
    public func serve(_ path: String, _ answers: FakeAnswer...) { routes.set(path, answers) }

    public func serve(_ path: String, _ answers: [FakeAnswer]) { routes.set(path, answers) }

    /// Everything below this path is answered by a program of the test's.
    public func serve(below path: String, by program: @escaping @Sendable (SeenRequest) async -> FakeAnswer) {
        routes.set(below: path, program)
    }

    public var requests: [SeenRequest] { routes.requests }
    public var connections: Int { routes.connections }
    /// Bytes of all answers that sockets have taken so far.
    public var sentBytes: Int { routes.sentBytes }
    public func requests(for path: String) -> [SeenRequest] { requests.filter { $0.target == path } }
    public func count(_ path: String) -> Int { requests(for: path).count }

    /// Closes everything; later requests are refused by the kernel.
    public func stop() async {
        serving.cancel()
        await serving.value
    }
}

/// What a fake upstream was told to say and what it was asked.
final class Routes: Sendable {
    private struct State {
        var answers: [String: [FakeAnswer]] = [:]
        var programs: [(path: String, program: @Sendable (SeenRequest) async -> FakeAnswer)] = []
        var asked: [String: Int] = [:]
        var requests: [SeenRequest] = []
        var connections = 0
        var sentBytes = 0
    }

    private let state = Mutex(State())

    var requests: [SeenRequest] { state.withLock(\.requests) }
    var connections: Int { state.withLock(\.connections) }

    var sentBytes: Int { state.withLock(\.sentBytes) }

    func sent(_ count: Int) { state.withLock { $0.sentBytes += count } }

    func connected() { state.withLock { $0.connections += 1 } }

    func set(_ path: String, _ answers: [FakeAnswer]) {
        state.withLock { state in
            state.answers[path] = answers
            state.asked[path] = 0
        }
    }

    func set(below path: String, _ program: @escaping @Sendable (SeenRequest) async -> FakeAnswer) {
        state.withLock { $0.programs.append((path, program)) }
    }

    func answer(to request: SeenRequest) async -> FakeAnswer {
        let program = state.withLock { state in
            state.programs.first { request.target.hasPrefix($0.path) }?.program
        }
        guard let program else { return written(request) }
        state.withLock { $0.requests.append(request) }
        return await program(request)
    }

    private func written(_ request: SeenRequest) -> FakeAnswer {
        state.withLock { state in
            state.requests.append(request)
            let path =
                state.answers[request.target] == nil ? String(request.target.prefix { $0 != "?" }) : request.target
            guard let answers = state.answers[path], let last = answers.last else {
                return FakeAnswer(status: 404, body: "nothing here\n")
            }
            // Who only looks at the head is told how it will be in the end.
            guard request.method != "HEAD" else { return last }
            let number = state.asked[path, default: 0]
            state.asked[path] = number + 1
            return number < answers.count ? answers[number] : last
        }
    }
}
