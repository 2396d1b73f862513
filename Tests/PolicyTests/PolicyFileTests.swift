import Core
import Policy
import Testing

@Suite struct PolicyFileTests {
    @Test func aByteOrderMarkIsNoPartOfTheText() throws {
        let file = try PolicyFile.parse("\u{FEFF}version: 1\r\nmode: enforce\r\n", name: "purser.yml")
        #expect(try file.policy(overridingMode: nil).mode == .enforce)
    }

    @Test func readsEverySection() throws {
        let file = try PolicyFile.parse(
            """
            version: 1
            agent:
              registry: http://127.0.0.1:8080
              push: true
              artifact: [dist/*.whl, "dist/*.tar.gz"]
              upstream: { pypi: "http://127.0.0.1:9000" }
            mode: enforce
            data: { osv: data/malware }
            rules:
              min_age:
            session: { expect: [pypi, deb], gaps: block, restored_unverified: report, isolation: none, publish: allow }
            """,
            name: "purser.yml"
        )
        #expect(file.agent.map(\.key) == ["registry", "push", "artifact", "upstream"])
        #expect(file.agent.map(\.line) == [3, 4, 5, 6])
        #expect(file.agent[2].values == ["dist/*.whl", "dist/*.tar.gz"])
        #expect(file.agent[3].values == ["pypi=http://127.0.0.1:9000"])
        #expect(file.osv?.path == "data/malware")
        let policy = try file.policy(overridingMode: nil)
        #expect(policy.mode == .enforce)
        #expect(policy.session.expect == ["pypi", "deb"])
        #expect(policy.session.gaps == .block)
        #expect(policy.session.publish == .allow)
    }

    @Test func settlesPublishingByTheMode() throws {
        #expect(try loaded("mode: audit").session.publish == .allow)
        #expect(try loaded("mode: enforce").session.publish == .block)
    }

    @Test func maybeTightenedByAFlagNeverLoosened() throws {
        #expect(try loaded("mode: audit", mode: .enforce).mode == .enforce)
        let file = try PolicyFile.parse("version: 1\nmode: enforce\n", name: "purser.yml")
        let problem = #expect(throws: Problem.self) { try file.policy(overridingMode: .audit) }
        #expect(problem?.code == .usageInvalid)
        #expect(problem?.summary.contains("purser.yml line 2") == true)
    }

    @Test func refusesAgentSettingsWhereOnlyPolicyMayStand() throws {
        let problem = #expect(throws: Problem.self) {
            try PolicyFile.parse("version: 1\nagent: { push: true }", name: "org.yml", allowsAgent: false)
        }
        #expect(problem?.subject == "org.yml line 2, agent")
    }

    @Test(arguments: [
        ("version: 1\nrulez: {}", "line 2, rulez", "did you mean 'rules'?"),
        ("version: 1\nrules:\n  min-age: { days: 3 }", "line 3, rules.min-age", "did you mean 'min_age'?"),
        ("version: 1\nrules:\n  min_age:\n    dayz: 3", "line 4, rules.min_age.dayz", "did you mean 'days'?"),
        ("version: 1\nmode: enforced", "line 2, mode", "did you mean 'enforce'?"),
        ("version: 1\nrules: { min_age: { days: \"3\" } }", "line 2, rules.min_age.days", "without quotes"),
        ("version: 1\nrules: { min_age: { days: -1 } }", "line 2, rules.min_age.days", "whole number"),
        ("version: 1\nrules: { min_age: { days: 3.5 } }", "line 2, rules.min_age.days", "whole number"),
        ("version: 1\nrules: { min_age: { days: [3] } }", "line 2, rules.min_age.days", "whole number"),
        (
            "version: 1\nrules: { min_age: { days: 99999999999999999999 } }", "line 2, rules.min_age.days",
            "whole number"
        ),
        ("version: 1\nrules: { min_age: { per: { go: 1 } } }", "line 2, rules.min_age.per.go", "npm, pypi, golang"),
        ("version: 1\nrules: [min_age]", "line 2, rules", "'key: value'"),
        ("version: 1\nrules: { block: { action: block } }", "line 2, rules.block", "purls:"),
        ("version: 1\nrules:\n  block:\n    - pkg:npm/a\n    - left-pad", "line 5, rules.block[2]", "pkg:npm/@acme/*"),
        ("version: 1\nrules: { block: [\"pkg:pypi/a@1,2\"] }", "line 2, rules.block[1]", "pkg:"),
        ("version: 1\nrules: { malware: { action: blok } }", "line 2, rules.malware.action", "did you mean 'block'?"),
        ("version: 1\nexempt: [{ purl: \"pkg:npm/a\", rule: min_age, reason: x }]", "line 2, exempt[1]", "until"),
        (
            "version: 1\nexempt: [{ purl: \"pkg:npm/a\", rule: min_age, reason: x, until: soon }]",
            "line 2, exempt[1].until", "2026-10-01"
        ),
        (
            "version: 1\nexempt: [{ purl: \"pkg:npm/a\", rule: minage, reason: x, until: 2030-01-01 }]",
            "line 2, exempt[1].rule", "did you mean 'min_age'?"
        ),
        ("version: 1\nsession: { expect: [pipy] }", "line 2, session.expect[1]", "such as npm, pypi"),
        ("mode: audit", "line 1", "version: 1"),
        ("version: 2", "line 1, version", "newer purser"),
        ("", "line 1", "version: 1"),
        ("- version: 1", "line 1", "'key: value'"),
        ("just text", "line 1", "'key: value'"),
        ("version: 1\nrules: { <<: { min_age: { days: 3 } } }", "line 2, rules.<<", "write the values out"),
        ("version: \"1\"", "line 1, version", "without quotes"),
        ("version: 0x1", "line 1, version", "whole number"),
        ("version: 1\nrules: { min_age: { days: 1_0 } }", "line 2, rules.min_age.days", "whole number"),
        ("version: 1\nmode: yes", "line 2, mode", "audit, enforce"),
        ("version: 1\nexempt: { purl: \"pkg:npm/a\" }", "line 2, exempt", "start with '- '"),
        ("version: 1\nsession: { publish: true }", "line 2, session.publish", "allow, block"),
    ])
    func namesFileLineKeyAndRemedy(_ yaml: String, _ place: String, _ remedy: String) {
        let problem = complaint(yaml)
        #expect(problem?.code == .usageInvalid)
        #expect(problem?.subject == "purser.yml \(place)")
        #expect(problem?.remedy.contains(remedy) == true, "\(problem?.description ?? "nothing")")
    }

    @Test(arguments: [
        ("version: 1\nmode: audit\nmode: enforce", 2), ("version: 1\nmode: audit\n\"mode\": enforce", 2),
        ("version: 1\nrules:\n  min_age: { days: 1, 'days': 2 }", 3), ("version: 1\nrules:\n\tmin_age: {}", 3),
        ("version: 1\nx: &a { k: v }\nrules: { <<: *a }", 2), ("%YAML 1.1\n--- !!map\nversion: 1\n--- {}", 4),
        ("version: 1\nrules: {", 3), ("version: 1\n\tmode: audit", 2),
        ("version: 1\nmode: &a audit", 2), ("version: 1\nrules: { block: &b [] , allow: *b }", 2),
        ("version: 1\n? [a]\n: b", 2), ("version: 1\n---\nversion: 1", 2), ("version: 1\nrules: { block: [*x] }", 2),
    ])
    func refusesWhatIsNotPlainYAML(_ yaml: String, _ line: Int) {
        let problem = complaint(yaml)
        #expect(problem?.code == .configUnreadable)
        #expect(problem?.subject.hasPrefix("purser.yml line") == true, "\(problem?.description ?? "nothing")")
        #expect(problem?.subject == "purser.yml line \(line)", "\(problem?.description ?? "nothing")")
    }

    @Test func refusesBombsDepthAndSize() {
        var bomb = "version: 1\nx: &a0 [l]\n"
        for level in 1..<40 { bomb += "y\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(complaint(bomb)?.summary == "uses a YAML anchor or alias")
        #expect(complaint("version: 1\nx: " + String(repeating: "[", count: 10_000))?.code == .configUnreadable)
        let deep = (0..<3_000).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(complaint(deep)?.code == .configUnreadable)
        #expect(complaint("version: 1\n#" + String(repeating: "x", count: 1_048_576))?.code == .configUnreadable)
    }

    /// Whatever is cut, doubled or damaged in a good file ends in a problem or a policy, never in a crash.
    @Test func survivesDamage() {
        let good = Array(
            """
            version: 1
            mode: enforce
            data: { osv: "data" }
            rules: { min_age: { days: 3, per: { npm: 1 } }, block: ["pkg:npm/a@>=1,<2"] }
            exempt:
              - { purl: "pkg:npm/b", rule: min_age, reason: "why", until: 2030-01-01 }
            """.utf8
        )
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0...random(3) {
                switch random(3) {
                case 0: bytes[random(bytes.count)] = UInt8(random(256))
                case 1: bytes.remove(at: random(bytes.count))
                default: bytes.insert(contentsOf: good[random(good.count)...].prefix(20), at: random(bytes.count))
                }
            }
            let problem = complaint(String(decoding: bytes, as: UTF8.self))
            #expect(problem?.remedy.isEmpty != true)
        }
    }
}
