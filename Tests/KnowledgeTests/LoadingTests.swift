import Core
import Foundation
import Knowledge
import Testing

@Suite struct LoadingTests {
    @Test func readsAnArrayLinesOneRecordAndAFolderAlike() throws {
        let scratch = try Scratch()
        let (a, b) = (record("MAL-1"), record("MAL-2", "PyPI", "evil"))
        let pretty = a.replacingOccurrences(of: ",", with: ",\n  ")
        let paths = [
            try scratch.write("array.json", "[\n\(a),\n\(b)\n]"),
            try scratch.write("lines.json", "\(a)\n\n\(b)\n"),
            try scratch.write("lines.jsonl", "\(a)\n\(b)"),
        ]
        try scratch.write("folder/npm/evil/MAL-1.json", pretty)
        try scratch.write("folder/pypi/MAL-2.json", b)
        try scratch.write("folder/README.md", "not data")
        try scratch.write("folder/.git/x.json", "not data")
        for path in paths + ["\(scratch.path)/folder"] {
            let snapshot = try AdvisorySnapshot.load(path: path)
            #expect(snapshot.recordCount == 2)
            #expect(try snapshot.ids("pkg:npm/evil@1") == ["MAL-1"])
            #expect(try snapshot.ids("pkg:pypi/evil@1") == ["MAL-2"])
            #expect(try snapshot.ids("pkg:npm/good@1").isEmpty)
        }
    }

    @Test func passesOverWithdrawnRecordsAndTellsFlawsFromMalware() throws {
        let scratch = try Scratch()
        let path = try scratch.write(
            "a.json",
            """
            [\(record("MAL-1", more: "\"withdrawn\":\"2026-01-01T00:00:00Z\",")), \(record("GHSA-1")),
             \(record("GHSA-2", more: "\"aliases\":[\"MAL-9\"],"))]
            """
        )
        let all = try AdvisorySnapshot.load(path: path)
        let found = try #require(all.advisories(for: try Purl(parsing: "pkg:npm/evil@1"), compare: dotted))
        #expect(found.map(\.id) == ["GHSA-1", "GHSA-2"])
        #expect(found.map(\.isMalware) == [false, true])
        #expect(found.map(\.summary) == ["Malicious code in evil", "Malicious code in evil"])
        #expect(all.malwareCount == 1)
        #expect(all.recordCount == 3)
    }

    @Test func hasTheDigestOfWhatItRead() throws {
        let scratch = try Scratch()
        let path = try scratch.write("a.json", record("MAL-1"))
        let one = try AdvisorySnapshot.load(path: path).digest
        #expect(try AdvisorySnapshot.load(path: path).digest == one)
        try scratch.write("a.json", record("MAL-2"))
        #expect(try AdvisorySnapshot.load(path: path).digest != one)
        let folder = try AdvisorySnapshot.load(path: scratch.path).digest
        try FileManager.default.moveItem(atPath: path, toPath: "\(scratch.path)/b.json")
        #expect(try AdvisorySnapshot.load(path: scratch.path).digest != folder)
    }

    @Test(arguments: [
        ("[\n{\"id\":1}\n]", 2), ("[\n\n{}\n]", 3), ("{\"id\":\"MAL-1\"", 1),
        ("{\"id\":\"MAL-1\",\n\"id\":\"MAL-2\"}", 2),
        ("[7]", 1), ("7", 1), ("{\"id\":\"MAL-1\"}\n{\"id\":\n", 2),
        ("{\"id\":\"MAL-1\"}\n{\"id\":\"MAL-1\",\"affected\":7}", 2),
        ("{\"id\":\"MAL-1\",\"affected\":[{\"package\":{\"name\":\"x\"}}]}", 1),
        (record("MAL-1", affected: "\"versions\":[1]"), 1),
        (record("MAL-1", affected: "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"fixed\":\"1\"}]}]"), 1),
        (record("MAL-1", affected: "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":0}]}]"), 1),
        (String(repeating: "[", count: 100_000), 1),
    ])
    func refusesARecordItCannotReadAndNamesTheLine(_ text: String, _ line: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.write("a.json", text)
        let problem = #expect(throws: Problem.self) { try AdvisorySnapshot.load(path: path) }
        #expect(problem?.code == .configUnreadable)
        #expect(problem?.subject == "\(path) line \(line)", "\(problem?.description ?? "nothing")")
    }

    @Test func refusesWhatIsMissingEmptyOrNoData() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: "\(scratch.path)/empty", withIntermediateDirectories: true)
        let paths = [
            "\(scratch.path)/none", "\(scratch.path)/empty", try scratch.write("blank.json", ""),
            try scratch.write("list.json", "[]"), try scratch.write("all.zip", "PK\u{3}\u{4}"), "bad\u{0}path", "",
        ]
        for path in paths {
            let problem = #expect(throws: Problem.self) { try AdvisorySnapshot.load(path: path) }
            #expect(problem?.code == .configUnreadable, "\(path)")
        }
    }

    @Test func staysWithinItsLimits() throws {
        let scratch = try Scratch()
        for index in 0..<4 { try scratch.write("\(index)/MAL-\(index).json", record("MAL-\(index)")) }
        let tight: [(inout AdvisorySnapshot.Limits) -> Void] = [
            { $0.files = 3 }, { $0.records = 3 }, { $0.fileBytes = 20 }, { $0.totalBytes = 300 }, { $0.depth = 0 },
        ]
        for tighten in tight {
            var limits = AdvisorySnapshot.Limits()
            tighten(&limits)
            #expect(throws: Problem.self) { try AdvisorySnapshot.load(path: scratch.path, limits: limits) }
        }
        #expect(try AdvisorySnapshot.load(path: scratch.path).recordCount == 4)
    }

    @Test func doesNotFollowLinksInAFolder() throws {
        let scratch = try Scratch()
        try scratch.write("data/MAL-1.json", record("MAL-1"))
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/data/loop",
            withDestinationPath: "\(scratch.path)/data"
        )
        #expect(try AdvisorySnapshot.load(path: "\(scratch.path)/data").recordCount == 1)
    }

    @Test func keepsSummariesToOneShortLine() throws {
        let scratch = try Scratch()
        let long = String(repeating: "x", count: 5_000)
        let text =
            "{\"id\":\"MAL-1\",\"details\":\"\\n  \\n\(long)\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"evil\"}}]}"
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.json", text))
        let found = snapshot.advisories(for: try Purl(parsing: "pkg:npm/evil@1"), compare: dotted)
        #expect(found?.first?.summary.count == 200)
    }

    @Test func findsEachOfManyRecords() throws {
        let scratch = try Scratch()
        let lines = (0..<10_000).map { record("MAL-2026-\($0)", "npm", "evil-\($0)") }.joined(separator: "\n")
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.jsonl", lines))
        #expect(snapshot.recordCount == 10_000)
        for index in stride(from: 0, to: 10_000, by: 97) {
            #expect(try snapshot.ids("pkg:npm/evil-\(index)@1") == ["MAL-2026-\(index)"])
        }
    }
}
