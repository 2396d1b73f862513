import Core
import Foundation
import Knowledge
import Testing

/// A snapshot file says what the records said, and a damaged one says nothing.
@Suite struct SnapshotFileTests {
    private static func compiled(_ scratch: Scratch, count: Int = 200) throws -> (records: String, file: String) {
        let lines = (0..<count).map { index in
            record(
                index.isMultiple(of: 3) ? "MAL-\(index)" : "GHSA-\(index)",
                ["npm", "PyPI", "Go"][index % 3],
                "evil-\(index / 2)",
                affected: "\"versions\":[\"7.0\"],\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":"
                    + "[{\"introduced\":\"1\"},{\"fixed\":\"\(index).5\"}]}]",
                more: "\"aliases\":[\"CVE-\(index)\"],\"database_specific\":{\"severity\":\"HIGH\"},"
            )
        }
        let records = try scratch.write("records.jsonl", lines.joined(separator: "\n"))
        let file = "\(scratch.path)/osv.snapshot"
        try Data(AdvisorySnapshot.compiled(from: records)).write(to: URL(filePath: file))
        return (records, file)
    }

    @Test func answersAsTheRecordsDo() throws {
        let scratch = try Scratch()
        let (records, file) = try Self.compiled(scratch)
        let (read, opened) = (try AdvisorySnapshot.load(path: records), try AdvisorySnapshot.load(path: file))
        #expect(opened.recordCount == 200 && opened.malwareCount == 67)
        #expect(opened.malwareCount == read.malwareCount)
        for index in 0..<100 {
            for type in ["npm", "pypi", "golang"] {
                for version in ["0.9", "1", "3.2", "7", "v1.1"] {
                    let purl = try Purl(parsing: "pkg:\(type)/evil-\(index)@\(version)")
                    let expected = read.advisories(for: purl, compare: dotted)
                    #expect(opened.advisories(for: purl, compare: dotted) == expected)
                }
            }
        }
        let one = try #require(opened.advisories(for: try Purl(parsing: "pkg:pypi/evil-5@2"), compare: dotted)?.first)
        #expect(one.id == "GHSA-10" && one.aliases == ["CVE-10"] && one.severity == .high && one.fixedIn == ["10.5"])
    }

    @Test func tellsWhenItsYoungestRecordWasWritten() throws {
        let scratch = try Scratch()
        func dated(_ id: String, _ time: String, _ more: String = "") -> String {
            "{\"id\":\"\(id)\",\"modified\":\"\(time)\",\(more)\"affected\":[{\"package\":"
                + "{\"ecosystem\":\"npm\",\"name\":\"a\"},\"versions\":[\"1\"]}]}"
        }
        let lines = [
            dated("A-1", "2026-02-01T00:00:00Z"),
            dated("A-2", "2026-05-01T10:00:00.5Z", "\"withdrawn\":\"2026-05-01T10:00:00Z\","),
            dated("A-3", "2026-03-01T00:00:00Z"),
        ]
        let records = try scratch.write("dated.jsonl", lines.joined(separator: "\n"))
        let file = "\(scratch.path)/dated.snapshot"
        try Data(AdvisorySnapshot.compiled(from: records)).write(to: URL(filePath: file))
        for path in [records, file] {
            #expect(try AdvisorySnapshot.load(path: path).newest == Timestamp(rfc3339: "2026-05-01T10:00:00Z"))
        }
    }

    @Test func isTheSameFileForTheSameRecords() throws {
        let scratch = try Scratch()
        let (records, file) = try Self.compiled(scratch)
        let bytes = try AdvisorySnapshot.compiled(from: records)
        #expect(try Array(Data(contentsOf: URL(filePath: file))) == bytes)
        #expect(try AdvisorySnapshot.load(path: file).digest != AdvisorySnapshot.load(path: records).digest)
    }

    /// A bit that turns in an entry makes the answer unknown; one in the table changes the digest or ends the opening.
    @Test func neverGivesAnAnswerFromDamagedBytes() throws {
        let scratch = try Scratch()
        let (_, file) = try Self.compiled(scratch, count: 20)
        let good = try AdvisorySnapshot.load(path: file)
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        let purls = try (0..<10).flatMap { index in
            try ["npm", "pypi", "golang"].map { try Purl(parsing: "pkg:\($0)/evil-\(index)@1.2") }
        }
        for at in stride(from: 0, to: bytes.count, by: 7) {
            var bad = bytes
            bad[at] ^= 0x10
            try Data(bad).write(to: URL(filePath: "\(scratch.path)/bad"))
            guard let opened = try? AdvisorySnapshot.load(path: "\(scratch.path)/bad") else { continue }
            guard opened.digest == good.digest else { continue }
            for purl in purls {
                guard let found = opened.advisories(for: purl, compare: dotted) else { continue }
                #expect(found == good.advisories(for: purl, compare: dotted))
            }
        }
        try Data(bytes.dropLast(40)).write(to: URL(filePath: "\(scratch.path)/cut"))
        let cut = try AdvisorySnapshot.load(path: "\(scratch.path)/cut")
        #expect(purls.contains { cut.advisories(for: $0, compare: dotted) == nil })
        try Data(bytes.prefix(200)).write(to: URL(filePath: "\(scratch.path)/stub"))
        #expect(throws: Problem.self) { try AdvisorySnapshot.load(path: "\(scratch.path)/stub") }
    }
}

/// How bad a record says that it is.
@Suite struct SeverityTests {
    /// Vectors with the scores that their specifications' own examples and calculators give.
    @Test(arguments: [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98), ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64), ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61),
        ("CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:N", 47), ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N", 59), ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 75),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 100), ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 62),
    ])
    func scoresVectors(_ vector: String, _ tenths: Int) throws {
        #expect(try Self.rated("\"severity\":[{\"type\":\"CVSS\",\"score\":\"\(vector)\"}],").score == tenths)
    }

    @Test func ratesByVectorThenByWord() throws {
        let critical =
            "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}],"
        #expect(try Self.rated(critical).severity == .critical)
        #expect(try Self.rated(critical + "\"database_specific\":{\"severity\":\"LOW\"},").severity == .critical)
        #expect(try Self.rated("\"database_specific\":{\"severity\":\"MODERATE\"},").severity == .medium)
        #expect(try Self.rated("\"severity\":[{\"type\":\"Ubuntu\",\"score\":\"high\"}],").severity == .high)
        let fourth =
            "\"severity\":[{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N\"}],"
        #expect(try Self.rated(fourth).severity == .critical)
        #expect(try Self.rated("").severity == nil)
        for nonsense in ["", "CVSS:3.1/", "CVSS:9.9/AV:N", "////::", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"] {
            #expect(try Self.rated("\"severity\":[{\"type\":\"CVSS\",\"score\":\"\(nonsense)\"}],").severity == nil)
        }
    }

    @Test func namesRepositoriesByTheirHostsType() throws {
        let scratch = try Scratch()
        let text = """
            {"id":"CVE-1","affected":[{"ranges":[{"type":"GIT","repo":"https://github.com/Evil/Kit.git",\
            "events":[{"introduced":"0"},{"last_affected":"abc"}]}],"versions":["v1.0"]}]}
            """
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.json", text))
        #expect(try snapshot.ids("pkg:github/evil/kit@v1.0") == ["CVE-1"])
        #expect(try snapshot.ids("pkg:github/evil/kit@abc") == ["CVE-1"])
        #expect(try snapshot.ids("pkg:github/evil/kit@def").isEmpty)
    }

    private static func rated(_ more: String) throws -> AdvisoryRecord {
        let scratch = try Scratch()
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.json", record("GHSA-1", more: more)))
        return try #require(snapshot.advisories(for: try Purl(parsing: "pkg:npm/evil@1"), compare: dotted)?.first)
    }
}
