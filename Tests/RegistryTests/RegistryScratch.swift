import Core
import Ecosystems
import Foundation
import Gateway
import JSONText
import Storage
import Synchronization
import Testing
import Transfer

@testable import Registry

/// A registry of one test, served on loopback out of a scratch folder; both are gone afterwards.
struct RegistryScratch: Sendable {
    let folder: String
    let address: String
    let port: Int
    let admin: String
    let administration: Administration
    private let engine: TransferEngine

    static let now = Timestamp(seconds: 1_700_000_000)

    static func with(
        gateway: (any Responder)? = nil,
        outside: RegistryConfiguration.Outside? = nil,
        policy: String? = nil,
        limits: RegistryConfiguration.Limits = .init(),
        _ body: @escaping @Sendable (RegistryScratch) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-registry-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = RegistryConfiguration(
            data: folder,
            listen: ("127.0.0.1", 0),
            ecosystems: Catalog.all,
            now: { now }
        )
        configuration.limits = limits
        configuration.policy = policy
        if let gateway { configuration.source = .custom(gateway) }
        if let outside { configuration.source = .publicIndexes(outside) }
        try await serve(configuration) { ready in
            let scratch = RegistryScratch(
                folder: folder,
                address: ready.address,
                port: ready.port,
                admin: ready.firstToken?.reveal() ?? "",
                administration: Administration(data: folder, now: { now }),
                engine: try TransferEngine(TransferConfiguration(userAgent: "registry-tests"))
            )
            try await body(scratch)
        }
    }

    /// Speaks to a server that runs elsewhere.
    static func client(
        of folder: String,
        _ address: String,
        _ port: Int,
        admin: String
    ) throws -> RegistryScratch {
        RegistryScratch(
            folder: folder,
            address: address,
            port: port,
            admin: admin,
            administration: Administration(data: folder, now: { now }),
            engine: try TransferEngine(TransferConfiguration(userAgent: "registry-tests"))
        )
    }

    /// Runs `body` beside a server, and stops the server when it is done.
    static func serve(
        _ configuration: RegistryConfiguration,
        _ body: @escaping @Sendable (ReadyRegistry) async throws -> Void
    ) async throws {
        let (stream, continuation) = AsyncStream<ReadyRegistry>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await RegistryServer.serve(configuration, stopsOnSignals: false) { continuation.yield($0) }
            }
            var iterator = stream.makeAsyncIterator()
            if let ready = await iterator.next() {
                do { try await body(ready) } catch {
                    group.cancelAll()
                    throw error
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// A token with these scopes.
    func token(_ scopes: Scope..., on repositories: [String] = ["main"], days: Int? = nil) async throws -> String {
        try await administration.createToken(
            "test",
            scopes: scopes.map(\.rawValue),
            repositories: repositories,
            days: days
        ).text.reveal()
    }

    /// What a request was answered with.
    struct Answer: Sendable {
        let status: Int
        let reason: String
        let headers: [HeaderField]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSON? { try? JSON(parsing: body) }

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    func send(
        _ method: String,
        _ path: String,
        token: String? = nil,
        headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var fields = headers.map { HeaderField(name: $0.key, value: $0.value) }
        if let token { fields.append(HeaderField(name: "Authorization", value: "Bearer \(token)")) }
        let transfer = engine.start(
            TransferRequest(url: address + path, method: method, headers: fields, body: body.map { .bytes($0) })
        )
        let head = try await transfer.head()
        var bytes: [UInt8] = []
        while let chunk = try await transfer.next() { bytes += chunk }
        return Answer(status: head.status, reason: head.reason, headers: head.headers, body: bytes)
    }

    func get(_ path: String, token: String? = nil, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, token: token, headers: headers)
    }

    func post(_ path: String, _ json: JSON, token: String? = nil) async throws -> Answer {
        try await send(
            "POST",
            path,
            token: token,
            headers: ["Content-Type": "application/json"],
            body: json.canonicalBytes()
        )
    }

    /// Uploads a blob in one go and gives its digest.
    @discardableResult
    func upload(_ bytes: [UInt8], token: String) async throws -> Digest {
        let digest = Digest.sha256(of: bytes)
        let answer = try await patch(digest, bytes, at: 0, of: bytes.count, token: token)
        #expect(answer.status == 201)
        return digest
    }

    func patch(_ digest: Digest, _ bytes: [UInt8], at offset: Int, of total: Int, token: String) async throws -> Answer
    {
        try await send(
            "PATCH",
            "/api/v1/uploads/sha256/\(digest.hex)",
            token: token,
            headers: ["Upload-Offset": "\(offset)", "Upload-Length": "\(total)"],
            body: bytes
        )
    }
}

/// An upstream that counts who asks and knows one answer.
final class CountingResponder: Responder {
    private let asked = Mutex<[String]>([])
    private let answer: String

    init(_ answer: String = "from upstream") { self.answer = answer }

    var requests: [String] { asked.withLock { $0 } }

    func respond(to request: ClientRequest) async -> Reply {
        asked.withLock { $0.append(request.request.url.description) }
        return Reply(status: 200, body: .bytes(Array(answer.utf8)))
    }
}
