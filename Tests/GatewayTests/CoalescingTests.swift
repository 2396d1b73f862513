import Core
import Gateway
import TestKit
import Testing

@Suite struct CoalescingTests {
    @Test(arguments: Package.Kind.allCases)
    func aHundredAskersOfOneColdArtifactCauseOneFetch(_ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(kind, size: 200_000)
            let gate = Gate()
            package.serve(on: scene.fake, package.answer.waiting(after: 1_000, for: gate))
            try await scene.announce(package)
            let taken = try await withThrowingTaskGroup(of: Taken.self) { group in
                for _ in 0..<100 { group.addTask { try await scene.ask(package.url) } }
                #expect(await eventually { gate.arrived == 1 })
                try await Task.sleep(for: .milliseconds(50))
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(taken.count == 100)
            #expect(taken.allSatisfy { $0.isComplete && $0.body == package.bytes })
            #expect(scene.fake.requests(for: package.path).count { $0.method == "GET" } == 1)
            #expect(scene.recorder.fetched.count == 1)
        }
    }

    @Test func anIndexIsAskedForOnceHoweverManyWantIt() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.npm)
            let gate = Gate()
            scene.fake.serve(package.indexPath, package.indexAnswer.waiting(after: 10, for: gate))
            let taken = try await withThrowingTaskGroup(of: Taken.self) { group in
                for _ in 0..<50 { group.addTask { try await scene.ask(package.index ?? "", accept: package.accept) } }
                #expect(await eventually { gate.arrived == 1 })
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(taken.allSatisfy { $0.isComplete && $0.text.contains("demo-1.0.0.tgz") })
            #expect(scene.fake.count(package.indexPath) == 1)
        }
    }

    @Test func thoseWhoStayGetTheWholeWhenOthersLeave() async throws {
        try await Scene.with(Scene.Setting { $0.patience = .milliseconds(20) }) { scene async throws in
            let package = Package.make(.pypi, size: 3 << 20)
            let gate = Gate()
            package.serve(on: scene.fake, package.answer.waiting(after: 2 << 20, for: gate))
            try await scene.announce(package)
            let whole = try await withThrowingTaskGroup(of: Taken.self) { group in
                for _ in 0..<32 { group.addTask { try await scene.ask(package.url) } }
                await withTaskGroup(of: Void.self) { leaving in
                    for _ in 0..<32 {
                        leaving.addTask {
                            let taken = try? await scene.ask(package.url, reader: Reader(leavesAfter: 1_024))
                            #expect(taken?.isWhole == false)
                        }
                    }
                }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(whole.count == 32)
            #expect(whole.allSatisfy { $0.isComplete && $0.body == package.bytes })
            #expect(scene.fake.count(package.path) == 1)
        }
    }

    @Test func aFailedFetchFailsAllOnce() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi, size: 50_000)
            let gate = Gate()
            package.serve(on: scene.fake, package.answer.with(.flip).waiting(after: 10, for: gate))
            try await scene.announce(package)
            let taken = try await withThrowingTaskGroup(of: Taken.self) { group in
                for _ in 0..<40 { group.addTask { try await scene.ask(package.url) } }
                #expect(await eventually { gate.arrived == 1 })
                try await Task.sleep(for: .milliseconds(50))
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(taken.allSatisfy { $0.status == 502 && $0.code == "integrity.mismatch" })
            #expect(scene.fake.count(package.path) == 2)
            #expect(scene.recorder.refusals.count == 1)
        }
    }

    @Test func aFetchEndsWhenAllHaveLeftAndLittleOfItIsThere() async throws {
        try await Scene.with(Scene.Setting { $0.patience = .milliseconds(20) }) { scene async throws in
            let package = Package.make(.pypi, size: 8 << 20)
            let gate = Gate()
            package.serve(on: scene.fake, package.answer.waiting(after: 2 << 20, for: gate), package.answer)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url, reader: Reader(leavesAfter: 1_024))
            #expect(!taken.isWhole)
            let again = try await scene.ask(package.url)
            #expect(again.isComplete && again.body == package.bytes)
            #expect(scene.fake.count(package.path) == 2)
            #expect(scene.recorder.refusals.isEmpty)
            gate.open()
        }
    }

    @Test func aFetchGoesOnWhenAllHaveLeftAndMuchOfItIsThere() async throws {
        try await Scene.with(Scene.Setting { $0.patience = .milliseconds(20) }) { scene async throws in
            let package = Package.make(.pypi, size: 3 << 20)
            let gate = Gate()
            package.serve(on: scene.fake, package.answer.waiting(after: (5 << 20) / 2, for: gate))
            try await scene.announce(package)
            // Reads more than half, so that more than half is there.
            let taken = try await scene.ask(package.url, reader: Reader(leavesAfter: 2 << 20))
            #expect(!taken.isWhole)
            gate.open()
            let again = try await scene.ask(package.url)
            #expect(again.isComplete && again.body == package.bytes)
            #expect(scene.fake.count(package.path) == 1)
        }
    }

    @Test func aSlowReaderHoldsNobodyUp() async throws {
        try await Scene.with(Scene.Setting { $0.patience = .milliseconds(20) }) { scene async throws in
            let package = Package.make(.npm, size: 3 << 20)
            let (gate, slow) = (Gate(), Gate())
            package.serve(on: scene.fake, package.answer.waiting(after: 2 << 20, for: gate))
            try await scene.announce(package)
            async let late = scene.ask(package.url, reader: Reader(gate: slow))
            #expect(await eventually { slow.arrived == 1 })
            gate.open()
            let fast = try await scene.ask(package.url)
            #expect(fast.isComplete && fast.body == package.bytes)
            slow.open()
            let taken = try await late
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(scene.fake.count(package.path) == 1)
        }
    }
}
