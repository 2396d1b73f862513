import Attestation
import Core
import Foundation
import JSONText
import Testing

/// The examples of docs/manifest.md are what the readers read, and belong together.
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

    @Test func theStatementOfThePageSpeaksForItsFiles() throws {
        let statement = try Statement(parsing: example("statement").canonicalBytes())
        try statement.check(.manifest, is: example("purser.lock").canonicalBytes(), named: "purser.lock")
        try statement.check(.report, is: example("purser-run.json").prettyBytes(), named: "purser-run.json")
        try statement.check(.record, is: example("record").canonicalBytes(), named: "record")
    }

    @Test func theTrustFileOfThePageIsOne() throws {
        let trust = try TrustFile(parsing: example("purser-trust.json").prettyBytes())
        #expect(trust.keys.first?.channels == ["dev", "staging"])
    }
}
