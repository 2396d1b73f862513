import Core
import Ecosystems
import Foundation
import Synchronization
import Testing

@testable import Registry

/// Anybody may ask whether the registry is ready, as often as he likes: the disk is tried once in a few seconds.
@Suite(.serialized) struct ReadinessTests {
    private static let full = Declined(Problem(.storageFull, subject: "disk", summary: "is full", remedy: "-"))

    @Test func whatWasFoundIsRememberedForSomeSeconds() async {
        let readiness = Readiness(seconds: 5)
        let attempts = Counter()
        func ask(_ second: Int64, finding problem: Declined? = nil) async -> Int? {
            await readiness.problem(at: Timestamp(seconds: second)) {
                attempts.add()
                return problem
            }?.status
        }
        #expect(await ask(100) == nil)
        #expect(await ask(104, finding: Self.full) == nil)
        #expect(attempts.count == 1)
        #expect(await ask(105, finding: Self.full) == 507)
        #expect(await ask(109) == 507)
        #expect(await ask(110) == nil)
        #expect(attempts.count == 3)
        // A clock that was set back.
        #expect(await ask(50, finding: Self.full) == 507)
        #expect(attempts.count == 4)
    }

    @Test func thoseWhoAskTogetherShareOneAttempt() async {
        let readiness = Readiness(seconds: 5)
        let attempts = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let problem = await readiness.problem(at: Timestamp(seconds: 1)) {
                        attempts.add()
                        try? await Task.sleep(for: .milliseconds(50))
                        return Self.full
                    }
                    #expect(problem?.status == 507)
                }
            }
        }
        #expect(attempts.count == 1)
    }

    @Test func theServerTriesItsDiskAgainWhenTheSecondsAreOver() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-registry-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = Clock()
        let configuration = RegistryConfiguration(
            data: folder,
            listen: ("127.0.0.1", 0),
            ecosystems: Catalog.all,
            now: { clock.now }
        )
        try await RegistryScratch.serve(configuration) { ready in
            let client = try RegistryScratch.client(of: folder, ready.address, ready.port, admin: "")
            #expect(try await client.get("/readyz").status == 200)
            try FileManager.default.removeItem(atPath: folder + "/uploads")
            #expect(try await client.get("/readyz").status == 200)
            clock.advance(by: 5)
            #expect(try await client.get("/readyz").status == 503)
            #expect(try await client.get("/healthz").status == 200)
        }
    }

    /// How often something was done.
    private final class Counter: Sendable {
        private let state = Atomic<Int>(0)

        var count: Int { state.load(ordering: .relaxed) }
        func add() { state.add(1, ordering: .relaxed) }
    }

    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let seconds = Atomic<Int64>(RegistryScratch.now.seconds)

        var now: Timestamp { Timestamp(seconds: seconds.load(ordering: .relaxed)) }
        func advance(by count: Int64) { seconds.add(count, ordering: .relaxed) }
    }
}
