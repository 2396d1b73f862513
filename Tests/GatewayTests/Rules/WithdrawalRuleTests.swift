import Core
import Gateway
import Policy
import TestKit
import Testing
import Upstream

/// `yanked`, `changed_content` and `size`, each through a codec.
@Suite struct WithdrawalRuleTests {
    @Test(arguments: [Package.Kind.pypi, .cargo])
    func blocksWhatWasTakenBackAndWarnsWhereALockfilePinsIt(_ kind: Package.Kind) async throws {
        let listed = [Listed("1.0.0"), Listed("1.0.1", more: ",\"yanked\":\"broken\"")]
        let free = try await RuleScene(kind: kind, listed: listed, rules: "").finding(of: "yanked")
        #expect(free?.action == .block)
        #expect(free?.evidence.hasPrefix("yanked") == true)
        let pinned = try await RuleScene(kind: kind, listed: listed, rules: "", isPinned: true).finding(of: "yanked")
        #expect(pinned?.action == .warn)
        #expect(try await RuleScene(kind: kind, listed: listed, asked: "1.0.0", rules: "").finding(of: "yanked") == nil)
    }

    @Test func warnsOfADeprecatedRelease() async throws {
        let listed = [Listed("1.0.0"), Listed("1.0.1", more: ",\"deprecated\":\"use other\"")]
        let finding = try await RuleScene(listed: listed, rules: "").finding(of: "yanked")
        #expect(finding?.action == .warn)
        #expect(finding?.message == "is deprecated: use other")
        #expect(
            try await RuleScene(listed: listed, rules: "yanked: { deprecated: allow }").finding(of: "yanked") == nil
        )
        #expect(try await RuleScene(listed: listed, asked: "1.0.0", rules: "").finding(of: "yanked") == nil)
    }

    @Test func blocksAFileThatBecameAnother() async throws {
        let scratch = try Scratch()
        var packages: [Package] = []
        for seed in [900, 901, 900] {
            let one = Listed("1.0.0", bytes: Package.bytes(.npm, "demo", "1.0.0", seed))
            packages.append(.npm("demo", one, [one]))
        }
        var found: [Finding?] = []
        for package in packages {
            try await Scene.with(Scene.Setting { $0.policy = "version: 1\nmode: audit\n" }, scratch: scratch) { scene in
                package.serve(on: scene.fake)
                _ = try await scene.ask(package.url, [HeaderField("Cache-Control", "max-age=0")])
                let input = scene.recorder.fetched.last
                found.append(input?.verdict.findings.first { $0.rule == "changed_content" })
            }
        }
        #expect(found[0] == nil)
        #expect(found[1]?.action == .block)
        #expect(found[2] == nil)
    }

    @Test func warnsOfAFileThatGrewTenfold() async throws {
        let small = Listed("1.0.0", bytes: Package.bytes(.pypi, "demo", "1.0.0", 60_000))
        let large = Listed(
            "1.0.1",
            published: "2026-02-01T00:00:00Z",
            bytes: Package.bytes(.pypi, "demo", "1.0.1", 900_000)
        )
        let finding = try await RuleScene(kind: .pypi, listed: [small, large], rules: "").finding(of: "size")
        #expect(finding?.action == .warn)
        #expect(finding?.message.hasPrefix("is 14 times as large as 1.0.0") == true, "\(finding?.message ?? "")")
        #expect(
            try await RuleScene(kind: .pypi, listed: [small, large], asked: "1.0.0", rules: "").finding(of: "size")
                == nil
        )
        let limit = RuleScene(kind: .pypi, listed: [large], rules: "size: { megabytes: 1, action: block }")
        #expect(try await limit.finding(of: "size") == nil)
    }
}
