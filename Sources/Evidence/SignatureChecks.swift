internal import Core
internal import Gateway
internal import Policy
internal import Sigstore

/// The keys that signatures are checked by, as the policy names them; read once.
struct SignatureChecks: Sendable {
    private let root: TrustedRoot?
    private let keys: RegistryKeys?

    init(_ reader: DatasetReader) throws(Problem) {
        root = try reader.read(.trustedRoot) { bytes throws(Malformed) in try TrustedRoot(parsing: bytes) }
        keys = try reader.read(.npmKeys) { bytes throws(Malformed) in try RegistryKeys(parsing: bytes) }
    }

    func findings(_ file: Gateway.SignedFile) -> SignatureFindings {
        SignatureFindings(attestation: attestation(file), registry: registry(file))
    }

    private func attestation(_ file: Gateway.SignedFile) -> SignatureCheck {
        guard let root else {
            return .unknown("has an attestation that cannot be checked: data.trusted_root is not named")
        }
        guard let document = file.attestations else { return .unknown("has no attestation that could be had") }
        let subject = PublishedAttestations.File(
            release: file.release.purl,
            name: file.artifact.file,
            digests: file.digests
        )
        switch PublishedAttestations.check(document, of: subject, by: root) {
        case .good(let signer):
            return .good(
                SignatureMaker(identity: signer.identity, issuer: signer.issuer, repository: signer.repository)
            )
        case .bad(let why): return .bad(why)
        case .unknown(let why): return .unknown(why)
        }
    }

    private func registry(_ file: Gateway.SignedFile) -> SignatureCheck {
        guard file.release.purl.type == "npm" else {
            return .unknown("is of a registry that signs in no way read here")
        }
        guard let keys else {
            return .unknown("has a registry signature that cannot be checked: data.npm_keys is not named")
        }
        guard let signatures = file.artifact.attributes["signatures"],
            let integrity = file.artifact.attributes["integrity"], let version = file.release.purl.version
        else { return .unknown("has no registry signature") }
        // What is signed is the index's word; the bytes must be held against the same.
        let signed = integrity.split(separator: " ").compactMap { Digest(integrity: String($0)) }
        guard !signed.isEmpty, signed.contains(where: { file.digests.contains($0) }),
            signed.allSatisfy({ one in file.digests.allSatisfy { $0.algorithm != one.algorithm || $0 == one } })
        else { return .bad("has a registry signature over other bytes") }
        let name = file.release.purl.package.path
        let published = file.release.published?.time
        switch keys.check(signatures, over: "\(name)@\(version):\(integrity)", published: published) {
        case .good(let key): return .good(SignatureMaker(identity: key))
        case .bad(let why): return .bad(why)
        case .unknown(let why): return .unknown(why)
        }
    }
}
