import Core
import Storage
import Testing

@Suite struct RecordsHostingTests {
    let dev = (repository: "main", name: "dev")

    @Test func whatIsServedBesideAFileIsFoundByItsOwnNameAndNeeded() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            var file = try hosted("app-1.0.whl")
            file.sidecar = HostedSidecar(suffix: ".metadata", digest: try digest("b"))
            let addition = try await records.add(file, to: ("main", "dev"), by: "test", at: now)
            #expect(addition == .added)
            let place = (repository: "main", name: "dev")
            #expect(try await records.file(named: file.file, type: "pypi", in: place) == file)
            let found = try await records.file(withSidecar: "app-1.0.whl.metadata", type: "pypi", in: place)
            #expect(found == file)
            for name in ["app-1.0.whl", "app-1.0.whl.asc", "app-1.0.metadata", ""] {
                #expect(try await records.file(withSidecar: name, type: "pypi", in: place) == nil)
            }
            #expect(try await records.neededBlobs()[digest("b")] == "metadata of file app-1.0.whl")
            #expect(try await records.lastingBlobs() == [digest("a"), digest("b")])
        }
    }

    @Test func showsAHostedFileInItsChannelOnly() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let file = try hosted("app-1.0-py3-none-any.whl")
            #expect(try await records.add(file, to: dev, by: "test", at: now) == .added)
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: dev) == [file])
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: ("main", "prod")).isEmpty)
            #expect(try await records.packages(type: "pypi", in: dev) == ["app"])
            #expect(try await records.file(named: file.file, type: "pypi", in: dev) == file)
        }
    }

    @Test func sameBytesAgainAreIdenticalAndOtherBytesDiffer() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let file = try hosted("app-1.0.tar.gz")
            let other = try hosted("app-1.0.tar.gz", bytes: "b")
            #expect(try await records.add(file, to: dev, by: "test", at: now) == .added)
            #expect(try await records.add(file, to: dev, by: "test", at: now) == .identical)
            #expect(try await records.add(other, to: dev, by: "test", at: now) == .differs(file.digest))
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: dev) == [file])
        }
    }

    @Test func aDeletedNameNeverComesBack() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let file = try hosted("app-1.0.tar.gz")
            _ = try await records.add(file, to: dev, by: "test", at: now)
            #expect(try await records.deleteFile(named: file.file, type: "pypi", from: "main", by: "test", at: now))
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: dev).isEmpty)
            #expect(try await records.add(file, to: dev, by: "test", at: now) == .burned)
            #expect(try await records.isHosted(package: "app", type: "pypi", in: "main"))
        }
    }

    @Test(arguments: [("left-pad", "leftpad"), ("foo", "f0o"), ("mylib", "my1ib"), ("a.b", "a-b")])
    func refusesAPackageWhoseNameReadsLikeAnother(first: String, second: String) async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            _ = try await records.add(try hosted("one.whl", package: first), to: dev, by: "test", at: now)
            let addition = try await records.add(try hosted("two.whl", package: second), to: dev, by: "test", at: now)
            #expect(addition == .tooClose(first))
        }
    }

    @Test func oneOfManyRacersWinsEveryRound() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            for round in 0..<100 {
                let additions = try await withThrowingTaskGroup(of: Addition.self) { group in
                    for bytes in ["a", "b", "c", "a"] as [Character] {
                        let file = try hosted("app-\(round).tar.gz", version: "\(round)", bytes: bytes)
                        group.addTask {
                            try await records.add(file, to: ("main", "dev"), by: "test", at: now)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(additions.count { $0 == .added } == 1)
                #expect(additions.count { $0.isRefusal } >= 2)
            }
            #expect(try await records.files(ofPackage: "app", type: "pypi", in: dev).count == 100)
        }
    }

    @Test func searchWordsAreBoundAndNeverRead() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            for word in ["' OR 1=1 --", "%", "_", "\u{0}", String(repeating: "x", count: 1_000_000)] {
                #expect(try await records.files(ofPackage: word, type: word, in: (word, word)).isEmpty)
                #expect(try await records.repository(named: word) == nil)
                #expect(try await records.build(id: word) == nil)
            }
        }
    }

    @Test(arguments: ["", "-a", "a-", "A", "a_b", "api", "v2", "metrics", "a/b", "..", "é"])
    func refusesNamesThatAreNoRepository(name: String) { #expect(!Repository.isName(name)) }

    @Test func aPinnedAnswerKeepsItsFirstBytes() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            func answer(_ bytes: Character, pinned: Bool) throws -> KeptAnswer {
                KeptAnswer(
                    key: try digest("k"),
                    url: "https://files.example/a.whl",
                    head: (200, ["content-type": "application/zip"]),
                    body: (try digest(bytes), 3),
                    isPinned: pinned,
                    fetched: now
                )
            }
            #expect(try await records.keep(try answer("a", pinned: true)))
            #expect(try await records.keep(try answer("a", pinned: true)))
            #expect(try await !records.keep(try answer("b", pinned: true)))
            #expect(try await records.answer(for: try digest("k")) == (try answer("a", pinned: true)))
            #expect(try await records.held([try digest("a")], by: [.everybody]) == [try digest("a")])
        }
    }
}
