import Core
import Gateway
import Policy
import TestKit
import Testing

/// Rules about who published a release, each through a codec.
@Suite struct TrustRuleTests {
    private static let proven = ",\"_npmUser\":{\"name\":\"robot\",\"trustedPublisher\":{\"id\":\"github\"}}"
    private static let byHand = ",\"_npmUser\":{\"name\":\"mallory\"}"

    @Test func noDowngradeBlocksAReleasePublishedByHandAfterAWorkflowDid() async throws {
        let listed = [
            Listed("1.0.0", more: Self.byHand), Listed("1.1.0", published: "2026-02-01T00:00:00Z", more: Self.proven),
            Listed("1.0.1", published: RuleScene.yesterday, more: Self.byHand),
        ]
        // By date: 1.0.1 came after 1.1.0.
        let finding = try await RuleScene(listed: listed, rules: "").finding(of: "trust.no_downgrade")
        #expect(finding?.action == .block)
        #expect(finding?.message == "has no evidence of its publisher; 1.1.0 before it had trusted-publisher")
        for asked in ["1.0.0", "1.1.0"] {
            let other = RuleScene(listed: listed, asked: asked, rules: "trust.no_downgrade: { ignore_after: 0 }")
            #expect(try await other.finding(of: "trust.no_downgrade") == nil)
        }
    }

    @Test func noDowngradeDoesNotCompareWithPrereleasesNorWithOldOnes() async throws {
        let pre = [
            Listed("2.0.0-beta.1", more: Self.proven),
            Listed("1.0.1", published: RuleScene.yesterday, more: Self.byHand),
        ]
        #expect(try await RuleScene(listed: pre, rules: "").finding(of: "trust.no_downgrade") == nil)
        let old = [
            Listed("1.0.0", published: "2020-01-01T00:00:00Z", more: Self.proven),
            Listed("1.0.1", published: "2021-01-01T00:00:00Z", more: Self.byHand),
        ]
        #expect(try await RuleScene(listed: old, rules: "").finding(of: "trust.no_downgrade") == nil)
        let all = RuleScene(listed: old, rules: "trust.no_downgrade: { ignore_after: 0 }")
        #expect(try await all.finding(of: "trust.no_downgrade")?.action == .block)
    }

    @Test func noDowngradeSeesProvenanceGoneFromPyPI() async throws {
        let proof = ",\"provenance\":\"https://pypi.org/integrity/demo/1.0.0/x/provenance\""
        let listed = [Listed("1.0.0", more: proof), Listed("1.0.1", published: RuleScene.yesterday)]
        let finding = try await RuleScene(kind: .pypi, listed: listed, rules: "").finding(of: "trust.no_downgrade")
        #expect(finding?.action == .block)
        #expect(finding?.isMissingData == true)
        let kept = [Listed("1.0.0", more: proof), Listed("1.0.1", published: RuleScene.yesterday, more: proof)]
        #expect(try await RuleScene(kind: .pypi, listed: kept, rules: "").finding(of: "trust.no_downgrade") == nil)
    }

    @Test func requireAsksForEvidence() async throws {
        let rules = "trust.require: { purls: [\"pkg:npm/demo\"], least: provenance }"
        let bare = [Listed("1.0.0", more: Self.byHand)]
        #expect(try await RuleScene(listed: bare, rules: rules).finding(of: "trust.require")?.action == .block)
        let proven = [Listed("1.0.0", more: Self.proven)]
        #expect(try await RuleScene(listed: proven, rules: rules).finding(of: "trust.require") == nil)
        #expect(try await RuleScene(name: "other", listed: bare, rules: rules).finding(of: "trust.require") == nil)
    }

    @Test func reportsAnAccountThatPublishedNothingBefore() async throws {
        let listed = [
            Listed("1.0.0", more: Self.proven), Listed("1.0.1", published: RuleScene.yesterday, more: Self.byHand),
        ]
        let finding = try await RuleScene(listed: listed, rules: "").finding(of: "publisher.changed")
        #expect(finding?.action == .report)
        #expect(finding?.message == "was published by mallory, who published none before it")
        let same = [listed[0], Listed("1.0.1", published: RuleScene.yesterday, more: Self.proven)]
        #expect(try await RuleScene(listed: same, rules: "").finding(of: "publisher.changed") == nil)
    }

    @Test func allowsAndDeniesAccounts() async throws {
        let listed = [Listed("1.0.0", more: Self.byHand)]
        let allow = "publisher.allow: { purls: [\"pkg:npm/demo\"], publishers: [robot] }"
        #expect(try await RuleScene(listed: listed, rules: allow).finding(of: "publisher.allow")?.action == .block)
        let known = [Listed("1.0.0", more: Self.proven)]
        #expect(try await RuleScene(listed: known, rules: allow).finding(of: "publisher.allow") == nil)
        let deny = "publisher.deny: [mallory]"
        #expect(try await RuleScene(listed: listed, rules: deny).finding(of: "publisher.deny")?.action == .block)
        #expect(try await RuleScene(listed: known, rules: deny).finding(of: "publisher.deny") == nil)
    }
}
