import Core
import Foundation
import JSONText
import Manifest
import Testing

/// The examples of docs/manifest.md are what the readers read.
@Suite struct DocumentationTests {
    private func example(_ name: String) throws -> JSON {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/manifest.md"), encoding: .utf8)
        let start = try #require(page.firstRange(of: "```json \(name)\n"))
        let rest = page[start.upperBound...]
        let end = try #require(rest.firstRange(of: "\n```"))
        return try JSON(parsing: Array(rest[..<end.lowerBound].utf8))
    }

    @Test func theManifestOfThePageIsOne() throws {
        let manifest = try BuildManifest(parsing: example("purser.lock").canonicalBytes())
        #expect(manifest.inputs.count == 1 && manifest.artifacts?.count == 1)
    }

    @Test func theReportOfThePageIsOne() throws {
        let example = try example("purser-run.json")
        let report = try RunReport(parsing: example.prettyBytes())
        #expect(report.prettyBytes() == example.prettyBytes())
    }

    @Test func theRecordOfThePageIsOne() throws {
        #expect(try ReplayRecord(parsing: example("record").canonicalBytes()).entries.count == 1)
    }
}
