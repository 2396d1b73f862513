import Core
import Gateway
import TestKit
import Testing

/// A recorder that fails at its n-th event, for every n: nobody ends up with a whole answer that was not written down.
@Suite struct RecordingTests {
    @Test(arguments: Array(0..<8), Package.Kind.allCases)
    func nothingIsServedThatCouldNotBeRecorded(_ event: Int, _ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(kind)
            package.serve(on: scene.fake)
            if let pin = package.pin { scene.gateway.learn([pin], from: "tools.lock") }
            scene.recorder.fail(at: event)
            for _ in 0..<2 {
                if let index = package.index {
                    let taken = try await scene.ask(index, accept: package.accept)
                    #expect(!taken.isComplete || Self.isAnswered(scene, index))
                }
                let taken = try await scene.ask(package.url)
                #expect(!taken.isComplete || Self.isRecorded(scene, package))
            }
            scene.recorder.fail(at: nil)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(Self.isRecorded(scene, package))
        }
    }

    @Test(arguments: Array(0..<4))
    func aStreamedBodyDoesNotEndBeforeItIsRecorded(_ event: Int) async throws {
        try await Scene.with(Scene.Setting { $0.patience = .zero }) { scene async throws in
            let package = Package.make(.pinned, size: 3 << 20)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            scene.recorder.fail(at: event)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete == (event > 2))
            #expect(!taken.isComplete || Self.isRecorded(scene, package))
        }
    }

    @Test func whoAsksMeanwhileWaitsForTheRecordToo() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let taken = try await scene.ask(package.url)
                        #expect(taken.isComplete && Self.isRecorded(scene, package))
                    }
                }
                try await group.waitForAll()
            }
            #expect(scene.recorder.fetched.count == 1)
        }
    }

    private static func isAnswered(_ scene: Scene, _ url: String) -> Bool {
        scene.recorder.answers.contains { $0.request.url.description == url && $0.body != nil }
    }

    private static func isRecorded(_ scene: Scene, _ package: Package) -> Bool {
        scene.recorder.fetched.contains { $0.digests.contains(package.digest) } && isAnswered(scene, package.url)
    }
}
