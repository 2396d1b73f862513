import Core
import Evidence
import Gateway
import JSONText
import Policy
import TestKit
import Testing

@testable import Session

/// Rules that look into lists on disk, from the files through the codecs.
@Suite("Rules about lists on disk")
struct ListRuleTests {
    /// What the rules find of the last release of a package, with these files beside the policy.
    private static func findings(
        _ policy: String,
        _ files: [String: String],
        kind: Package.Kind = .npm,
        more: String = ""
    ) async throws -> [Finding] {
        let scratch = try Scratch()
        for (name, text) in files { try scratch.write(name, text) }
        let text = "version: 1\nmode: audit\n\(policy)\n"
        let file = try PolicyFile.parse(text, name: "purser.yml")
        let datasets = try Datasets(file, at: Datasets.paths(file) { _ in scratch.folder })
        let setting = Scene.Setting {
            $0.policy = text
            $0.configure = { datasets.configure(&$0) }
        }
        var one = Listed("1.0.0", bytes: Package.bytes(kind, "demo", "1.0.0", 900), more: more)
        one.published = "2025-01-01T00:00:00Z"
        let package = Package.make(kind, "demo", one, [one])
        return try await Scene.with(setting) { scene async throws in
            package.serve(on: scene.fake)
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 200, "\(taken.text)")
            return try #require(scene.recorder.fetched.last).verdict.findings
        }
    }

    private static func finding(
        of rule: String,
        _ policy: String,
        _ files: [String: String],
        kind: Package.Kind = .npm,
        more: String = ""
    ) async throws -> Finding? {
        try await findings(policy, files, kind: kind, more: more).first { $0.rule == rule }
    }

    @Test(arguments: [Package.Kind.npm, .pypi, .cargo])
    func suspectsAreWarnedOf(_ kind: Package.Kind) async throws {
        let data = "data: { suspects: suspects.txt }"
        let list = "# ours\npkg:\(kind)/demo@>=1,<2 # phones home\npkg:\(kind)/other\n"
        let found = try await Self.finding(of: "malware.suspicious", data, ["suspects.txt": list], kind: kind)
        #expect(found?.action == .warn)
        #expect(found?.message.hasSuffix("pkg:\(kind)/demo@>=1,<2 (phones home)") == true)
        let other = "pkg:\(kind)/demo@2.0.0\npkg:\(kind)/demos\n"
        #expect(try await Self.finding(of: "malware.suspicious", data, ["suspects.txt": other], kind: kind) == nil)
    }

    @Test func whatNobodyLookedIntoIsUnknown() async throws {
        let policy = "data: { reviewed: reviewed.txt }\nrules: { unknown: { action: block } }"
        let stranger = try await Self.finding(of: "unknown", policy, ["reviewed.txt": "pkg:npm/demo@0.9.0\n"])
        #expect(stranger?.action == .block && stranger?.message == "was looked into by nobody yet")
        #expect(try await Self.finding(of: "unknown", policy, ["reviewed.txt": "pkg:npm/demo@1.0.0\n"]) == nil)
        let without = "rules: { unknown: { action: block } }"
        #expect(try await Self.finding(of: "unknown", without, [:]) == nil)
    }

    @Test func downloadsAreCountedByTheListsThatPeopleHave() async throws {
        let data =
            "data: { packages: figures }\nrules: { popularity.min_downloads: { action: warn, on_missing_data: report } }"
        let rule = "popularity.min_downloads"
        let few = "{\"purl\":\"pkg:npm/demo\",\"downloads\":12}\n{\"purl\":\"pkg:npm/x\",\"downloads\":9}\n"
        let found = try await Self.finding(of: rule, data, ["figures": few])
        #expect(found?.message == "is of a package with 12 downloads; policy asks for 1000")
        let many = few.replacing("12", with: "120000")
        #expect(try await Self.finding(of: rule, data, ["figures": many]) == nil)
        let absent = try await Self.finding(of: rule, data, ["figures": "[{\"purl\":\"pkg:npm/x\"}]"])
        #expect(absent?.action == .report && absent?.isMissingData == true)
        // PyPI's own list of what is fetched most, as it is published.
        let top = "{\"last_update\":\"2026-11-01 07:31:20\",\"rows\":[{\"download_count\":800,\"project\":\"Demo\"}]}"
        #expect(try await Self.finding(of: rule, data, ["figures": top], kind: .pypi)?.action == .warn)
    }

    private static let repository =
        ",\"_npmUser\":{\"name\":\"a\"},\"repository\":{\"url\":\"git+https://github.com/Acme/Thing.git\"}"

    @Test func scorecardsAreOfTheRepositoryThatThePackageNames() async throws {
        let data =
            "data: { scorecards: cards.json }\nrules: { scorecard.min: { action: block, score: 6, checks: [Maintained] } }"
        func card(_ score: String, maintained: Int) -> String {
            """
            {"date":"2026-11-02","repo":{"name":"github.com/acme/thing","commit":"0"},"score":\(score),\
            "checks":[{"name":"Maintained","score":\(maintained),"reason":"x"}]}

            """
        }
        let rule = "scorecard.min"
        let low = ["cards.json": card("3.4", maintained: 9)]
        let poor = try await Self.finding(of: rule, data, low, more: Self.repository)
        #expect(poor?.message == "has a source repository with a score of 3.4 at Scorecard; policy asks for 6")
        let still = ["cards.json": card("7.5", maintained: 0)]
        let idle = try await Self.finding(of: rule, data, still, more: Self.repository)
        #expect(idle?.message.contains("with Maintained 0 at") == true)
        let good = ["cards.json": card("7.5", maintained: 9)]
        #expect(try await Self.finding(of: rule, data, good, more: Self.repository) == nil)
        #expect(try await Self.finding(of: rule, data, good) == nil)
        // Where the index names none, the figures may.
        let both = data.replacing("cards.json }", with: "cards.json, packages: figures }")
        let figures = "{\"purl\":\"pkg:pypi/demo\",\"repository\":\"https://github.com/acme/thing\"}"
        let files = ["cards.json": card("3.4", maintained: 9), "figures": figures]
        #expect(try await Self.finding(of: rule, both, files, kind: .pypi)?.action == .block)
    }

    @Test func aRepositoryOfOthersIsNoOnesOwn() async throws {
        let data = "data: { packages: figures }\nrules: { starjacking: { action: block } }"
        let popular = "{\"purl\":\"pkg:npm/thing\",\"repository\":\"https://github.com/acme/thing\"}"
        let found = try await Self.finding(of: "starjacking", data, ["figures": popular], more: Self.repository)
        #expect(found?.message == "names the repository of pkg:npm/thing as its own")
        let own = popular + "\n" + popular.replacing("pkg:npm/thing", with: "pkg:npm/demo")
        #expect(try await Self.finding(of: "starjacking", data, ["figures": own], more: Self.repository) == nil)
        #expect(try await Self.finding(of: "starjacking", data, ["figures": popular]) == nil)
        let allowed = data.replacing("block }", with: "block, allow: [\"pkg:npm/demo\"] }")
        #expect(try await Self.finding(of: "starjacking", allowed, ["figures": popular], more: Self.repository) == nil)
    }

    @Test func likelyFlawsAreToldByTheForecast() async throws {
        let rules = "rules: { vulnerability: { below: report, epss: 40, likely: block } }"
        let data = "data: { osv: osv.json, epss: epss.csv }\n\(rules)"
        let record = """
            {"id":"GHSA-1","modified":"2026-11-01T00:00:00Z","aliases":["CVE-2026-1"],"summary":"x",\
            "database_specific":{"severity":"LOW"},"affected":[{"package":{"ecosystem":"npm","name":"demo"},\
            "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}
            """
        func epss(_ chance: String) -> String {
            """
            #model_version:v2025.03.14,score_date:2026-11-20T00:00:00+0000
            cve,epss,percentile
            CVE-2026-1,\(chance),0.99
            CVE-2026-10,0.00001,0.1

            """
        }
        let likely = try await Self.finding(of: "vulnerability", data, ["osv.json": record, "epss.csv": epss("0.41")])
        #expect(likely?.action == .block)
        #expect(
            likely?.message.contains("likely to be exploited") == true
                && likely?.evidence.contains("EPSS 41.0 %") == true
        )
        let rare = try await Self.finding(of: "vulnerability", data, ["osv.json": record, "epss.csv": epss("0.39")])
        #expect(rare?.action == .report)
    }

    @Test func metadataThatNpmGivesIsLookedInto() async throws {
        let rules =
            "rules: { dependencies.max: { action: block, packages: 1 }, metadata.readme: { action: warn }, metadata.author_email: { action: warn } }"
        let user = ",\"_npmUser\":{\"name\":\"a\"}"
        let crowd = user + ",\"dependencies\":{\"a\":\"1\",\"b\":\"1\"},\"author\":\"Jane\""
        let poor = try await Self.findings(rules, [:], more: crowd).map(\.rule)
        #expect(Set(poor).isSuperset(of: ["dependencies.max", "metadata.readme", "metadata.author_email"]))
        let tidy =
            user + ",\"dependencies\":{\"a\":\"1\"},\"author\":{\"name\":\"Jane\",\"email\":\"jane@example.org\"}"
            + ",\"readmeFilename\":\"README.md\""
        let found = try await Self.findings(rules, [:], more: tidy).map(\.rule)
        #expect(found.allSatisfy { !$0.hasPrefix("metadata.") && $0 != "dependencies.max" })
        // Crates tell of their dependencies, too.
        let crate =
            ",\"deps\":[{\"name\":\"a\",\"kind\":\"normal\"},{\"name\":\"b\",\"kind\":\"normal\"},{\"name\":\"c\",\"kind\":\"dev\"}]"
        let heavy = try await Self.finding(of: "dependencies.max", rules, [:], kind: .cargo, more: crate)
        #expect(heavy?.message == "asks for 2 packages; policy takes 1")
    }
}
