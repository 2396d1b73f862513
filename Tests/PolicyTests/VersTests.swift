import Core
import Foundation
import Policy
import Testing

/// The containment cases of the vers specification.
@Suite struct VersTests {
    private struct Suite: Decodable {
        struct Case: Decodable {
            struct Input: Decodable { let vers: String, version: String }

            let input: Input
            let expected_output: Bool
        }

        let tests: [Case]
    }

    @Test(arguments: ["pypi", "npm"])
    func containsWhatTheSpecificationSays(_ type: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "Fixtures/vers-spec/\(type)_range_containment_test.json")
        let suite = try JSONDecoder().decode(Suite.self, from: Data(contentsOf: file))
        #expect(!suite.tests.isEmpty)
        for test in suite.tests {
            let policy = try loaded("rules: { block: [\"pkg:\(type)/x@\(test.input.vers)\"] }")
            let outcome = try policy.judge(facts("pkg:\(type)/x@\(test.input.version)")).outcome
            #expect(outcome == (test.expected_output ? .block : .allow), "\(test.input)")
        }
    }
}
