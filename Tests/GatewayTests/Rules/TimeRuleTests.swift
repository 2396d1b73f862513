import Core
import Gateway
import Policy
import TestKit
import Testing

/// Rules about time, each through a codec: one release that it speaks of and one that it does not.
@Suite struct TimeRuleTests {
    private static let old = "2019-03-01T00:00:00Z"

    /// What pip and uv do for PyPI by a flag, for every index with dates, and for files that are asked for without one.
    @Test(arguments: [Package.Kind.npm, .pypi, .cargo, .composer, .gem, .pub, .maven], ["audit", "enforce"])
    func asOfKnowsNothingThatIsYoungerInEitherMode(_ kind: Package.Kind, _ mode: String) async throws {
        let listed = [
            Listed("1.0.0", published: "2026-01-10T00:00:00Z"), Listed("2.0.0", published: "2026-06-01T00:00:00Z"),
        ].map { Self.filled($0, kind) }
        let rules = "as_of: { time: 2026-03-01 }, min_age: { action: allow }, unclaimed: { action: allow }"
        let setting = Scene.Setting { $0.policy = "version: 1\nmode: \(mode)\nrules: { \(rules) }\n" }
        // Maven's list of versions has no dates; its files have. Cargo's indexes call hidden releases yanked.
        let mark =
            [.maven, .cargo].contains(kind)
            ? "\"vers\":\"2.0.0\",\"yanked\":false" : [.npm, .pypi].contains(kind) ? "demo-2.0.0" : "2.0.0"
        for (one, status) in [(listed[0], 200), (listed[1], 403)] {
            let package = Package.make(kind, "demo", one, listed)
            try await Scene.with(setting) { scene async throws in
                package.serve(on: scene.fake)
                let index = try #require(try await scene.announce(package)).text
                #expect(index.contains("1.0.0") && !index.contains(mark), "\(kind)")
                if kind == .cargo { #expect(index.contains("\"yanked\":true")) }
                let taken = try await scene.ask(package.url)
                #expect(taken.status == status, "\(kind) \(one.version) \(taken.reason ?? "")")
                guard status == 403 else { return }
                let told = "was published after 2026-03-01T00:00:00Z, as of which this job builds"
                #expect(taken.text.contains(told), "\(kind): \(taken.text)")
            }
        }
    }

    @Test func maxAgeReportsAPackageWithoutRecentReleases() async throws {
        let still = [Listed("1.0.0", published: Self.old), Listed("1.0.1", published: Self.old)]
        let finding = try await RuleScene(listed: still, rules: "max_age: { days: 1000 }").finding(of: "max_age")
        #expect(finding?.action == .report)
        #expect(finding?.evidence == "newest release 1.0.1, published 2019-03-01T00:00:00Z")
        // An old release of a package that lives is none of its business.
        let alive = still + [Listed("2.0.0", published: RuleScene.yesterday)]
        let rule = RuleScene(listed: alive, asked: "1.0.0", rules: "max_age: { days: 1000 }")
        #expect(try await rule.finding(of: "max_age") == nil)
    }

    @Test func longGapWarnsOfAReleaseAfterASilence() async throws {
        let listed = [Listed("1.0.0", published: Self.old), Listed("1.0.1", published: RuleScene.yesterday)]
        let finding = try await RuleScene(listed: listed, rules: "long_gap: { days: 180 }").finding(of: "long_gap")
        #expect(finding?.action == .warn)
        #expect(finding?.message.hasPrefix("follows a silence of 2818 d") == true, "\(finding?.message ?? "")")
        #expect(finding?.allowedFrom != nil)
        #expect(try await RuleScene(listed: listed, asked: "1.0.0", rules: "").finding(of: "long_gap") == nil)
        let busy = [
            Listed("1.0.0", published: "2026-10-30T00:00:00Z"), Listed("1.0.1", published: RuleScene.yesterday),
        ]
        #expect(try await RuleScene(listed: busy, rules: "").finding(of: "long_gap") == nil)
    }

    @Test(arguments: [Package.Kind.npm, .pypi])
    func versionJumpWarnsOfANumberFarAboveTheOthers(_ kind: Package.Kind) async throws {
        let listed = [Listed("1.2.0", published: Self.old), Listed("99.9.9", published: RuleScene.yesterday)]
        let finding = try await RuleScene(kind: kind, listed: listed, rules: "").finding(of: "version_jump")
        #expect(finding?.action == .warn)
        #expect(finding?.evidence == "the highest release before it is 1.2.0")
        let next = [Listed("1.2.0", published: Self.old), Listed("2.0.0", published: RuleScene.yesterday)]
        #expect(try await RuleScene(kind: kind, listed: next, rules: "").finding(of: "version_jump") == nil)
        let calendar = [Listed("1.2.0", published: Self.old), Listed("2026.1.0", published: RuleScene.yesterday)]
        #expect(try await RuleScene(kind: kind, listed: calendar, rules: "").finding(of: "version_jump") == nil)
    }

    @Test func minAgeLetsInWhatFixesTheLockedRelease() async throws {
        let flaw = Advisory(id: "GHSA-1", isMalware: false, summary: "overflow")
        let listed = [Listed("1.0.0"), Listed("1.0.1", published: RuleScene.yesterday)]
        let policy = "version: 1\nmode: enforce\nrules: { unclaimed: { action: allow }, min_age: { days: 7 } }\n"
        let cases: [(known: [String: [Advisory]], status: Int)] = [
            (["1.0.0": [flaw]], 200), (["1.0.0": [flaw], "1.0.1": [flaw]], 403), ([:], 403),
        ]
        for (known, status) in cases {
            let package = Package.make(.npm, "demo", Self.filled(listed[1]), listed.map { Self.filled($0) })
            let setting = Scene.Setting {
                $0.policy = policy
                $0.records = { purl in purl.version.flatMap { known[$0] } ?? [] }
            }
            try await Scene.with(setting) { scene async throws in
                package.serve(on: scene.fake)
                let pin = Pin(release: try Purl(parsing: "pkg:npm/demo@1.0.0"), digests: [])
                scene.gateway.learn([pin], from: "package-lock.json")
                let index = try #require(try await scene.announce(package))
                #expect(index.text.contains("demo-1.0.1") == (status == 200))
                #expect(try await scene.ask(package.url).status == status)
                guard status == 200 else { return }
                let finding = try #require(scene.recorder.fetched.last?.verdict.findings.first { $0.rule == "min_age" })
                #expect(finding.action == .report)
                #expect(finding.message.hasSuffix("and passes because it fixes GHSA-1"))
            }
        }
    }

    @Test func minAgeWithoutFallbackLeavesTheIndexAsItIsAndRefusesTheFile() async throws {
        let listed = [Listed("1.0.0"), Listed("1.0.1", published: RuleScene.yesterday)].map { Self.filled($0) }
        let package = Package.make(.npm, "demo", listed[1], listed)
        let setting = Scene.Setting {
            $0.policy = "version: 1\nmode: enforce\nrules: { min_age: { days: 7, fallback: false } }\n"
        }
        try await Scene.with(setting) { scene async throws in
            package.serve(on: scene.fake)
            #expect(try #require(try await scene.announce(package)).text.contains("demo-1.0.1"))
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 403)
            #expect(taken.text.contains("take 1.0.0, which policy allows"))
        }
    }

    private static func filled(_ listed: Listed, _ kind: Package.Kind = .npm) -> Listed {
        var listed = listed
        listed.bytes = Package.bytes(kind, "demo", listed.version, 900)
        return listed
    }
}
