import Core
import Foundation
import Gateway
import NIOConcurrencyHelpers
import Proxy
import Upstream

/// Keeps what it was asked and answers as the test wants.
final class Recorder: Responder {
    typealias Answer = @Sendable (ClientRequest) async -> Reply

    private let seen = NIOLockedValueBox<[ClientRequest]>([])
    private let answer: Answer
    private let atHand: @Sendable (ClientRequest) -> Reply?

    init(_ answer: @escaping Answer, atHand: @escaping @Sendable (ClientRequest) -> Reply? = { _ in nil }) {
        self.answer = answer
        self.atHand = atHand
    }

    var requests: [ClientRequest] { seen.withLockedValue { $0 } }
    var urls: [String] { requests.map { $0.request.url.description } }

    func respond(to request: ClientRequest) async -> Reply {
        seen.withLockedValue { $0.append(request) }
        return await answer(request)
    }

    func replyAtHand(to request: ClientRequest) -> Reply? { atHand(request) }
}

/// A running server with everything a test wants to look at.
struct Stage: Sendable {
    static let secret = "s3cret-of-this-session"

    let server: ProxyServer
    let responder: Recorder
    let authority: SessionAuthority
    let events: NIOLockedValueBox<[ProxyEvent]>
    let folder: String

    var port: Int { server.port }
    var proxy: String { "http://purser:\(Stage.secret)@127.0.0.1:\(port)" }
    var authorityFile: String { "\(folder)/ca.pem" }
    var seen: [ProxyEvent] { events.withLockedValue { $0 } }

    /// Waits for an event that comes after the client has its answer.
    func event(_ matches: @Sendable (ProxyEvent) -> Bool) async throws -> ProxyEvent? {
        for _ in 0..<1_000 {
            if let event = seen.first(where: matches) { return event }
            try await Task.sleep(for: .milliseconds(5))
        }
        return nil
    }

    static func configuration() -> ProxyConfiguration {
        var configuration = ProxyConfiguration(
            secret: Secret(secret),
            destination: { host, _ in
                switch host {
                case "refused.test":
                    .refuse(Problem(.policyDenied, subject: host, summary: "is not allowed", remedy: "allow it"))
                case "tunnel.test", "127.0.0.1", "localhost", "10.0.0.1", "::1": .tunnel
                default: .intercept
                }
            },
            defaultOrigin: { $0 == "npm" ? Origin(.https, "registry.npmjs.org") : nil }
        )
        configuration.limits.headSeconds = 2
        configuration.limits.graceSeconds = 1
        return configuration
    }

    static func run(
        _ configuration: ProxyConfiguration = Stage.configuration(),
        answer: @escaping Recorder.Answer = { _ in Reply(status: 200, body: .bytes(Array("fine".utf8))) },
        atHand: @escaping @Sendable (ClientRequest) -> Reply? = { _ in nil },
        _ test: (Stage) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "proxy-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try SessionAuthority(now: Timestamp(seconds: Int64(Date().timeIntervalSince1970)))
        try authority.certificatePEM.write(toFile: "\(folder)/ca.pem", atomically: true, encoding: .utf8)
        let responder = Recorder(answer, atHand: atHand)
        let events = NIOLockedValueBox<[ProxyEvent]>([])
        let server = try await ProxyServer.start(
            configuration: configuration,
            authority: authority,
            responder: responder,
            onEvent: { event in events.withLockedValue { $0.append(event) } }
        )
        let stage = Stage(server: server, responder: responder, authority: authority, events: events, folder: folder)
        do { try await test(stage) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}

/// What one run of curl gave.
struct CurlResult: Sendable {
    let status: Int32
    let output: String
    let errors: String
}

extension Stage {
    /// Runs curl; `throughProxy` adds the proxy and the session's certificate.
    func curl(_ arguments: [String], throughProxy: Bool = true) async throws -> CurlResult {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/curl")
        let lead = throughProxy ? ["--proxy", proxy, "--cacert", authorityFile] : []
        process.arguments = ["-q", "-sS", "--max-time", "20", "--noproxy", ""] + lead + arguments
        process.environment = ["PATH": "/usr/bin:/bin"]
        let name = "\(folder)/\(UUID().uuidString)"
        let files = ["\(name).out", "\(name).err"]
        for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        process.standardInput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        let texts = try files.map { String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }
        return CurlResult(status: status, output: texts[0], errors: texts[1])
    }
}
