public import Core
internal import JSONText

/// What a registry keeps of the publisher's attestations of a file, checked.
public enum PublishedAttestations {
    /// What was found.
    public enum Finding: Hashable, Sendable {
        /// A good one of this very file.
        case good(Signer)
        /// Why the file must not be believed.
        case bad(String)
        /// Why nobody can tell.
        case unknown(String)
    }

    /// The file that they must be about.
    public struct File: Sendable {
        let release: Purl
        let name: String
        let digests: [Digest]

        /// `digests`: what is known of the bytes beforehand; they are held against the bytes by somebody else.
        public init(release: Purl, name: String, digests: [Digest]) {
            self.release = release
            self.name = name
            self.digests = digests
        }
    }

    private static let provenance = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"]
    private static let publication = "https://docs.pypi.org/attestations/publish/v1"

    /// Reads npm's `/-/npm/v1/attestations/…` and PyPI's provenance object (PEP 740). One good attestation is enough, and
    /// one bad refuses; a document without any leaves it open.
    public static func check(_ document: [UInt8], of file: File, by root: TrustedRoot) -> Finding {
        do throws(Malformed) {
            var signers: [Signer] = []
            for bundle in try bundles(document) {
                let verified = try root.verify(bundle)
                guard let statement = verified.statement, let signer = verified.signer else {
                    throw Malformed("has an attestation without a statement or signer")
                }
                guard provenance.contains(statement.predicateType) || statement.predicateType == publication else {
                    continue
                }
                guard let subject = statement.subjects.first(where: { file.isNamed($0.name) }) else {
                    throw Malformed("has an attestation of another file")
                }
                let same = subject.digests.filter { own in
                    own.algorithm.isStrong && file.digests.contains { $0.algorithm == own.algorithm }
                }
                guard !same.isEmpty else { return .unknown("has no digest to hold against its attestation") }
                guard same.allSatisfy({ file.digests.contains($0) }) else {
                    throw Malformed("has an attestation of other bytes")
                }
                signers.append(signer)
            }
            return signers.first.map(Finding.good) ?? .unknown("has no attestation that says who built it")
        } catch { return .bad(error.what) }
    }

    private static func bundles(_ document: [UInt8]) throws(Malformed) -> [SignatureBundle] {
        let json = try JSON.reading(document, "the list of attestations")
        var bundles: [SignatureBundle] = []
        for group in json.list("attestation_bundles") {
            for one in group.list("attestations") { bundles.append(try SignatureBundle(attestation: one)) }
        }
        // npm also signs that it took the release, with a key of its own: that says nothing of who made it.
        for one in json.list("attestations") where provenance.contains(one["predicateType"]?.string ?? "") {
            guard let bundle = one["bundle"] else { throw Malformed("has an attestation without a bundle") }
            bundles.append(try SignatureBundle(bundle))
        }
        return bundles
    }
}

extension PublishedAttestations.File {
    /// npm names the release, PyPI the file.
    func isNamed(_ subject: String) -> Bool {
        if subject == name { return true }
        guard let purl = try? Purl(parsing: subject) else { return false }
        return purl.release == release.release
    }
}
