import Core
import Foundation
import Policy
import Testing

/// docs/policy.md shows only what works.
@Suite struct DocumentationTests {
    @Test func everyYAMLExampleLoads() throws {
        let examples = try Self.blocks("yaml")
        #expect(examples.count >= 8)
        for example in examples {
            do throws(Problem) {
                _ = try PolicyFile.parse(example, name: "docs/policy.md").policy(overridingMode: nil)
            } catch {
                Issue.record("\(error)\n\(example)")
            }
        }
    }

    @Test func theDenialIsWhatPolicySays() throws {
        let text = try #require(Self.blocks("json").first)
        let shown = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let published = try #require(Timestamp(rfc3339: "2026-11-21T06:00:00Z"))
        let facts = try facts("pkg:npm/axios@1.14.1") {
            $0.now = Timestamp(seconds: published.seconds + 5 * 3_600)
            $0.release.published = PublishTime(published, basis: .registryTime)
        }
        let problem = Policy.builtIn(mode: .enforce).judge(facts)
            .problem(subject: "pkg:npm/axios@1.14.1", newestAllowed: "1.14.0")
        #expect(shown["code"] as? String == problem.code.rawValue)
        #expect(shown["rule"] as? String == problem.rule)
        #expect(shown["subject"] as? String == problem.subject)
        #expect(shown["summary"] as? String == problem.summary)
        #expect(shown["remedy"] as? String == problem.remedy)
        #expect((shown["details"] as? [String: String])?["evidence"] == problem.details.first?.text)
    }

    private static func blocks(_ language: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/policy.md"), encoding: .utf8)
        var blocks: [String] = []
        for part in text.components(separatedBy: "```\(language)\n").dropFirst() {
            blocks.append(try #require(part.components(separatedBy: "\n```").first) + "\n")
        }
        return blocks
    }
}
