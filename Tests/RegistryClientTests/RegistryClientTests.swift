import Core
import Ecosystems
import Foundation
import Registry
import RegistryClient
import Storage
import Synchronization
import Testing
import Transfer

@Suite struct RegistryClientTests {
    private static let now = Timestamp(seconds: 1_700_000_000)

    /// A client of a registry that is served for one test.
    private func withClient(
        token: (@Sendable (ReadyRegistry, String) async throws -> Secret?)? = nil,
        pause: @escaping @Sendable (Int) async -> Void = { _ in },
        _ body: @escaping @Sendable (RegistryClient) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-client-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = RegistryConfiguration(
            data: folder,
            listen: ("127.0.0.1", 0),
            ecosystems: Catalog.all,
            now: { Self.now }
        )
        let (stream, continuation) = AsyncStream<ReadyRegistry>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await RegistryServer.serve(configuration, stopsOnSignals: false) { continuation.yield($0) }
            }
            var iterator = stream.makeAsyncIterator()
            if let ready = await iterator.next() {
                let secret = try await token?(ready, folder) ?? ready.firstToken
                try await body(try client(ready.address, secret, pause: pause))
            }
            group.cancelAll()
        }
    }

    private func client(
        _ address: String,
        _ token: Secret?,
        pause: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws -> RegistryClient {
        let engine = try TransferEngine(TransferConfiguration(userAgent: "client-tests"))
        return RegistryClient(try HTTPURL(address), token: token, engine: engine, pause: pause)
    }

    @Test func uploadsInPiecesAndReadsThemBack() async throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await withClient { client in
            let digest = Digest.sha256(of: bytes)
            #expect(try await client.missing([digest]) == [digest])
            try await client.upload(digest, size: Int64(bytes.count), piece: 300_000) { offset, count in
                Array(bytes[Int(offset)..<Int(offset) + count])
            }
            #expect(try await client.missing([digest]).isEmpty)
            let body = try #require(try await client.blob(digest))
            var back: [UInt8] = []
            while let chunk = try await body.next() { back += chunk }
            #expect(back == bytes)
        }
    }

    @Test func goesOnWhereAnInterruptedUploadEnded() async throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try await withClient { client in
            let digest = Digest.sha256(of: bytes)
            let failure = Problem(.upstreamUnreachable, subject: "disk", summary: "went away", remedy: "none")
            await #expect(throws: failure) {
                try await client.upload(digest, size: 100_000, piece: 30_000) { offset, count throws(Problem) in
                    if offset >= 60_000 { throw failure }
                    return Array(bytes[Int(offset)..<Int(offset) + count])
                }
            }
            #expect(try await client.uploaded(of: digest) == 60_000)
            let sent = Mutex<[Int64]>([])
            try await client.upload(digest, size: 100_000, piece: 30_000) { offset, count in
                sent.withLock { $0.append(offset) }
                return Array(bytes[Int(offset)..<Int(offset) + count])
            }
            #expect(sent.withLock { $0 } == [0, 60_000, 90_000])
            #expect(try await client.missing([digest]).isEmpty)
        }
    }

    /// Jobs of one matrix have one token, and much in common.
    @Test func jobsThatSendTheSameBytesAtOnceAllSucceed() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let digest = Digest.sha256(of: bytes)
        try await withClient(pause: { _ in try? await Task.sleep(for: .milliseconds(20)) }) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await client.upload(digest, size: Int64(bytes.count), piece: 400_000) { offset, count in
                            Array(bytes[Int(offset)..<Int(offset) + count])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.missing([digest]).isEmpty)
        }
    }

    @Test func bytesThatChangedSinceTheyWereHashedAreAnIntegrityProblem() async throws {
        try await withClient { client in
            let problem = await #expect(throws: Problem.self) {
                try await client.upload(Digest.sha256(of: [1]), size: 1) { _, _ in [2] }
            }
            #expect(problem?.code == .integrityMismatch)
        }
    }

    @Test func anAbsentBlobIsNilAndAnAbsentBuildIsNotFound() async throws {
        try await withClient { client in
            let absent = try await client.blob(Digest.sha256(of: [1]))
            #expect(absent == nil)
            let problem = await #expect(throws: Problem.self) { try await client.build("0123456789abcdef") }
            #expect(problem?.code == .notFound)
            let builds = try await client.builds(of: "main")
            #expect(builds.isEmpty)
        }
    }

    @Test func aRegistryThatIsNotThereIsUnreachableAndSaysHowToFinishLater() async throws {
        let client = try client("http://127.0.0.1:1", nil)
        let problem = await #expect(throws: Problem.self) { try await client.build("x") }
        #expect(problem?.code == .registryUnreachable)
        #expect(problem?.remedy.contains("purser push") == true)
    }

    @Test func aWrongTokenAndAMissingScopeSayWhatToDo() async throws {
        try await withClient(token: { _, _ in Secret("psr_nonsense") }) { client in
            let problem = await #expect(throws: Problem.self) { try await client.builds(of: "main") }
            #expect(problem?.code == .authMissing)
            #expect(problem?.remedy.contains("purser-registry token create") == true)
        }
        try await withClient(token: { _, folder in
            let administration = Administration(data: folder) { Self.now }
            return try await administration.createToken("t", scopes: ["read"], repositories: ["main"], days: nil).text
        }) { client in
            let upload = await #expect(throws: Problem.self) {
                try await client.upload(Digest.sha256(of: []), bytes: [])
            }
            #expect(upload?.code == .authForbidden)
            #expect(upload?.remedy.contains("--scope publish") == true)
        }
    }

    @Test func aHostThatTheRegistryDoesNotFetchFromIsNil() async throws {
        try await withClient { client in
            let answer = try await client.fetch(try HTTPURL("https://evil.example/x"), accept: "", type: "pypi")
            #expect(answer == nil)
        }
    }
}
