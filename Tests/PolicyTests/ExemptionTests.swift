import Core
import Policy
import Testing

@Suite struct ExemptionTests {
    @Test func liftsOneRuleOfThePackagesItNames() throws {
        let policy = try Self.exempting("purl: \"pkg:npm/left-pad@1.3.0\", rule: min_age, until: 2030-01-01")
        let verdict = try policy.judge(facts("pkg:npm/left-pad@1.3.0", age: 0))
        #expect(verdict.outcome == .allow)
        #expect(verdict.exempt?.reason == "hotfix")
        #expect(verdict.findings.first?.message.hasSuffix("(exempt until 2030-01-01: hotfix)") == true)
        #expect(try policy.judge(facts("pkg:npm/left-pad@1.3.1", age: 0)).isDenied)
    }

    @Test func doesNotLiftAnotherRule() throws {
        let policy = try Self.exempting("purl: \"pkg:npm/a\", rule: unclaimed, until: 2030-01-01")
        #expect(try policy.judge(facts("pkg:npm/a@1", age: 0)).isDenied)
    }

    @Test func lastsToTheEndOfItsDay() throws {
        let today = try Self.exempting("purl: \"pkg:npm/a\", rule: min_age, until: \(now.day)")
        #expect(try !today.judge(facts("pkg:npm/a@1", age: 0)).isDenied)
        let yesterday = try Self.exempting("purl: \"pkg:npm/a\", rule: min_age, until: 2026-01-01")
        #expect(try yesterday.judge(facts("pkg:npm/a@1", age: 0)).isDenied)
    }

    @Test func ofMalwareMayNameOneAdvisory() throws {
        let policy = try Self.exempting(
            "purl: \"pkg:npm/a\", rule: malware, until: 2030-01-01, advisory: MAL-2026-12",
            "data: { osv: osv }\n"
        )
        let other = Advisory(id: "MAL-2026-13", isMalware: true, summary: "worse")
        #expect(try !policy.judge(facts("pkg:npm/a@1") { $0.advisories = [MalwareTests.bad] }).isDenied)
        #expect(try policy.judge(facts("pkg:npm/a@1") { $0.advisories = [MalwareTests.bad, other] }).isDenied)
    }

    @Test func isReportedWhenOverOrNotNeeded() throws {
        let policy = try loaded(
            """
            exempt:
              - { purl: "pkg:npm/a", rule: min_age, reason: old, until: 2026-01-01 }
              - { purl: "pkg:npm/b", rule: min_age, reason: idle, until: 2030-01-01 }
              - { purl: "pkg:npm/c", rule: min_age, reason: used, until: 2030-01-01 }
            """
        )
        let used = try policy.judge(facts("pkg:npm/c@1", age: 0)).exemptions
        let findings = policy.exemptionFindings(now: now, used: Set(used))
        #expect(findings.map(\.action) == [.warn, .report])
        #expect(findings.first?.message == "the exemption of pkg:npm/a ended on 2026-01-01")
    }

    @Test func asSuggestedByAFindingLoadsAndHelps() throws {
        for purl in ["pkg:npm/%40acme/a@1.0.0-rc.1%2Bb", "pkg:pypi/a@1!2", "pkg:deb/debian/a@1:2~x?arch=amd64"] {
            let young = try facts(purl, age: 60)
            let line = try #require(Policy.builtIn.judge(young).findings.first).exemption
            #expect(line.contains("until: 20"))
            let exempted = try loaded("mode: enforce\nexempt:\n  \(line)\n").judge(young)
            #expect(!exempted.isDenied)
            #expect(exempted.exempt != nil)
        }
    }

    private static func exempting(_ entry: String, _ more: String = "") throws -> Policy {
        try loaded("mode: enforce\n\(more)exempt:\n  - { \(entry), reason: hotfix }\n")
    }
}
