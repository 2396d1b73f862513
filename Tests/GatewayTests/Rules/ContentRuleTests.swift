import Core
import Gateway
import Policy
import TestKit
import Testing

/// Rules about what a file is and where it comes from, each through a codec.
@Suite struct ContentRuleTests {
    @Test func reportsInstallScripts() async throws {
        let listed = [Listed("1.0.0", more: ",\"hasInstallScript\":true")]
        let finding = try await RuleScene(listed: listed, rules: "").finding(of: "install_scripts")
        #expect(finding?.action == .report)
        let allowed = RuleScene(listed: listed, rules: "install_scripts: { allow: [\"pkg:npm/demo\"] }")
        #expect(try await allowed.finding(of: "install_scripts") == nil)
        #expect(try await RuleScene(listed: [Listed("1.0.0")], rules: "").finding(of: "install_scripts") == nil)
    }

    @Test func tellsBuiltFilesFromSources() async throws {
        let listed = [Listed("1.0.0")]
        let source = RuleScene(kind: .pypi, listed: listed, rules: "sdist_only: [\"pkg:pypi/*\"]")
        #expect(try await source.finding(of: "sdist_only")?.action == .block)
        let built = RuleScene(kind: .pypi, listed: listed, rules: "binary_only: [\"pkg:pypi/*\"]")
        #expect(try await built.finding(of: "binary_only") == nil)
        let gem = RuleScene(kind: .gem, listed: listed, rules: "binary_only: [\"pkg:gem/*\"]")
        #expect(try await gem.finding(of: "binary_only")?.action == .block)
        let gemSource = RuleScene(kind: .gem, listed: listed, rules: "sdist_only: [\"pkg:gem/*\"]")
        #expect(try await gemSource.finding(of: "sdist_only") == nil)
    }

    @Test func judgesLicences() async throws {
        func license(_ text: String, _ rules: String) async throws -> [String] {
            let listed = [Listed("1.0.0", more: ",\"license\":\"\(text)\"")]
            return try await RuleScene(listed: listed, rules: rules).findings().map(\.rule)
        }
        let allow = "license.allow: [MIT, Apache-2.0, GPL-2.0-only WITH Classpath-exception-2.0]"
        #expect(try await license("MIT", allow).contains("license.allow") == false)
        #expect(try await license("(MIT AND GPL-3.0-only)", allow).contains("license.allow"))
        #expect(try await license("MIT OR GPL-3.0-only", allow).contains("license.allow") == false)
        #expect(try await license("GPL-2.0 WITH Classpath-exception-2.0", allow).contains("license.allow") == false)
        #expect(try await license("GPL-2.0", allow).contains("license.allow"))
        let deny = "license.deny: [AGPL-3.0-only]"
        #expect(try await license("AGPL-3.0", deny).contains("license.deny"))
        #expect(try await license("AGPL-3.0 OR MIT", deny).contains("license.deny") == false)
        #expect(try await license("SEE LICENSE IN x", "").contains("license.missing"))
        #expect(try await license("ISC", "").contains("license.missing") == false)
        let told = deny + ", license.overrides: { purls: { \"pkg:npm/demo\": AGPL-3.0-only } }"
        #expect(try await license("MIT", told).contains("license.deny"))
    }

    @Test func knowsWhereFilesMayComeFrom() async throws {
        let listed = [Listed("1.0.0")]
        let elsewhere = RuleScene(kind: .pypi, listed: listed, rules: "origin.allow: [registry.npmjs.org]")
        #expect(try await elsewhere.finding(of: "origin.allow")?.action == .warn)
        for origins in ["files.pythonhosted.org", "\"*.pythonhosted.org\"", "PYPI"] {
            let named = RuleScene(kind: .pypi, listed: listed, rules: "origin.allow: [\(origins)]")
            #expect(try await named.finding(of: "origin.allow") == nil, "\(origins)")
        }
        let bad = RuleScene(kind: .pypi, listed: listed, rules: "ioc: { hosts: [\"*.pythonhosted.org\"] }")
        #expect(try await bad.finding(of: "ioc")?.action == .block)
        #expect(try await RuleScene(listed: listed, rules: "ioc: { hosts: [evil.example] }").finding(of: "ioc") == nil)
    }

    @Test func reportsWhatIsFetchedByAddress() async throws {
        let file = RuleScene(kind: .pinned, listed: [Listed("1.0.0")], rules: "")
        #expect(try await file.finding(of: "origin.direct_url")?.action == .report)
        #expect(try await RuleScene(listed: [Listed("1.0.0")], rules: "").finding(of: "origin.direct_url") == nil)
    }

    @Test func warnsOfYoungNamesThatLookLikePopularOnes() async throws {
        for name in ["lodahs", "1odash", "lod-ash", "loadash"] {
            let scene = RuleScene(name: name, listed: [Listed("1.0.0")], rules: "")
            #expect(
                try await scene.finding(of: "typosquat")?.message == "has a name that is easily taken for lodash",
                "\(name)"
            )
        }
        for name in ["lodash", "demo", "lodash-extra"] {
            #expect(
                try await RuleScene(name: name, listed: [Listed("1.0.0")], rules: "").finding(of: "typosquat") == nil
            )
        }
        let known = [Listed("1.0.0", published: "2015-01-01T00:00:00Z"), Listed("1.0.1")]
        #expect(try await RuleScene(name: "lodahs", listed: known, rules: "").finding(of: "typosquat") == nil)
        let own = "typosquat: { names: [\"pkg:npm/@acme/widgets\"] }"
        let imitation = RuleScene(name: "acme-widgets", listed: [Listed("1.0.0")], rules: own)
        #expect(try await imitation.finding(of: "typosquat")?.message.hasSuffix("@acme/widgets") == true)
    }

    @Test func judgesQualityWhereAsked() async throws {
        let rules = """
            popularity.min_versions: { action: warn, versions: 3 }, yank_ratio: { action: warn, percent: 40 }, \
            metadata.repo: { action: warn }, metadata.homepage: { action: warn }
            """
        let poor = [Listed("1.0.0", more: ",\"_npmUser\":{\"name\":\"a\"}")]
        let found = try await RuleScene(listed: poor, rules: rules).findings().map(\.rule)
        #expect(Set(found).isSuperset(of: ["popularity.min_versions", "metadata.repo", "metadata.homepage"]))
        let more = """
            ,"_npmUser":{"name":"a"},"homepage":"https://a.example","repository":{"url":"git+https://a.example/a.git"}
            """
        let rich = ["1.0.0", "1.0.1", "1.0.2"].map { Listed($0, more: more) }
        let clean = try await RuleScene(listed: rich, rules: rules).findings().map(\.rule)
        #expect(clean.allSatisfy { !$0.hasPrefix("metadata") && $0 != "popularity.min_versions" && $0 != "yank_ratio" })
        let yanked = [Listed("1.0.0", more: ",\"yanked\":true"), Listed("1.0.1")]
        let ratio = RuleScene(kind: .pypi, listed: yanked, rules: rules)
        #expect(try await ratio.finding(of: "yank_ratio")?.action == .warn)
    }

    @Test func refusesAnUnsafeArchiveInEveryModeUnlessItIsExempt() async throws {
        let one = Listed("1.0.0", bytes: Array("this is no wheel".utf8))
        let package = Package.make(.pypi, "demo", one, [one])
        let exempt = "exempt: [{ purl: \"pkg:pypi/demo\", rule: archive_safety, reason: x, until: 2035-01-01 }]\n"
        let cases = [
            ("mode: audit\n", 422), ("mode: enforce\n", 422), ("mode: enforce\n\(exempt)", 200),
            ("mode: enforce\nrules: { allow: [\"pkg:pypi/demo\"] }\n", 422),
            ("mode: enforce\nrules: { archive_safety: { action: warn } }\n", 200),
        ]
        for (policy, status) in cases {
            try await Scene.with(Scene.Setting { $0.policy = "version: 1\n\(policy)" }) { scene async throws in
                package.serve(on: scene.fake)
                let taken = try await scene.ask(package.url)
                #expect((taken.status == 200) == (status == 200), "\(policy): \(taken.status)")
                if status != 200 { #expect(taken.code == "archive.malformed") }
                guard status == 200 else { return }
                let verdict = try #require(scene.recorder.fetched.last).verdict
                #expect(verdict.findings.contains { $0.rule == "archive_safety" })
            }
        }
    }
}
