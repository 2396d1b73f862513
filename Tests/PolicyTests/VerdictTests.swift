import Core
import Policy
import Testing

@Suite struct VerdictTests {
    @Test func takesTheStrictestOpinion() throws {
        let verdict = try loaded("rules: { block: [\"pkg:npm/a\"], unclaimed: { action: warn } }").judge(
            facts("pkg:npm/a@1") { $0.artifact = Artifact(file: "a-1.tgz") }
        )
        #expect(verdict.findings.map(\.rule) == ["block", "unclaimed"])
        #expect(verdict.outcome == .block)
    }

    @Test func inAuditModeWouldBlockButDoesNot() throws {
        let verdict = try Policy.builtIn.judge(facts("pkg:npm/a@1", age: 0))
        #expect(verdict.wouldBlock)
        #expect(!verdict.isDenied)
    }

    @Test func explainsADenialInTheReasonPhrase() throws {
        let verdict = try Policy.builtIn(mode: .enforce).judge(facts("pkg:npm/axios@1.14.1", age: 5 * 3_600))
        let problem = verdict.problem(subject: "pkg:npm/axios@1.14.1", newestAllowed: "1.14.0")
        #expect(problem.code == .policyDenied)
        #expect(problem.rule == "min_age")
        #expect(
            problem.reasonPhrase.hasPrefix(
                "policy.denied min_age: pkg:npm/axios@1.14.1 is 5 h old; policy asks for 3 d"
            )
        )
        #expect(problem.remedy.hasPrefix("take 1.14.0, which policy allows; or wait until 20"))
        #expect(
            problem.remedy.contains("- { purl: \"pkg:npm/axios@1.14.1\", rule: min_age, reason: \"say why\", until: ")
        )
    }

    @Test func judgesManyPackagesAgainstManyPatterns() throws {
        let list = (0..<2_000).map { "\"pkg:npm/bad-\($0)@>=1,<2\"" }.joined(separator: ", ")
        let policy = try loaded("rules: { block: [\(list)] }")
        var blocked = 0
        for index in 0..<5_000 {
            if try policy.judge(facts("pkg:npm/bad-\(index)@1.\(index)")).outcome == .block { blocked += 1 }
        }
        #expect(blocked == 2_000)
    }

    @Test func hasOneDigestForOneMeaning() throws {
        let a = try loaded("rules:\n  block: [\"pkg:npm/a\", \"pkg:npm/b\"]\n")
        let b = try loaded("rules: { block: { action: block, purls: [\"pkg:npm/b\", \"pkg:npm/a\"] } }")
        #expect(a.digest == b.digest)
        #expect(try loaded("mode: audit").digest == Policy.builtIn.digest)
        #expect(try loaded("mode: enforce").digest != Policy.builtIn.digest)
        #expect(try loaded("rules: { min_age: { days: 4 } }").digest != Policy.builtIn.digest)
        #expect(Policy.builtIn.digest.algorithm == .sha256)
    }
}
