import Core
import Policy
import Testing

@Suite struct ListTests {
    @Test func blocksTheReleaseNamedAndNoOther() throws {
        let policy = try loaded("mode: enforce\nrules: { block: [\"pkg:npm/axios@1.0\"] }")
        #expect(try policy.judge(facts("pkg:npm/axios@1.0")).isDenied)
        #expect(try policy.judge(facts("pkg:npm/axios@1.0.0")).isDenied)
        #expect(try !policy.judge(facts("pkg:npm/axios@1.0.1")).isDenied)
        #expect(try !policy.judge(facts("pkg:npm/axios-mock@1.0")).isDenied)
        #expect(try !policy.judge(facts("pkg:pypi/axios@1.0")).isDenied)
    }

    @Test(arguments: [
        ("pkg:npm/@acme/*", "pkg:npm/%40acme/tool@2", true),
        ("pkg:npm/@acme/*", "pkg:npm/acme@2", false),
        ("pkg:npm/*", "pkg:npm/%40any/thing@1", true),
        ("pkg:npm/event-stream", "pkg:npm/event-stream@3.3.6", true),
        ("pkg:npm/*-evil", "pkg:npm/not-evil-at-all@1", false),
        ("pkg:pypi/Foo_Bar", "pkg:pypi/foo.bar@1", true),
        ("pkg:pypi/foo@>=1,<2", "pkg:pypi/foo@1.5", true),
        ("pkg:pypi/foo@>=1,<2", "pkg:pypi/foo@2", false),
        ("pkg:pypi/foo@<1 || >=3", "pkg:pypi/foo@4", true),
        ("pkg:pypi/foo@<1 || >=3", "pkg:pypi/foo@2", false),
        ("pkg:pypi/foo@!=2", "pkg:pypi/foo@2.0", false),
        ("pkg:pypi/foo@vers:pypi/>=1|<2|3", "pkg:pypi/foo@3", true),
        ("pkg:pypi/foo@1.4.*", "pkg:pypi/foo@1.4.9", true),
        ("pkg:pypi/foo@1.4.*", "pkg:pypi/foo@1.40", false),
        ("pkg:pypi/foo@*", "pkg:pypi/foo@1", true),
        ("pkg:pypi/foo@1!2", "pkg:pypi/foo@1%212", true),
        ("pkg:pypi/foo@!=2,>=1", "pkg:pypi/foo@3", true),
        ("pkg:golang/github.com/Acme/*", "pkg:golang/github.com/acme/a/b@v1", true),
        ("pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5", "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=amd64", true),
        ("pkg:deb/debian/curl?arch=arm64", "pkg:deb/debian/curl@7?arch=amd64", false),
        ("pkg:swift/*", "pkg:swift/github.com/a/b@1", true),
        ("pkg:maven/org.Acme/x", "pkg:maven/org.acme/x@1", false),
    ])
    func understandsItsPatterns(_ pattern: String, _ purl: String, _ isMeant: Bool) throws {
        let policy = try loaded("rules: { block: { purls: [\"\(pattern)\"] } }")
        #expect(try policy.judge(facts(purl)).outcome == (isMeant ? .block : .allow))
    }

    @Test func blocksAVersionThatCannotBeComparedWithTheRange() throws {
        let policy = try loaded("mode: enforce\nrules: { block: [\"pkg:pypi/foo@>=1,<2\"] }")
        let verdict = try policy.judge(facts("pkg:pypi/foo@banana"))
        #expect(verdict.isDenied)
        #expect(verdict.findings.first?.isMissingData == true)
        let lenient = "rules: { block: { purls: [\"pkg:pypi/foo@>=1,<2\"], on_missing_data: warn } }"
        #expect(try Self.judge(lenient, "pkg:pypi/foo@banana").outcome == .warn)
    }

    @Test func allowLiftsEveryRuleButMalware() throws {
        let text = """
            mode: enforce
            data: { osv: malware.json }
            rules:
              block: ["pkg:npm/axios"]
              allow: ["pkg:npm/axios@1.2.3"]
            """
        #expect(try !Self.judge(text, "pkg:npm/axios@1.2.3", age: 0).isDenied)
        #expect(try Self.judge(text, "pkg:npm/axios@1.2.4").isDenied)
        let bad = try loaded(text).judge(
            facts("pkg:npm/axios@1.2.3") {
                $0.advisories = [Advisory(id: "MAL-2026-1", isMalware: true, summary: "steals tokens")]
            }
        )
        #expect(bad.isDenied)
        #expect(bad.findings.first?.rule == "malware")
    }

    @Test func keepsWhatAllowLiftedInTheFindings() throws {
        let verdict = try Self.judge("rules: { allow: [\"pkg:npm/*\"] }", "pkg:npm/a@1", age: 0)
        #expect(verdict.outcome == .allow)
        #expect(verdict.findings.first?.message.hasSuffix("(allowed by pkg:npm/*)") == true)
    }

    @Test func allowDoesNotLiftAVersionThatCannotBeCompared() throws {
        let text = "rules: { allow: [\"pkg:npm/a@<2\"] }"
        #expect(try Self.judge(text, "pkg:npm/a@banana", age: 0).outcome == .block)
    }

    @Test func matchesManyStarsInReasonableTime() throws {
        let pattern = "pkg:npm/" + String(repeating: "a*", count: 200) + "b"
        let name = String(repeating: "a", count: 5_000)
        #expect(try Self.judge("rules: { block: [\"\(pattern)\"] }", "pkg:npm/\(name)@1").outcome == .allow)
    }

    private static func judge(_ text: String, _ purl: String, age: Int64 = 100 * 86_400) throws -> Verdict {
        try loaded(text).judge(facts(purl, age: age))
    }
}
