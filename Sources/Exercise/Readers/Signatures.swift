internal import Core
internal import JSONText
internal import Sigstore

/// What publishers and registries sign, and the keys that it is checked by.
extension Exercise {
    static let signatures = [
        Exercise("sigstore", "a bundle that holds by a root says the same twice, and does not hold for another file") {
            bytes,
            findings in
            guard let json = try? JSON(parsing: bytes) else { return }
            _ = try? RegistryKeys(parsing: bytes)
            guard let root = json["root"].flatMap({ try? TrustedRoot(parsing: $0.canonicalBytes()) }),
                let part = json["bundle"]?.canonicalBytes()
            else { return }
            let file = PublishedAttestations.File(
                release: Purl(type: "npm", name: "demo", version: "1.0.0"),
                name: "demo-1.0.0.tgz",
                digests: []
            )
            if case .good = PublishedAttestations.check(part, of: file, by: root) {
                findings.expect(false, "a file without a digest has a good attestation")
            }
            guard let bundle = try? SignatureBundle(parsing: part), let first = try? root.verify(bundle) else { return }
            let second = try? root.verify(bundle)
            findings.expect(second?.time == first.time && second?.signer == first.signer, "a bundle says two things")
        }
    ]
}
