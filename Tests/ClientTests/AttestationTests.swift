import Core
import Manifest
import TestKit
import Testing

/// `trust.verify` with the package managers themselves: attestations as PyPI (PEP 740) and npm keep them.
@Suite("Attestations, as clients meet them")
struct AttestationTests {
    private static let rules = """
        data: { trusted_root: root.json }
        rules:
          trust.verify:
            purls: ["pkg:npm/demo", "pkg:pypi/demo"]
            signers: { "pkg:npm/*": "https://github.com/acme/*", "pkg:pypi/*": "https://github.com/acme/*" }

        """

    /// What the registry keeps of the file.
    enum Kept: CaseIterable {
        case good, ofOtherBytes, ofAStranger, nothing

        /// How the refusal starts; nil for what is let in.
        var refusal: String? {
            switch self {
            case .good: nil
            case .ofOtherBytes, .ofAStranger: "policy.denied trust.verify: pkg:"
            case .nothing: "policy.undecidable trust.verify: pkg:"
            }
        }
    }

    private func attestations(_ kept: Kept, _ kind: Package.Kind, _ name: String, _ bytes: [UInt8], _ shop: Workshop)
        throws -> [UInt8]?
    {
        let instance = try SigstoreInstance()
        try shop.scratch.write(try instance.trustedRoot, to: "job/root.json")
        switch kept {
        case .good: return try instance.attestations(kind, of: name, bytes: bytes)
        case .ofOtherBytes: return try instance.attestations(kind, of: name, bytes: bytes + [0])
        case .ofAStranger: return try SigstoreInstance().attestations(kind, of: name, bytes: bytes)
        case .nothing: return nil
        }
    }

    private func check(_ ending: Workshop.Ending, _ kept: Kept, _ shop: Workshop) throws {
        guard let refusal = kept.refusal else {
            #expect(ending.status == 0, "\(ending.text)")
            let input = try #require(try shop.manifest().inputs.first)
            #expect(input.evidence == PublisherEvidence(.provenance, isVerified: true))
            return
        }
        #expect(ending.status != 0)
        #expect(ending.text.contains(refusal), "\(ending.text)")
    }

    @Test(.enabled(if: Client.isHere("python3", "pip3"), "pip is not on PATH"), arguments: Kept.allCases)
    func `pip gets a wheel whose provenance holds, and the reason for any other`(_ kept: Kept) async throws {
        let shop = try await Workshop.open()
        let release = PythonProject.Release(version: "1.0")
        var demo = PythonProject(name: "demo", releases: [release])
        let place = "integrity/demo/1.0/\(demo.file("1.0"))/provenance"
        demo.more = ",\"provenance\":\"https://pypi.org/\(place)\""
        demo.serve(on: shop.fake)
        if let document = try attestations(kept, .pypi, demo.file("1.0"), demo.wheel(release), shop) {
            shop.fake.serve("/pypi/\(place)", FakeAnswer(document, type: "application/vnd.pypi.integrity.v1+json"))
        }
        try shop.policy(Self.rules)
        let pip = "python3 -m pip install --disable-pip-version-check --no-cache-dir --no-deps --target out demo==1.0"
        try check(try await shop.run(pip), kept, shop)
    }

    @Test(.enabled(if: Client.isHere("npm"), "npm is not on PATH"), arguments: Kept.allCases)
    func `npm gets a tarball whose provenance holds, and the reason for any other`(_ kept: Kept) async throws {
        let shop = try await Workshop.open()
        let release = NodePackage.Release(version: "1.0.0")
        var demo = NodePackage(name: "demo", releases: [release])
        let place = "-/npm/v1/attestations/demo@1.0.0"
        demo.more = ",\"attestations\":{\"url\":\"https://registry.npmjs.org/\(place)\"}"
        demo.serve(on: shop.fake)
        if let document = try attestations(kept, .npm, "pkg:npm/demo@1.0.0", demo.tarball(release), shop) {
            shop.fake.serve("/npm/\(place)", FakeAnswer(document, type: "application/json"))
        }
        try shop.policy(Self.rules)
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        try check(try await shop.run("npm install --no-audit --no-fund demo@1.0.0"), kept, shop)
        guard kept == .good else { return }
        // What a lockfile pins by its address is looked into as well; npm must not have it already.
        let again = try await shop.run("rm -rf node_modules && npm ci --no-audit --no-fund --cache fresh")
        try check(again, kept, shop)
    }
}
