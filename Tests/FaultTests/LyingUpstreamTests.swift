import Core
import Gateway
import TestKit
import Testing

/// The twelve faults that caches in wide use hand on, four ecosystems with a digest known beforehand and one without.
@Suite struct LyingUpstreamTests {
    static let faults: [Fault] = [
        .truncate, .noLengthTruncate, .chunkedTruncate, .badChunk, .wrongLength(-7), .wrongLength(7), .append, .flip,
        .empty, .html, .unasked304, .gzipOverPlain,
    ]
    /// What nobody can see without a digest.
    static let unseen: [Fault] = [.noLengthTruncate, .wrongLength(-7), .append, .flip]

    @Test(arguments: faults, Package.Kind.claimed)
    func noWrongFileIsGivenOutAndNothingStaysWrong(_ fault: Fault, _ kind: Package.Kind) async throws {
        let scratch = try Scratch()
        let package = Package.make(kind)
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake, package.answer.with(fault))
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(!taken.isComplete || taken.body == package.bytes)
            if !taken.isComplete { #expect(taken.status == 502 && taken.reason?.isEmpty == false) }
            package.serve(on: scene.fake)
            let healed = try await scene.ask(package.url)
            #expect(healed.isComplete && healed.body == package.bytes)
        }
        try await Self.isHealedForTheNextJob(package, scratch)
    }

    @Test(arguments: faults, Package.Kind.claimed)
    func aLargeWrongFileIsNeverWhole(_ fault: Fault, _ kind: Package.Kind) async throws {
        let scratch = try Scratch()
        let package = Package.make(kind, size: 1_200_000)
        // Everything that can be given out early is.
        try await Scene.with(Scene.Setting { $0.patience = .zero }, scratch: scratch) { scene async throws in
            package.serve(on: scene.fake, package.answer.with(fault))
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(!taken.isComplete || taken.body == package.bytes)
            package.serve(on: scene.fake)
            let healed = try await scene.ask(package.url)
            #expect(healed.isComplete && healed.body == package.bytes)
        }
        try await Self.isHealedForTheNextJob(package, scratch)
    }

    @Test(arguments: faults.filter { !unseen.contains($0) })
    func whatTheWireBetraysIsRefusedWithoutADigestToo(_ fault: Fault) async throws {
        let scratch = try Scratch()
        try await Scene.with(scratch: scratch) { scene async throws in
            let package = Package.make(.unpinned)
            package.serve(on: scene.fake, package.answer.with(fault))
            let taken = try await scene.ask(package.url)
            #expect(!taken.isComplete)
            #expect(taken.status == 502)
            package.serve(on: scene.fake)
            let healed = try await scene.ask(package.url)
            #expect(healed.isComplete && healed.body == package.bytes)
        }
        #expect(scratch.files(below: "cache/sha256").isEmpty)
    }

    @Test(arguments: unseen)
    func whatNobodyCanSeeIsSaidAndNotKept(_ fault: Fault) async throws {
        let scratch = try Scratch()
        let package = Package.make(.unpinned)
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake, package.answer.with(fault))
            _ = try await scene.ask(package.url)
            #expect(scene.recorder.fetched.allSatisfy { $0.isUnclaimed })
            #expect(scene.recorder.gaps == ["unclaimed files.test"])
            package.serve(on: scene.fake)
            #expect(try await scene.ask(package.url).body == package.bytes)
        }
        #expect(scratch.files(below: "cache/sha256").isEmpty)
    }

    private static func isHealedForTheNextJob(_ package: Package, _ scratch: Scratch) async throws {
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(scratch.files(below: "cache/quarantine").isEmpty)
        }
    }
}
