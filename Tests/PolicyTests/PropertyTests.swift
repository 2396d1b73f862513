import Core
import Policy
import Testing

/// What holds of every policy and all facts, tried on many that chance made.
@Suite struct PropertyTests {
    private static let rules = [
        "min_age: { days: 5 }", "as_of: { time: 2026-11-01 }", "max_age: { action: warn, days: 400 }",
        "long_gap: { action: block }", "version_jump: { action: block }", "yanked: { locked: report }",
        "vulnerability: { severity: high }", "vulnerability.ids: { block: [GHSA-2] }", "block: [\"pkg:npm/b@>=2\"]",
        "trust.no_downgrade: { action: block }", "trust.require: [\"pkg:npm/c\"]",
        "publisher.changed: { action: warn }",
        "publisher.deny: [mallory]", "install_scripts: { action: block }", "binary_only: [\"pkg:pypi/*\"]",
        "size: { megabytes: 1 }", "plain_http: { action: block }", "origin.allow: [registry.example, \"*.test\"]",
        "typosquat: { action: block }", "license.allow: [MIT]", "license.deny: [GPL-3.0-only]",
        "license.missing: { action: block }", "changed_content: { action: block }", "unclaimed: { action: warn }",
        "trust.verify: { purls: [\"pkg:npm/*\"], signers: { \"pkg:npm/a\": \"https://github.com/a/*\" } }",
        "signature.require: [\"pkg:npm/b\", \"pkg:pypi/*\"]",
        "origin.direct_url: { action: block }", "yank_ratio: { action: block, percent: 10 }",
        "malware: { on_missing_data: warn }", "malware.suspicious: { action: block }",
        "namespace.internal: [\"pkg:npm/b\"]",
        "archive_safety: { action: block }", "ioc: { hosts: [\"*.test\"] }",
        "publisher.allow: { purls: [\"pkg:npm/a\"], publishers: [robot] }",
        "sdist_only: [\"pkg:pypi/c\"]", "unknown: { action: warn }", "starjacking: { action: block }",
        "popularity.min_downloads: { action: warn, on_missing_data: report }",
        "popularity.min_versions: { action: block }",
        "scorecard.min: { action: block, checks: [Maintained] }", "dependencies.max: { action: block, packages: 2 }",
        "metadata.repo: { action: warn }", "metadata.homepage: { action: warn }", "metadata.readme: { action: warn }",
        "metadata.author_email: { action: block, on_missing_data: warn }",
    ]

    /// What is tried here is every rule that judges.
    @Test func noRuleIsLeftOut() {
        let judges = RuleCatalog.definitions.filter { $0.action != nil && $0.key != .lockfileClean }
        #expect(Set(Self.names) == Set(judges.map(\.key.rawValue)))
    }

    @Test func everyRuleSpeaksOfSomeOfTheFacts() throws {
        var chance = Chance(5)
        let policy = try Self.policy(Self.rules, "")
        var speaking: Set<String> = []
        for _ in 0..<3_000 { speaking.formUnion(policy.judge(try Self.facts(&chance)).findings.map(\.rule)) }
        #expect(speaking == Set(Self.names))
    }

    @Test func anAddedExemptionLiftsWhatItNamesAndNothingBecomesStricter() throws {
        var chance = Chance(1)
        let without = try Self.policy(Self.rules, "")
        for _ in 0..<300 {
            let facts = try Self.facts(&chance)
            let before = without.judge(facts)
            let rule = Self.names[chance(Self.names.count)]
            let name = ["pkg:npm/a", "pkg:npm/b", "pkg:npm/*", "pkg:pypi/c"][chance(4)]
            let line = "exempt: [{ purl: \"\(name)\", rule: \(rule), reason: x, until: 2035-01-01 }]\n"
            let after = try Self.policy(Self.rules, line).judge(facts)
            #expect(after.outcome <= before.outcome)
            #expect(after.findings.count == before.findings.count)
            let unlifted = after.findings.filter { $0.rule != rule }
            #expect(Set(unlifted) == Set(before.findings.filter { $0.rule != rule }))
        }
    }

    @Test func auditAndEnforceAgreeOnEveryFinding() throws {
        var chance = Chance(2)
        let audit = try Self.policy(Self.rules, "mode: audit\n")
        let enforce = try Self.policy(Self.rules, "mode: enforce\n")
        for _ in 0..<500 {
            let facts = try Self.facts(&chance)
            let (one, other) = (audit.judge(facts), enforce.judge(facts))
            #expect(one.findings == other.findings)
            // What does not exist as of a time is in neither mode there.
            #expect((one.wouldBlock || one.isDenied) == other.isDenied)
            #expect(
                one.isDenied == one.findings.contains { $0.rule == "as_of" && $0.action == .block && !$0.isMissingData }
            )
        }
    }

    @Test func theOrderOfRulesDoesNotMatter() throws {
        var chance = Chance(3)
        let policy = try Self.policy(Self.rules, "")
        for _ in 0..<20 {
            var shuffled = Self.rules
            for at in shuffled.indices.dropFirst() { shuffled.swapAt(at, chance(at + 1)) }
            let other = try Self.policy(shuffled, "")
            #expect(other.digest == policy.digest)
            let facts = try Self.facts(&chance)
            #expect(other.judge(facts) == policy.judge(facts))
        }
    }

    private static let names = rules.map { String($0.prefix { $0 != ":" }) }

    private static func policy(_ rules: [String], _ more: String) throws -> Policy {
        try loaded("\(more)data: { osv: x }\nrules:\n" + rules.map { "  \($0)\n" }.joined())
    }

    /// Facts of every kind, so that each rule speaks now and then.
    private static func facts(_ chance: inout Chance) throws -> Facts {
        let name = ["npm/a", "npm/b", "npm/c", "npm/lodahs", "pypi/c", "generic/d"][chance(6)]
        let version = ["1.0.0", "2.0.0", "2.1.0", "99.0.0"][chance(4)]
        var facts = try PolicyTests.facts("pkg:\(name)@\(version)", age: [nil, 0, 86_400, 40 * 86_400][chance(4)])
        facts.release.license = [nil, "MIT", "MIT OR GPL-3.0-only", "GPL-3.0-only", "what?"][chance(5)]
        facts.release.evidence = [nil, PublisherEvidence(.none), PublisherEvidence(.provenance)][chance(3)]
        facts.release.publishers = [[], ["robot"], ["mallory"]][chance(3)]
        facts.release.runsInstallScript = [nil, true, false][chance(3)]
        if chance(4) == 0 { facts.release.yanked = Withdrawal() }
        if chance(4) == 0 { facts.release.deprecated = Withdrawal(reason: "old") }
        facts.isLocked = chance(2) == 0
        facts.source = [.index, .lockfile, .directURL][chance(3)]
        let host = ["https://registry.example/a", "http://other.example/a", "http://a.test/a"][chance(3)]
        if chance(4) > 0 {
            let file = ["c-1.whl", "c-1.tar.gz", "a-1.tgz"][chance(3)]
            facts.artifact = Artifact(file: file, url: try HTTPURL(host), size: [nil, 10, 9_000_000][chance(3)])
        }
        facts.remembered = [nil, TextDigests.one][chance(2)]
        if chance(2) == 0 { facts.claims = [DigestClaim(by: "index", digest: TextDigests.other)] }
        var flaw = Advisory(id: "GHSA-\(chance(4))", isMalware: chance(8) == 0, summary: "flaw")
        flaw.severity = [nil, .low, .critical][chance(3)]
        flaw.likelihood = [nil, 20, 9_000][chance(3)]
        flaw.fixedIn = chance(2) == 0 ? ["3.0.0"] : []
        facts.advisories = [nil, [], [flaw]][chance(3)]
        facts.signatures = [nil, SignatureFindings.none, Self.signed][chance(3)]
        if chance(2) == 0 { facts.fixes = { ["GHSA-9"] } }
        if chance(2) == 0 { facts.history = try history(facts.release.purl) }
        complete(&facts, &chance)
        return facts
    }

    private static func complete(_ facts: inout Facts, _ chance: inout Chance) {
        facts.release.repository = [nil, "", "https://github.com/a/b"][chance(3)]
        facts.release.homepage = [nil, "", "https://a.example"][chance(3)]
        facts.release.authorEmail = [nil, "", "a@b.example"][chance(3)]
        facts.release.hasReadme = [nil, true, false][chance(3)]
        facts.release.dependencyCount = [nil, 0, 9][chance(3)]
        facts.reputation = [nil, reputation(&chance)][chance(2)]
        facts.isPublicOrigin = chance(2) == 0
        facts.isIdentityKnown = chance(4) > 0
        if chance(3) == 0 { facts.stale = [.osv: "is old", .epss: "is old", .packages: "is old", .names: "is old"] }
        if chance(4) == 0 {
            facts.bytes = Facts.ByteFacts(sha256: TextDigests.other, size: 10, identity: nil, entries: 1)
            facts.bytes?.archiveFault = [nil, "leads out of its folder"][chance(2)]
        }
    }

    private static func reputation(_ chance: inout Chance) -> Reputation {
        var reputation = Reputation()
        reputation.suspicions = [nil, [], ["pkg:npm/a (phones home)"]][chance(3)]
        reputation.isReviewed = [nil, true, false][chance(3)]
        reputation.downloads = [nil, 3, 40_000][chance(3)]
        reputation.scorecard = [nil, Reputation.Scorecard(score: 31, checks: [:])][chance(2)]
        reputation.repositoryOwners = [[], ["pkg:npm/popular"]][chance(2)]
        return reputation
    }

    private static let signed = SignatureFindings(
        attestation: .good(SignatureMaker(identity: "https://github.com/a/b", issuer: "https://issuer.example")),
        registry: .bad("has a registry signature that does not fit")
    )

    /// What layers promise: whatever a lower one is let say, nothing comes in that the upper one keeps out.
    @Test func whatALowerLayerIsLetSayNeverLoosens() throws {
        var chance = Chance(4)
        let upper = "version: 1\nmode: enforce\ndata: { osv: x }\nrules:\n" + Self.rules.map { "  \($0)\n" }.joined()
        let strict = try PolicyFile.parse(upper, name: "org.yml").policy
        let words = [
            "min_age: { days: \(chance(12)) }", "min_age: { per: { npm: 9 } }", "as_of: { time: 2026-10-01 }",
            "as_of: { time: 2026-12-01 }", "max_age: { days: 300 }", "max_age: { action: allow }",
            "yanked: { locked: block }", "yanked: { action: warn }", "vulnerability: { severity: low }",
            "vulnerability: { severity: critical }", "block: [\"pkg:npm/a\"]", "allow: [\"pkg:npm/*\"]",
            "trust.require: [\"pkg:npm/a\"]", "trust.verify: { purls: [\"pkg:pypi/*\"] }",
            "trust.verify: { purls: [\"pkg:npm/a\"], issuers: [https://other.example] }",
            "publisher.deny: [robot]", "install_scripts: { allow: [\"pkg:npm/*\"] }", "size: { megabytes: 0 }",
            "origin.allow: [\"*.test\"]", "license.allow: [ISC]", "license.deny: [MIT]", "typosquat: { younger: 1 }",
            "unclaimed: { action: block }", "changed_content: { action: allow }", "signature.require: [\"pkg:npm/c\"]",
            "malware.suspicious: { action: warn }", "popularity.min_downloads: { downloads: 50000 }",
            "popularity.min_downloads: { downloads: 2 }", "scorecard.min: { checks: [Fuzzing] }",
            "scorecard.min: { score: 1 }",
            "starjacking: { allow: [\"pkg:npm/a\"] }", "dependencies.max: { packages: 1 }",
            "dependencies.max: { packages: 99 }",
            "vulnerability: { epss: 10 }", "vulnerability: { likely: report }", "unknown: { action: block }",
        ]
        var taken = 0
        for word in words {
            let layers = [
                PolicySource(.organisation, name: "org.yml", text: upper),
                PolicySource(.repository, name: "purser.yml", text: "version: 1\nrules: { \(word) }\n"),
            ]
            guard let both = try? PolicyFile.layered(layers).policy else { continue }
            taken += 1
            for _ in 0..<60 {
                let facts = try Self.facts(&chance)
                let (before, after) = (strict.judge(facts), both.judge(facts))
                #expect(after.outcome >= before.outcome, "\(word)")
                #expect(!before.isDenied || after.isDenied, "\(word)")
            }
        }
        #expect(taken > 5 && taken < words.count)
    }

    private static func history(_ purl: Purl) throws -> ReleaseHistory {
        let releases = ["0.1.0", "1.0.0", "2.0.0"].enumerated().map { at, version in
            var release = Release(purl: purl.package.at(version))
            let time = Timestamp(seconds: now.seconds - Int64(900 - at * 100) * 86_400)
            release.published = PublishTime(time, basis: .registryTime)
            release.evidence = PublisherEvidence(at == 1 ? .trustedPublisher : .none)
            release.publishers = ["robot"]
            if at == 0 { release.yanked = Withdrawal() }
            return release
        }
        return ReleaseHistory(releases) { _ in false }
    }
}

/// Two digests that differ.
private enum TextDigests {
    static let one = Digest(.sha256, hex: String(repeating: "1", count: 64))
    static var other: Digest { Digest(.sha256, hex: String(repeating: "2", count: 64)) ?? Digest.zero }
}

extension Digest {
    fileprivate static var zero: Digest {
        guard let digest = Digest(.sha256, hex: String(repeating: "0", count: 64)) else { fatalError("64 digits") }
        return digest
    }
}

/// Numbers that are the same in every run.
struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func callAsFunction(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
