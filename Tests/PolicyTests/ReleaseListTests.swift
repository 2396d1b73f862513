import Core
import Policy
import Testing

@Suite struct ReleaseListTests {
    @Test func linesNameReleasesByPatternAndSayWhy() throws {
        let text = """
            # date: 2026-11-01
            # suspects of the week
            pkg:npm/a@>=1, <2   # sends telemetry
            pkg:pypi/Foo_Bar

            pkg:npm/@evil/*
            """
        let list = try ReleaseList(text, of: "suspects.txt")
        #expect(list.count == 3 && list.date == Timestamp(rfc3339: "2026-11-01"))
        func said(_ purl: String) throws -> [String] { list.entries(naming: try Purl(parsing: purl), compare: dotted) }
        #expect(try said("pkg:npm/a@1.5") == ["pkg:npm/a@>=1, <2 (sends telemetry)"])
        #expect(try said("pkg:npm/a@2.0").isEmpty)
        #expect(try said("pkg:pypi/foo-bar@9") == ["pkg:pypi/Foo_Bar"])
        #expect(try said("pkg:npm/@evil/x@1") == ["pkg:npm/@evil/*"])
        // A version that cannot be put in order is a suspect, and is not reviewed.
        #expect(try said("pkg:npm/a@odd").count == 1)
        #expect(try list.names(Purl(parsing: "pkg:npm/a@odd"), compare: dotted) == false)
    }

    @Test func aLineThatIsNoPatternIsNamed() {
        do throws(Problem) {
            _ = try ReleaseList("pkg:npm/a\nleft-pad\n", of: "list.txt")
            Issue.record("was read")
        } catch {
            #expect(error.subject == "list.txt line 2" && error.code == .configUnreadable)
        }
    }

    // What is too old.

    private static func speaks(_ rules: String, _ change: (inout Facts) -> Void) throws -> [String: Bool] {
        let verdict = try loaded("mode: enforce\ndata: { osv: x }\nrules: { \(rules) }").judge(
            facts("pkg:npm/a@1.0.0", change)
        )
        return Dictionary(verdict.findings.map { ($0.rule, $0.isMissingData) }) { first, _ in first }
    }

    private static let old = "is of 2026-01-01T00:00:00Z"
    private static let seen = SignatureCheck.good(SignatureMaker(identity: "x"))

    private static func reputation(_ change: (inout Reputation) -> Void) -> Reputation {
        var reputation = Reputation()
        change(&reputation)
        return reputation
    }

    /// Facts that are fresh, and what gets too old of them.
    private static let cases: [(rules: String, dataset: PolicyFile.Dataset, change: @Sendable (inout Facts) -> Void)] =
        [
            ("vulnerability: { unrated: report, on_missing_data: block }", .kev, { $0.advisories = [flaw] }),
            ("vulnerability: { unrated: report, on_missing_data: block }", .epss, { $0.advisories = [flaw] }),
            (
                "malware.suspicious: { on_missing_data: block }", .suspects,
                { $0.reputation = reputation { $0.suspicions = [] } }
            ),
            (
                "popularity.min_downloads: { action: warn, on_missing_data: block }", .packages,
                { $0.reputation = reputation { $0.downloads = 9_999_999 } }
            ),
            (
                "scorecard.min: { action: warn, on_missing_data: block }", .scorecards,
                { $0.reputation = reputation { $0.scorecard = Reputation.Scorecard(score: 100, checks: [:]) } }
            ),
            ("typosquat: { on_missing_data: block }", .names, { _ in }),
            ("trust.verify: [\"pkg:npm/a\"]", .trustedRoot, { $0.take(seen) }),
            ("signature.require: [\"pkg:npm/a\"]", .npmKeys, { $0.take(seen) }),
        ]
    private static let flaw = Advisory(id: "GHSA-1", isMalware: false, summary: "x")

    @Test func whatOldDataDoNotSayIsMissing() throws {
        for (rules, dataset, change) in Self.cases {
            let rule = String(rules.prefix { $0 != ":" })
            let fresh = try Self.speaks(rules, change)
            #expect(fresh[rule] != true, "\(rules)")
            let stale = try Self.speaks(rules) { facts in
                change(&facts)
                facts.stale[dataset] = Self.old
            }
            #expect(stale[rule] == true, "\(rules)")
        }
    }

    @Test func everyKindOfDataMayHaveAnAge() throws {
        for dataset in PolicyFile.Dataset.allCases {
            let text = "version: 1\ndata: { \(dataset.rawValue): { path: a, max_staleness: 7d } }"
            let file = try PolicyFile.parse(text, name: "purser.yml")
            #expect(file.data[dataset]?.maximumStaleness == 604_800, "\(dataset)")
        }
    }

    @Test func aRuleWithoutItsListIsToldOnce() throws {
        let policy = try loaded("rules: { scorecard.min: { action: warn } }")
        #expect(
            policy.notices.contains { $0.rule == "scorecard.min" && $0.evidence.hasSuffix("under data.scorecards") }
        )
        #expect(Policy.builtIn.notices.allSatisfy { $0.rule == "malware" })
    }
}

extension Facts {
    /// A file whose signatures were looked at.
    fileprivate mutating func take(_ check: SignatureCheck) {
        artifact = Artifact(file: "a.tgz")
        signatures = SignatureFindings(attestation: check, registry: check)
    }
}
