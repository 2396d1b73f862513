import Core
import Policy
import Testing

@Suite struct UnclaimedTests {
    @Test func speaksOfAnArtifactThatNobodyVouchedFor() throws {
        #expect(try Policy.builtIn.judge(Self.file()).outcome == .report)
        #expect(try Policy.builtIn(mode: .enforce).judge(Self.file()).isDenied)
    }

    @Test func saysNothingAboutAReleaseAsAWhole() throws {
        #expect(try Policy.builtIn(mode: .enforce).judge(facts("pkg:generic/tool@1")).findings.isEmpty)
    }

    @Test func takesAStrongClaimFromAnywhere() throws {
        var facts = try Self.file()
        facts.claims = [DigestClaim(by: "uv.lock", digest: try #require(Self.digest(.sha512)))]
        #expect(Self.findings(.builtIn, facts).isEmpty)
        facts.claims = []
        facts.artifact?.digests = [try #require(Self.digest(.sha256))]
        #expect(Self.findings(.builtIn, facts).isEmpty)
    }

    @Test func doesNotTakeAWeakDigestForAClaim() throws {
        var facts = try Self.file()
        facts.claims = [DigestClaim(by: "sidecar", digest: try #require(Self.digest(.sha1)))]
        let finding = try #require(Self.findings(.builtIn, facts).first)
        #expect(finding.message == "has only a weak digest known in advance")
    }

    @Test func isWhatThePolicySays() throws {
        #expect(try loaded("mode: enforce\nrules: { unclaimed: { action: warn } }").judge(Self.file()).outcome == .warn)
        let off = try loaded("mode: enforce\nrules: { unclaimed: { action: allow } }")
        #expect(try Self.findings(off, Self.file()).isEmpty)
    }

    private static func findings(_ policy: Policy, _ facts: Facts) -> [Finding] {
        policy.judge(facts).findings.filter { $0.rule == "unclaimed" }
    }

    private static func file() throws -> Facts {
        try facts("pkg:generic/tool@1") { $0.artifact = Artifact(file: "tool.tar.gz") }
    }

    private static func digest(_ algorithm: Digest.Algorithm) -> Digest? {
        Digest(algorithm, bytes: Array(repeating: 7, count: algorithm.byteCount))
    }
}
