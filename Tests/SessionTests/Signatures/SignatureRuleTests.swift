import Core
import Crypto
import Evidence
import Gateway
import JSONText
import Policy
import TestKit
import Testing

@testable import Session

/// `trust.verify` and `signature.require`, from the registry's documents through the codecs and the real checks.
@Suite("Rules about signatures")
struct SignatureRuleTests {
    /// A package, and what the registry keeps of its attestations.
    private struct Publication {
        let package: Package
        var attestations: [UInt8]?

        var path: String {
            package.kind == .npm
                ? "/npm/-/npm/v1/attestations/demo@1.0.0" : "/pypi/integrity/demo/1.0.0/\(package.file)/provenance"
        }
    }

    private static func publication(_ kind: Package.Kind, signatures: String = "") -> Publication {
        var listed = Listed("1.0.0", bytes: Package.bytes(kind, "demo", "1.0.0", 900))
        if kind == .npm {
            listed.dist = ",\"attestations\":{\"url\":\"https://registry.npmjs.org/-/npm/v1/attestations/demo@1.0.0\"}"
            listed.dist += signatures
        } else {
            let file = "demo-1.0.0-py3-none-any.whl"
            listed.more = ",\"provenance\":\"https://pypi.org/integrity/demo/1.0.0/\(file)/provenance\""
        }
        return Publication(package: Package.make(kind, "demo", listed, [listed]))
    }

    /// The attestation of a file with these bytes.
    private static func attestations(_ instance: SigstoreInstance, _ package: Package, bytes: [UInt8]? = nil) throws
        -> [UInt8]
    {
        let name = package.kind == .npm ? "pkg:npm/demo@1.0.0" : package.file
        return try instance.attestations(package.kind, of: name, bytes: bytes ?? package.bytes)
    }

    /// What a client gets under these rules, with the keys of this folder.
    private static func taken(_ publication: Publication, _ rules: String, _ scratch: KeyFolder) async throws
        -> (taken: Taken, evidence: PublisherEvidence?)
    {
        let signatures = try scratch.signatures()
        let setting = Scene.Setting {
            $0.policy = "version: 1\nmode: enforce\nrules: { \(rules) }\n"
            $0.signatures = { signatures.findings($0) }
        }
        return try await Scene.with(setting) { scene async throws in
            publication.package.serve(on: scene.fake)
            if let document = publication.attestations {
                scene.fake.serve(publication.path, FakeAnswer(document, type: "application/json"))
            }
            let taken = try await scene.ask(publication.package.url)
            return (taken, scene.recorder.fetched.last?.release?.evidence)
        }
    }

    @Test(arguments: [Package.Kind.npm, .pypi])
    func verifyLetsInWhatItsPublisherSigned(_ kind: Package.Kind) async throws {
        let instance = try SigstoreInstance()
        let scratch = try KeyFolder(root: instance.trustedRoot)
        var publication = Self.publication(kind)
        publication.attestations = try Self.attestations(instance, publication.package)
        let signer = "\"pkg:\(kind)/*\": \"https://github.com/acme/*\""
        let rules = [
            "trust.verify: [\"pkg:\(kind)/demo\"]",
            "trust.verify: { purls: [\"pkg:\(kind)/*\"], issuers: [\(SigstoreInstance.issuer)], signers: { \(signer) } }",
        ]
        for rule in rules {
            let (taken, evidence) = try await Self.taken(publication, rule, scratch)
            #expect(taken.isComplete, "\(taken.text)")
            #expect(evidence?.isVerified == true)
        }
        // Nobody asks about other packages, so nobody looks.
        let (other, evidence) = try await Self.taken(publication, "trust.verify: [\"pkg:\(kind)/other\"]", scratch)
        #expect(other.isComplete && evidence?.isVerified != true)
    }

    @Test(arguments: [Package.Kind.npm, .pypi])
    func verifyRefusesWhatIsNotSignedSo(_ kind: Package.Kind) async throws {
        let instance = try SigstoreInstance()
        let scratch = try KeyFolder(root: instance.trustedRoot)
        var publication = Self.publication(kind)
        let rule = "trust.verify: [\"pkg:\(kind)/demo\"]"
        func told(_ rules: String) async throws -> String {
            let taken = try await Self.taken(publication, rules, scratch).taken
            #expect(taken.status == 403, "\(taken.text)")
            return taken.reason ?? ""
        }
        // No attestation: nobody can tell, unless policy says that this will do.
        #expect(try await told(rule).hasPrefix("policy.undecidable trust.verify"))
        let mild = "trust.verify: { purls: [\"pkg:\(kind)/demo\"], on_missing_data: warn }"
        #expect(try await Self.taken(publication, mild, scratch).taken.isComplete)
        // One of other bytes.
        publication.attestations = try Self.attestations(instance, publication.package, bytes: [1, 2, 3])
        #expect(try await told(rule).contains("has an attestation of other bytes"))
        #expect(try await told(mild).hasPrefix("policy.denied trust.verify"))
        // One by an authority that nobody trusts here.
        publication.attestations = try Self.attestations(try SigstoreInstance(), publication.package)
        #expect(try await told(rule).hasPrefix("policy.denied trust.verify"))
        // Good, and by somebody else than may.
        publication.attestations = try Self.attestations(instance, publication.package)
        let signers = "signers: { \"pkg:\(kind)/demo\": \"https://github.com/other/*\" }"
        let wrong = try await told("trust.verify: { purls: [\"pkg:\(kind)/*\"], \(signers) }")
        #expect(wrong.contains("was built by https://github.com/acme/demo"), "\(wrong)")
        let other = try await told("trust.verify: { purls: [\"pkg:\(kind)/*\"], issuers: [https://gitlab.com] }")
        #expect(other.hasPrefix("policy.denied trust.verify") && other.contains("is signed by somebody"), "\(other)")
    }

    @Test func signaturesOfTheRegistryAreHeldAgainstItsKeys() async throws {
        let key = P256.Signing.PrivateKey()
        let spki = Base64.encode(Array(key.publicKey.derRepresentation))
        let keys =
            "{\"keys\":[{\"expires\":null,\"keyid\":\"SHA256:k\",\"scheme\":\"ecdsa-sha2-nistp256\",\"key\":\"\(spki)\"}]}"
        let scratch = try KeyFolder(keys: Array(keys.utf8))
        let bytes = Self.publication(.npm).package.bytes
        func publication(_ signer: P256.Signing.PrivateKey?, over bytes: [UInt8]) throws -> Publication {
            guard let signer else { return Self.publication(.npm) }
            let message = "demo@1.0.0:\(Core.Digest.sha512(of: bytes).integrity)"
            let signature = Base64.encode(Array(try signer.signature(for: Array(message.utf8)).derRepresentation))
            return Self.publication(
                .npm,
                signatures: ",\"signatures\":[{\"keyid\":\"SHA256:k\",\"sig\":\"\(signature)\"}]"
            )
        }
        let rule = "signature.require: [\"pkg:npm/*\"]"
        #expect(try await Self.taken(publication(key, over: bytes), rule, scratch).taken.isComplete)
        let cases: [(Publication, String)] = [
            (try publication(P256.Signing.PrivateKey(), over: bytes), "policy.denied signature.require"),
            (try publication(key, over: [1]), "policy.denied signature.require"),
            (try publication(nil, over: bytes), "policy.undecidable signature.require"),
        ]
        for (publication, told) in cases {
            let taken = try await Self.taken(publication, rule, scratch).taken
            #expect(taken.status == 403)
            #expect(taken.reason?.hasPrefix(told) == true, "\(taken.reason ?? "")")
        }
    }

    @Test func withoutKeysNobodyCanTell() async throws {
        let scratch = try KeyFolder()
        for rule in ["trust.verify", "signature.require"] {
            let taken = try await Self.taken(Self.publication(.npm), "\(rule): [\"pkg:npm/*\"]", scratch).taken
            #expect(taken.reason?.hasPrefix("policy.undecidable \(rule)") == true, "\(taken.reason ?? "")")
        }
    }

    @Test func keysThatCannotBeReadStartNothing() throws {
        let scratch = try Scratch()
        try scratch.write("root.json", "{}")
        try scratch.write("purser.yml", "version: 1\ndata: { trusted_root: root.json }\n")
        #expect(problem { _ = try scratch.plan() }?.code == .configUnreadable)
        try scratch.write("purser.yml", "version: 1\ndata: { npm_keys: gone.json }\n")
        #expect(problem { _ = try scratch.plan() }?.code == .configUnreadable)
    }
}

/// A folder with the keys that a policy names.
private struct KeyFolder {
    private let folder: Scratch
    private let hasRoot: Bool
    private let hasKeys: Bool

    init(root: [UInt8]? = nil, keys: [UInt8]? = nil) throws {
        folder = try Scratch()
        (hasRoot, hasKeys) = (root != nil, keys != nil)
        if let root { try folder.write("root.json", root) }
        if let keys { try folder.write("keys.json", keys) }
    }

    func signatures() throws -> Datasets {
        var named: [String] = []
        if hasRoot { named.append("trusted_root: root.json") }
        if hasKeys { named.append("npm_keys: keys.json") }
        let text = "version: 1\ndata: { \(named.joined(separator: ", ")) }\n"
        let file = try PolicyFile.parse(text, name: "purser.yml")
        return try Datasets(file, at: Datasets.paths(file) { _ in folder.folder })
    }
}
