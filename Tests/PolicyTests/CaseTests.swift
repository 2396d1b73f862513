import Core
import Policy
import Testing

private let surroundings = PolicyCase.Surroundings(
    compare: { _, a, b in dotted(a, b) },
    assignsTimes: { $0 == "npm" },
    origin: { $0 == "npm" ? Origin(.https, "registry.npmjs.org") : nil }
)

private func cases(_ text: String) throws -> [PolicyCase] {
    try PolicyCase.read(text, name: "cases.yml", surroundings)
}

@Suite struct CaseTests {
    @Test func saysWhichCasesHoldAndWhyOthersDoNot() throws {
        let policy = try loaded("mode: enforce\nrules: { min_age: { days: 3 }, block: [\"pkg:npm/evil\"] }")
        let read = try cases(
            """
            version: 1
            now: 2026-11-21T12:00:00Z
            cases:
              - name: a young release waits
                facts: { purl: "pkg:npm/axios@1.14.1", published: 2026-11-21T06:00:00Z }
                expect: { outcome: block, rules: [min_age] }
              - name: an old one does not
                facts: { purl: "pkg:npm/axios@1.14.0", age: 30d }
                expect: allow
              - name: both rules
                facts: { purl: "pkg:npm/evil@1", age: 1h }
                expect: { outcome: block, rules: [block] }
              - name: nobody vouches for it
                facts: { purl: "pkg:npm/axios@1.14.0", age: 30d, claims: [md5] }
                expect: allow
            """
        )
        let outcomes = read.map { $0.check(policy) }
        #expect(outcomes.map(\.holds) == [true, true, false, false])
        #expect(outcomes[2].complaints == ["expected the rules block, got block, min_age"])
        #expect(outcomes[3].complaints == ["expected allow, got block"])
        #expect(read[3].place == "cases.yml line 13")
    }

    @Test func readsJSONAsWell() throws {
        let text = """
            {"version": 1, "cases": [{"name": "x", "now": "2026-11-21", "facts": {"purl": "pkg:npm/a@1", "age": "9d",
            "advisories": [{"id": "MAL-2026-1"}]}, "expect": "block"}]}
            """
        let policy = try loaded("data: { osv: x }\nrules: { malware: { action: block } }")
        #expect(try cases(text).map { $0.check(policy).holds } == [true])
    }

    @Test(arguments: [
        ("cases: []", "line 1", "version"),
        ("version: 1\ncases: []", "line 1", "at least one"),
        ("version: 1\ncases: [{ name: x }]", "line 2, cases[1]", "a name, facts and what to expect"),
        (
            "version: 1\ncases: [{ name: x, facts: { purl: \"pkg:npm/a\" }, expect: allow }]", "line 2, cases[1]",
            "now:"
        ),
        (
            "version: 1\nnow: 2026-01-01\ncases: [{ name: x, facts: { prul: \"pkg:npm/a\" }, expect: allow }]",
            "line 3, cases[1].facts.prul", "did you mean 'purl'?"
        ),
        (
            "version: 1\nnow: 2026-01-01\ncases: [{ name: x, facts: { purl: \"pkg:npm/a\" }, expect: denied }]",
            "line 3, cases[1].expect", "allow, report, warn, block"
        ),
        (
            "version: 1\nnow: 2026-01-01\ncases: [{ name: x, facts: { purl: \"pkg:npm/a\", public: yes }, expect: allow }]",
            "line 3, cases[1].facts.public", "true or false"
        ),
    ])
    func isReadAsStrictlyAsAPolicy(_ text: String, _ place: String, _ remedy: String) {
        let problem = #expect(throws: Problem.self) { try cases(text) }
        #expect(problem?.subject == "cases.yml \(place)")
        #expect(problem?.remedy.contains(remedy) == true, "\(problem?.description ?? "")")
    }
}
