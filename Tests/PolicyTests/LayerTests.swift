import Core
import Policy
import Testing

/// The organisation's text, the repository's, and a flag.
private func layered(_ organisation: String, _ repository: String, mode: ModeRequest? = nil) throws -> PolicyFile {
    try PolicyFile.layered(
        [
            PolicySource(.organisation, name: "org.yml", text: "version: 1\n" + organisation),
            PolicySource(.repository, name: "purser.yml", text: "version: 1\n" + repository, allowsAgent: true),
        ],
        mode: mode
    )
}

private func refusal(_ organisation: String, _ repository: String, mode: ModeRequest? = nil) -> Problem? {
    #expect(throws: Problem.self) { try layered(organisation, repository, mode: mode) }
}

@Suite struct LayerTests {
    @Test(arguments: [
        ("mode: audit", "mode: enforce"),
        ("rules: { min_age: { days: 7 } }", "rules: { min_age: { days: 9 } }"),
        ("rules: { min_age: { days: 7 } }", "rules: { min_age: { per: { npm: 8 } } }"),
        ("rules: { min_age: { per: { npm: 1 } } }", "rules: { min_age: { per: { npm: 2 } } }"),
        ("rules: { block: [\"pkg:npm/a\"] }", "rules: { block: [\"pkg:npm/b\"] }"),
        ("rules: { unclaimed: { action: warn } }", "rules: { unclaimed: { action: block } }"),
        ("rules: { allow: [\"pkg:npm/a\", \"pkg:npm/b\"] }", "rules: { allow: [\"pkg:npm/a\"] }"),
        ("session: { expect: [npm] }", "session: { expect: [pypi], gaps: block }"),
        ("mode: audit", "data: { osv: own }"),
    ])
    func aLowerLayerMayTighten(_ organisation: String, _ repository: String) throws {
        _ = try layered(organisation, repository)
    }

    @Test(arguments: [
        ("mode: enforce", "mode: audit", "mode"),
        ("rules: { min_age: { days: 7 } }", "rules: { min_age: { days: 5 } }", "rules.min_age.days"),
        ("rules: { min_age: { action: block } }", "rules: { min_age: { action: warn } }", "rules.min_age.action"),
        // What nobody names holds by default, and that is the organisation's too.
        ("mode: enforce", "rules: { min_age: { days: 1 } }", "rules.min_age.days"),
        ("mode: enforce", "rules: { unclaimed: { action: warn } }", "rules.unclaimed.action"),
        ("mode: enforce", "rules: { malware: { action: allow } }", "rules.malware.action"),
        ("rules: { min_age: { days: 7 } }", "rules: { min_age: { per: { npm: 6 } } }", "rules.min_age.per"),
        ("mode: audit", "rules: { allow: [\"pkg:npm/a\"] }", "rules.allow.purls"),
        ("data: { osv: theirs }", "data: { osv: empty.json }", "data.osv.path"),
        ("session: { gaps: block }", "session: { gaps: warn }", "session.gaps"),
        ("session: { publish: block }", "session: { publish: allow }", "session.publish"),
        (
            "mode: audit", "exempt: [{ purl: \"pkg:npm/a\", rule: min_age, reason: x, until: 2030-01-01 }]", "exempt[1]"
        ),
    ])
    func whatLoosensIsRefusedAndBothPlacesAreNamed(_ organisation: String, _ repository: String, _ key: String) {
        let problem = refusal(organisation, repository)
        #expect(problem?.code == .usageInvalid)
        #expect(problem?.subject == "purser.yml line 2, \(key)")
        #expect(problem?.summary.contains("the organisation's policy (org.yml") == true, "\(problem?.summary ?? "")")
        #expect(problem?.remedy.contains("loosenable") == true)
    }

    @Test(arguments: [
        ("rules.min_age.days", "rules: { min_age: { days: 1 } }"),
        ("rules.min_age", "rules: { min_age: { days: 1, action: warn } }"),
        ("mode", "mode: audit"),
        ("exempt.min_age", "exempt: [{ purl: \"pkg:npm/a\", rule: min_age, reason: x, until: 2030-01-01 }]"),
        ("exempt", "exempt: [{ purl: \"pkg:npm/a\", rule: block, reason: x, until: 2030-01-01 }]"),
    ])
    func theUpperLayerSaysWhatMayBeLoosened(_ key: String, _ repository: String) throws {
        _ = try layered("mode: enforce\nloosenable: [\(key)]", repository)
        #expect(refusal("mode: enforce\nloosenable: [data.osv]", repository) != nil)
    }

    @Test func aLowerLayerGivesItselfNothing() {
        #expect(refusal("mode: enforce", "mode: audit\nloosenable: [mode]") != nil)
        #expect(refusal("mode: enforce", "loosenable: [mode]", mode: ModeRequest(.audit, place: "--mode")) != nil)
        // Saying the same as the layer above does not take its place.
        let both = refusal("mode: enforce", "mode: enforce\nloosenable: [mode]", mode: .init(.audit, place: "--mode"))
        #expect(both?.summary.contains("org.yml line 2") == true)
        let endless = "loosenable: [exempt.until]\nexempt: [{ purl: \"pkg:npm/a\", rule: min_age, reason: x }]"
        #expect(refusal("loosenable: [exempt]", endless)?.summary.contains("until") == true)
    }

    @Test func aFlagIsTheLowestLayer() throws {
        let request = ModeRequest(.audit, place: "PURSER_MODE")
        let problem = refusal("mode: enforce", "mode: enforce", mode: request)
        #expect(problem?.subject == "PURSER_MODE audit")
        #expect(problem?.summary.contains("organisation") == true)
        #expect(try layered("mode: enforce\nloosenable: [mode]", "", mode: request).policy.mode == .audit)
        #expect(try layered("", "", mode: ModeRequest(.enforce, place: "--mode")).policy.mode == .enforce)
    }

    @Test func listsThatForbidHoldTogether() throws {
        let policy = try layered(
            "mode: enforce\nrules: { block: [\"pkg:npm/a\"] }",
            "rules: { block: [\"pkg:npm/b\"] }"
        )
        .policy
        for name in ["a", "b"] { #expect(try policy.judge(facts("pkg:npm/\(name)@1")).isDenied) }
        #expect(try !policy.judge(facts("pkg:npm/c@1")).isDenied)
    }

    @Test func everyValueSaysWhereItIsFrom() throws {
        let file = try layered(
            "mode: enforce\nrules: { min_age: { days: 7 } }",
            "rules:\n  min_age: { days: 9, per: { npm: 12 } }\n  block: [\"pkg:npm/b\"]"
        )
        let values = Dictionary(file.effectiveValues().map { ($0.key, $0) }) { first, _ in first }
        #expect(values["mode"]?.source == "organisation: org.yml line 2")
        #expect(values["rules.min_age.days"]?.text == "9")
        #expect(values["rules.min_age.days"]?.source == "repository: purser.yml line 3")
        #expect(values["rules.min_age.action"]?.source == "default")
        #expect(values["rules.unclaimed.action"]?.text == "block")
        #expect(values["rules.block.purls"]?.text == "[\"pkg:npm/b\"]")
        #expect(file.layers.map(\.layer) == [.organisation, .repository])
    }

    @Test func anExemptionWithoutAnEndNeedsLeave() throws {
        let endless = "exempt: [{ purl: \"pkg:npm/a\", rule: min_age, reason: x }]"
        #expect(complaint("version: 1\n" + endless)?.summary == "has no 'until'")
        let policy = try loaded("mode: enforce\nloosenable: [exempt.until]\n" + endless)
        #expect(try policy.judge(facts("pkg:npm/a@1", age: 60)).outcome == .allow)
    }

    @Test func aMistypedLeaveIsAnError() {
        let problem = complaint("version: 1\nloosenable: [rules.min_age.dais]")
        #expect(problem?.subject == "purser.yml line 2, loosenable[1]")
        #expect(problem?.remedy.contains("did you mean 'rules.min_age.days'?") == true)
    }
}
