import Core
import Storage
import Testing

@Suite struct RecordsBuildTests {
    let dev = (repository: "main", name: "dev")

    private func step(_ build: NewBuild, from source: String, to target: String) -> PromotionStep {
        PromotionStep(build: build.id, in: "main", from: source, to: target, gates: "[]")
    }

    @Test func aBuildBecomesVisibleWholeAndOnce() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let build = try build("s", of: [try hosted("app-1.0.whl"), try hosted("app-1.0.tar.gz", bytes: "b")])
            #expect(try await records.publish(build, to: "dev", by: "t", at: now) == .published)
            #expect(try await records.publish(build, to: "dev", by: "t", at: now) == .alreadyThere)
            let kept = try #require(try await records.build(id: build.id))
            #expect(kept.channels == ["dev"])
            #expect(kept.artifacts == build.artifacts)
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: dev).count == 2)
            #expect(try await records.builds(of: "main").map(\.id) == [build.id])
        }
    }

    @Test func aRefusedArtifactLeavesNothingOfItsBuild() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            _ = try await records.add(try hosted("app-1.0.tar.gz", bytes: "z"), to: dev, by: "t", at: now)
            let events = try await records.events(after: 0).count
            let build = try build("s", of: [try hosted("app-1.0.whl"), try hosted("app-1.0.tar.gz", bytes: "b")])
            let outcome = try await records.publish(build, to: "dev", by: "t", at: now)
            #expect(outcome == .refused(artifact: "app-1.0.tar.gz", .differs(try digest("z"))))
            #expect(try await records.build(id: build.id) == nil)
            #expect(try await records.file(named: "app-1.0.whl", type: "pypi", in: dev) == nil)
            #expect(try await records.events(after: 0).count == events)
        }
    }

    @Test func aBuildOfAnotherRepositoryIsNotTheSame() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            _ = try await records.add(Repository(name: "other"), by: "t", at: now)
            #expect(try await records.publish(try build("s", of: []), to: "dev", by: "t", at: now) == .published)
            let copy = try build("s", of: [], in: "other")
            #expect(try await records.publish(copy, to: "dev", by: "t", at: now) == .taken)
        }
    }

    @Test func promotionMovesPointersInOrder() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let file = try hosted("app-1.0.whl")
            let build = try build("s", of: [file])
            _ = try await records.publish(build, to: "dev", by: "t", at: now)
            let jump = step(build, from: "staging", to: "prod")
            #expect(try await records.promote(jump, by: "t", at: now) == .notInSource)
            let first = step(build, from: "dev", to: "staging")
            #expect(try await records.promote(first, by: "t", at: now) == .promoted)
            #expect(try await records.promote(first, by: "t", at: now) == .alreadyThere)
            #expect(try await records.promote(jump, by: "t", at: now) == .promoted)
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: ("main", "prod")) == [file])
            #expect(try await records.build(id: build.id)?.channels == ["dev", "staging", "prod"])
        }
    }

    @Test func aBuildWithADeletedFileIsNotPromoted() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let build = try build("s", of: [try hosted("app-1.0.whl")])
            _ = try await records.publish(build, to: "dev", by: "t", at: now)
            _ = try await records.deleteFile(named: "app-1.0.whl", type: "pypi", from: "main", by: "t", at: now)
            let outcome = try await records.promote(step(build, from: "dev", to: "staging"), by: "t", at: now)
            #expect(outcome == .gone("app-1.0.whl"))
        }
    }

    @Test func twoPromotionsAtOnceHaveOneWinner() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let build = try build("s", of: [try hosted("app-1.0.whl")])
            _ = try await records.publish(build, to: "dev", by: "t", at: now)
            let first = step(build, from: "dev", to: "staging")
            let outcomes = try await withThrowingTaskGroup(of: PromotionOutcome.self) { group in
                for _ in 0..<8 { group.addTask { try await records.promote(first, by: "t", at: now) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .promoted } == 1)
            #expect(outcomes.count { $0 == .alreadyThere } == 7)
        }
    }

    @Test func usedBlobsBecomeTheRepositorysOnlyIfThePusherHadThem() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            var build = try build("s", of: [])
            build.uses = [try digest("1"), try digest("2"), try digest("3")]
            try await records.hold(try digest("1"), by: .token("t"))
            try await records.hold(try digest("2"), by: .token("stranger"))
            try await records.hold(try digest("3"), by: .everybody)
            _ = try await records.publish(build, to: "dev", by: "t", at: now)
            let held = try await records.held(build.uses, by: [.repository("main")])
            #expect(held == [try digest("1"), try digest("3")])
        }
    }

    @Test func keepsVerdictsInOrder() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let build = try build("s", of: [])
            _ = try await records.publish(build, to: "dev", by: "t", at: now)
            #expect(try await records.addVerification(of: build.id, ("identical", ""), by: "v", at: now))
            #expect(try await records.addVerification(of: build.id, ("unknown", "no record"), by: "v", at: now))
            #expect(try await !records.addVerification(of: "nothing", ("identical", ""), by: "v", at: now))
            let verdicts = try await records.build(id: build.id)?.verifications.map(\.verdict)
            #expect(verdicts == ["identical", "unknown"])
        }
    }
}
