internal import Core
internal import Gateway
internal import Kernel
internal import Manifest
internal import Policy
internal import Sigstore

/// The keys that signatures are checked by, as the policy names them; read once.
struct SignatureChecks: Sendable {
    private let root: TrustedRoot?
    private let keys: RegistryKeys?

    /// `path` leads to a data set of the policy; nil where the policy names none.
    init(path: (PolicyFile.Dataset) -> String?) throws(Problem) {
        root = try SignatureChecks.read(path(.trustedRoot)) { bytes throws(Malformed) in try TrustedRoot(parsing: bytes)
        }
        keys = try SignatureChecks.read(path(.npmKeys)) { bytes throws(Malformed) in try RegistryKeys(parsing: bytes) }
    }

    /// For the report.
    var snapshots: [RunReport.Snapshot] {
        let all: [(PolicyFile.Dataset, Digest?)] = [(.trustedRoot, root?.digest), (.npmKeys, keys?.digest)]
        return all.compactMap { dataset, digest in
            digest.map { RunReport.Snapshot(name: dataset.rawValue, digest: $0) }
        }
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

    /// Reads a file of the policy's data.
    static func read<Value>(
        _ path: String?,
        _ make: ([UInt8]) throws(Malformed) -> Value
    ) throws(Problem) -> Value? {
        guard let path else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: 16 << 20) } catch {
            throw unreadable(path, "could not be read (\(error))")
        }
        do throws(Malformed) { return try make(bytes) } catch { throw unreadable(path, error.what) }
    }

    private static func unreadable(_ path: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: path,
            summary: summary,
            remedy: "Fetch it again from where it is published, or correct data: in the policy file."
        )
    }
}
