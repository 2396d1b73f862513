import Attestation
import Core
import Foundation
import JSONText
import Kernel
import Storage
import TestKit
import Testing

/// The organisation's signed policy above a repository's own.
@Suite("The organisation's policy")
struct OrganisationTests {
    /// A registry that serves one signed policy, and a job that was given its key.
    private final class Scene: Sendable {
        let stage: Stage
        let registry: TestKit.FakeUpstream
        private let key = SigningKey.generate(.ed25519)

        init() async throws {
            stage = try Stage()
            registry = try await TestKit.FakeUpstream.start()
            var entry = TrustFile.Key(key.publicKey)
            entry.use = .policies
            try write("trust.json", TrustFile(keys: [entry]).prettyBytes())
        }

        func write(_ name: String, _ bytes: [UInt8]) throws {
            try Files.writeAtomically("\(stage.job)/\(name)", bytes, mode: 0o644)
        }

        func serve(_ text: String, serial: Int64 = 1, staleness: Int64 = 86_400, by other: SigningKey? = nil) throws {
            let issued = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
            let policy = SignedPolicy(text: text, issued: issued, serial: serial, maximumStaleness: staleness)
            let bytes = try policy.signed(with: [other ?? key]).canonicalBytes()
            registry.serve("/api/v1/policy", TestKit.FakeAnswer(bytes))
        }

        func run(_ words: String) async throws -> ChildReport {
            let environment = ["PURSER_REGISTRY": registry.origin, "PURSER_POLICY_TRUST": "trust.json"]
            return try await stage.shell(words, environment: environment)
        }

        func json(_ name: String) throws -> JSON { try JSON(parsing: Files.readAll("\(stage.job)/\(name)")) }
    }

    private static let strict = "version: 1\nmode: enforce\nrules: { min_age: { days: 7 } }\n"

    @Test func standsAboveTheRepositorysAndIsInThePapers() async throws {
        let scene = try await Scene()
        try scene.serve(Self.strict)
        try scene.write("purser.yml", Array("version: 1\nrules: { min_age: { days: 9 } }\n".utf8))
        let run = try await scene.run("purser run -- true")
        #expect(run.exit.status == 0, "\(run.errorText)")
        #expect(run.errorText.contains("organisation http://127.0.0.1"))
        let layers = try scene.json("purser-run.json")["policy"]?["layers"]?.array ?? []
        #expect(layers.map { $0["layer"]?.string } == ["organisation", "repository"])
        #expect(layers.first?["keyid"]?.string?.isEmpty == false)
        let envelope = try Envelope(parsing: Files.readAll("\(scene.stage.job)/purser.intoto.json"))
        let statement = try envelope.unverifiedStatement()
        #expect(statement.predicate.policy.organisation?.description == layers.first?["digest"]?.string)
        #expect(statement.predicate.policy.mode == "enforce")
        let shown = try await scene.run("purser policy show").outputText
        #expect(shown.contains("mode: enforce  # organisation: http://127.0.0.1"))
        #expect(shown.contains("rules.min_age.days: 9  # repository: purser.yml line 2"))
    }

    @Test func isLoosenedByNobodyBelow() async throws {
        let scene = try await Scene()
        try scene.serve(Self.strict)
        try scene.write("purser.yml", Array("version: 1\nrules: { min_age: { days: 1 } }\n".utf8))
        let file = try await scene.run("purser run -- touch started")
        #expect(file.exit.status == 2)
        #expect(file.errorText.contains("purser.yml line 2, rules.min_age.days"))
        try scene.write("purser.yml", Array("version: 1\n".utf8))
        let flag = try await scene.run("purser run --mode audit -- touch started")
        #expect(flag.exit.status == 2)
        #expect(flag.errorText.contains("would loosen the organisation's policy"))
        #expect(!Files.exists("\(scene.stage.job)/started"))
    }

    @Test func theLastGoodCopyIsUsedWhileNobodyCanBeAsked() async throws {
        let scene = try await Scene()
        try scene.serve(Self.strict)
        #expect(try await scene.run("purser run -- true").exit.status == 0)
        scene.registry.serve("/api/v1/policy", TestKit.FakeAnswer(status: 503))
        let copy = try await scene.run("purser run -- true")
        #expect(copy.exit.status == 0, "\(copy.errorText)")
        #expect(copy.errorText.contains("a copy of "))
        #expect(try await scene.run("purser run --offline -- true").exit.status == 0)
        // Without a copy nothing is started.
        let none = try await scene.run("purser run --cache off -- touch started")
        #expect(none.exit.status == 7, "\(none.errorText)")
        #expect(!Files.exists("\(scene.stage.job)/started"))
    }

    @Test func aCopyThatIsTooOldIsNoPolicy() async throws {
        let scene = try await Scene()
        try scene.serve(Self.strict, staleness: 0)
        #expect(try await scene.run("purser run -- true").exit.status == 0)
        try await Task.sleep(for: .milliseconds(1_100))
        let stale = try await scene.run("purser run --offline -- touch started")
        #expect(stale.exit.status == 3, "\(stale.errorText)")
        #expect(stale.errorText.contains("error[policy.undecidable]"))
    }

    @Test func whatIsNotSignedAsItShouldBeIsRefused() async throws {
        let scene = try await Scene()
        try scene.serve(Self.strict, by: SigningKey.generate(.ed25519))
        let foreign = try await scene.run("purser run -- touch started")
        #expect(foreign.exit.status == 5)
        #expect(foreign.errorText.contains("error[integrity.signature]"))
        scene.registry.serve("/api/v1/policy", TestKit.FakeAnswer("version: 1\n", type: "text/plain"))
        #expect(try await scene.run("purser run -- touch started").exit.status == 5)
        // A key that signs builds signs no policies.
        try scene.serve(Self.strict, serial: 5)
        #expect(try await scene.run("purser run -- true").exit.status == 0)
        try scene.serve(Self.strict, serial: 4)
        let rollback = try await scene.run("purser run -- touch started")
        #expect(rollback.exit.status == 5)
        #expect(rollback.errorText.contains("and 5 was seen before"))
        #expect(!Files.exists("\(scene.stage.job)/started"))
    }

    @Test func aTextAtAnAddressIsTakenByItsDigest() async throws {
        let scene = try await Scene()
        scene.registry.serve("/policy.yml", TestKit.FakeAnswer(Self.strict, type: "text/plain"))
        let digest = Digest.sha256(of: Array(Self.strict.utf8)).hex
        let pinned = "\(scene.registry.origin)/policy.yml#sha256=\(digest)"
        let stage = scene.stage
        let good = try await stage.shell("purser run --policy '\(pinned)' -- true")
        #expect(good.exit.status == 0, "\(good.errorText)")
        #expect(good.errorText.contains("policy    enforce, organisation http://127.0.0.1"))
        scene.registry.serve("/policy.yml", TestKit.FakeAnswer("version: 1\n", type: "text/plain"))
        // The copy still has the digest; without it, what is served now has not.
        #expect(try await stage.shell("purser run --policy '\(pinned)' -- true").exit.status == 0)
        let other = try await stage.shell("purser run --cache off --policy '\(pinned)' -- touch started")
        #expect(other.exit.status == 5, "\(other.errorText)")
        #expect(!Files.exists("\(stage.job)/started"))
    }
}
