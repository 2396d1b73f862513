import Core
import Gateway
import TestKit
import Testing
import Upstream

/// Large bodies that go out while they arrive.
@Suite struct StreamedBodyTests {
    private static let size = 3 << 20
    private static let setting = Scene.Setting { $0.patience = .milliseconds(20) }

    @Test(arguments: Package.Kind.claimed)
    func theLastBytesWaitForVerificationAndTheNextAskerHearsTheReason(_ kind: Package.Kind) async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(kind, size: Self.size)
            let (gate, reading) = (Gate(), Gate())
            package.serve(on: scene.fake, package.answer.with(.flip).waiting(after: 2 << 20, for: gate))
            try await scene.announce(package)
            async let asked = scene.ask(package.url, reader: Reader(gate: reading))
            #expect(await eventually { reading.arrived > 0 })
            reading.open()
            gate.open()
            let taken = try await asked
            #expect(taken.status == 200)
            #expect(!taken.isWhole)
            #expect(taken.problem?.code == .integrityMismatch)
            #expect(taken.body.count <= package.bytes.count - (32 << 10))
            let next = try await scene.ask(package.url)
            #expect(next.status == 502)
            #expect(next.reason?.hasPrefix("integrity.mismatch: \(package.purl)") == true)
        }
    }

    @Test func noByteOfTheLastPartLeavesBeforeTheWholeIsThere() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.pypi, size: Self.size)
            let gate = Gate()
            package.serve(on: scene.fake, package.answer.waiting(after: package.bytes.count - 1, for: gate))
            try await scene.announce(package)
            guard case .stream(let length, let next) = try await scene.reply(to: package.url).body else {
                Issue.record("not streamed")
                return
            }
            #expect(length == Int64(package.bytes.count))
            var given = 0
            while given < package.bytes.count - 1 - (32 << 10) { given += try await next()?.count ?? 0 }
            #expect(given == package.bytes.count - 1 - (32 << 10))
            gate.open()
            while let piece = try await next() { given += piece.count }
            #expect(given == package.bytes.count)
        }
    }

    @Test(arguments: [Fault.truncate, .resetInBody])
    func aBreakGoesOnWithTheSameBytes(_ fault: Fault) async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.unpinned, size: Self.size)
            let taken = try await Self.interrupted(scene, package, by: fault, then: package.bytes)
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(scene.recorder.fetched.first?.attempts == 2)
        }
    }

    @Test func aBreakEndsWithOtherBytes() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.unpinned, size: Self.size)
            var other = package.bytes
            other[1_000] ^= 1
            let taken = try await Self.interrupted(scene, package, by: .truncate, then: other)
            #expect(!taken.isWhole)
            #expect(taken.problem?.reason == "changed")
        }
    }

    @Test func aBreakEndsWithAnotherLength() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.unpinned, size: Self.size)
            let taken = try await Self.interrupted(scene, package, by: .truncate, then: package.bytes + [0])
            #expect(!taken.isWhole)
            #expect(taken.problem?.reason == "changed")
        }
    }

    @Test func aCodedBodyIsDecodedBeforeAnybodySeesIt() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.pinned, size: Self.size)
            let gate = Gate()
            let coded = FakeAnswer(Archives.gzip(package.bytes)).with("Content-Encoding", "gzip")
            package.serve(on: scene.fake, coded.waiting(after: 2 << 20, for: gate))
            try await scene.announce(package)
            async let asked = scene.ask(package.url)
            #expect(await eventually { gate.arrived == 1 })
            try await Task.sleep(for: .milliseconds(60))
            gate.open()
            let taken = try await asked
            #expect(taken.isComplete && taken.body == package.bytes)
        }
    }

    @Test func aRangeOfASlowColdFileIsAnsweredWithTheWhole() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.pypi, size: Self.size)
            let (gate, reading) = (Gate(), Gate())
            package.serve(on: scene.fake, package.answer.waiting(after: 2 << 20, for: gate))
            try await scene.announce(package)
            let range = [HeaderField("Range", "bytes=100-199")]
            async let asked = scene.ask(package.url, range, reader: Reader(gate: reading))
            #expect(await eventually { reading.arrived > 0 })
            reading.open()
            gate.open()
            let taken = try await asked
            #expect(taken.status == 200 && taken.body == package.bytes)
        }
    }

    @Test func anEndlessBodyOfNobodysIsGivenUp() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let package = Package.make(.unpinned)
            package.serve(on: scene.fake, package.answer.with(.endless), package.answer)
            let taken = try await scene.ask(package.url, reader: Reader(leavesAfter: 1_000))
            #expect(!taken.isWhole)
            // Nobody reads it, so it has ended, and the next one asks anew.
            let again = try await scene.ask(package.url)
            #expect(again.isComplete && again.body == package.bytes)
            #expect(scene.fake.count(package.path) == 2)
        }
    }

    /// Half of the package, a client that has some of it, the break, and what the upstream says afterwards.
    private static func interrupted(_ scene: Scene, _ package: Package, by fault: Fault, then bytes: [UInt8])
        async throws -> Taken
    {
        let (gate, reading) = (Gate(), Gate())
        package.serve(
            on: scene.fake,
            package.answer.with(fault).waiting(after: 1_300_000, for: gate),
            FakeAnswer(bytes)
        )
        async let asked = scene.ask(package.url, reader: Reader(gate: reading))
        #expect(await eventually { reading.arrived > 0 })
        // The client goes on only as far as the bytes of the first try lead.
        gate.open()
        reading.open()
        return try await asked
    }
}
