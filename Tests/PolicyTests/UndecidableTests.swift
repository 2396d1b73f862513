import Core
import Policy
import Testing

/// What happens where nobody can tell.
@Suite struct UndecidableTests {
    /// The only release of its package, from a time with which nothing can be reckoned.
    private static func endless() throws -> Facts {
        try facts("pkg:npm/a@1.0.0") { facts in
            var release = facts.release
            release.published = PublishTime(Timestamp(seconds: .min), basis: .authorTime)
            facts.history = ReleaseHistory([release]) { _ in false }
        }
    }

    @Test(arguments: ["report", "warn", "block"])
    func aRuleThatCannotDecideRefusesWhateverItsAction(_ action: String) throws {
        let rules = "rules: { max_age: { action: \(action) } }\n"
        let verdict = try loaded("mode: enforce\n" + rules).judge(Self.endless())
        #expect(verdict.isDenied)
        let problem = verdict.problem(subject: "pkg:npm/a@1.0.0")
        #expect(problem.code == .policyUndecidable)
        #expect(problem.rule == "max_age")
        #expect(problem.summary == "has a date that cannot be reckoned with")
        // Audit says the same and refuses nothing; an exemption lifts it as any finding.
        let audit = try loaded("mode: audit\n" + rules).judge(Self.endless())
        #expect(audit.wouldBlock && !audit.isDenied && audit.findings == verdict.findings)
        let line = "exempt: [{ purl: \"pkg:npm/a\", rule: max_age, reason: known, until: 2035-01-01 }]\n"
        #expect(try !loaded("mode: enforce\n" + rules + line).judge(Self.endless()).isDenied)
        // A rule that is off is not asked.
        let off = "mode: enforce\nrules: { max_age: { action: allow } }\n"
        #expect(try loaded(off).judge(Self.endless()).findings.isEmpty)
    }

    @Test func aVersionBeyondMeasureIsAJump() throws {
        let policy = try loaded("mode: enforce\nrules: { version_jump: { action: block } }")
        let verdict = try policy.judge(
            facts("pkg:npm/a@99999999999999999999999.0.0", age: 30 * 86_400) {
                $0.history = ReleaseHistory([]) { _ in false }
            }
        )
        #expect(verdict.findings.map(\.rule) == ["version_jump"])
        #expect(verdict.isDenied)
    }

    // Data with an age.

    private static let data = "mode: enforce\ndata: { osv: { path: osv, max_staleness: 24h } }\n"

    @Test func dataHaveAnAgeThatPolicyLimits() throws {
        let file = try PolicyFile.parse("version: 1\n" + Self.data, name: "purser.yml")
        let osv = try #require(file.osv)
        #expect(osv.path == "osv" && osv.maximumStaleness == 86_400)
        func staleness(_ seconds: Int64) -> String? {
            osv.staleness(newest: Timestamp(seconds: now.seconds - seconds), now: now)
        }
        #expect(staleness(3_600) == nil)
        #expect(staleness(86_400) == nil)
        #expect(staleness(86_401)?.hasSuffix("and policy takes none older than 1 d") == true)
        #expect(staleness(-3_600) == nil)
        // Dated in the future, they would never grow old.
        #expect(staleness(-90_000) != nil)
        #expect(osv.staleness(newest: nil, now: now) == "tells no date, and policy takes none older than 1 d")
        let plain = try PolicyFile.parse("version: 1\ndata: { osv: osv }", name: "purser.yml")
        #expect(plain.osv?.staleness(newest: nil, now: now) == nil)
        #expect(plain.effectiveValues().contains { $0.key == "data.osv.path" && $0.text == "osv" })
    }

    @Test func staleDataDenyWhatTheyDoNotNameAsEachRuleSays() throws {
        let stale = { (facts: inout Facts) in facts.stale[.osv] = "is of 2026-01-01T00:00:00Z" }
        let verdict = try loaded(Self.data).judge(facts("pkg:npm/a@1", stale))
        #expect(verdict.isDenied)
        #expect(verdict.findings.map(\.rule) == ["malware"])
        let problem = verdict.problem(subject: "pkg:npm/a@1")
        #expect(problem.code == .policyUndecidable)
        #expect(problem.summary == "is in no record, but the data may be too old to have one")
        let warning = try loaded(Self.data + "rules: { malware: { on_missing_data: warn } }")
        #expect(try warning.judge(facts("pkg:npm/a@1", stale)).outcome == .warn)
        let both = try loaded(
            Self.data
                + "rules: { malware: { on_missing_data: allow }, vulnerability: { on_missing_data: block },"
                + " vulnerability.ids: { block: [CVE-1], on_missing_data: warn } }"
        )
        #expect(
            try both.judge(facts("pkg:npm/a@1", stale)).findings.map(\.rule) == ["vulnerability", "vulnerability.ids"]
        )
    }

    @Test func whatOldDataNameIsStillBad() throws {
        let bad = Advisory(id: "MAL-2026-12", isMalware: true, summary: "steals tokens")
        let verdict = try loaded(Self.data).judge(
            facts("pkg:npm/a@1") {
                $0.stale[.osv] = "is of 2026-01-01T00:00:00Z"
                $0.advisories = [bad]
            }
        )
        #expect(verdict.problem(subject: "pkg:npm/a@1").code == .policyDenied)
        #expect(verdict.findings.first?.message == "is known malware (MAL-2026-12)")
    }

    @Test func aLowerLayerMayAskForFresherDataAndNotForOlder() throws {
        func layered(_ upper: String, _ lower: String) throws -> PolicyFile {
            try PolicyFile.layered([
                PolicySource(.organisation, name: "org.yml", text: "version: 1\ndata: { osv: \(upper) }"),
                PolicySource(.repository, name: "purser.yml", text: "version: 1\ndata: { osv: \(lower) }"),
            ])
        }
        let week = "{ path: a, max_staleness: 7d }"
        #expect(try layered(week, "{ path: a, max_staleness: 24h }").osv?.maximumStaleness == 86_400)
        #expect(try layered("a", week).osv?.maximumStaleness == 604_800)
        #expect(try layered(week, "a").osv?.maximumStaleness == 604_800)
        #expect(throws: Problem.self) { try layered(week, "{ path: a, max_staleness: 8d }") }
        #expect(throws: Problem.self) { try layered(week, "{ path: b }") }
    }

    @Test func dataWithoutAPlaceAreAnError() {
        let problem = complaint("version: 1\ndata: { osv: { max_staleness: 24h } }")
        #expect(problem?.subject == "purser.yml line 2, data.osv")
        #expect(problem?.remedy.contains("path:") == true)
    }
}
