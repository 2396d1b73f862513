public import Core
internal import Policy
internal import Synchronization

/// What signatures say of a file, for rules that ask: fetched, checked once, and remembered for the life of the gateway.
extension Gateway {
    /// A file with what there is to check.
    public struct SignedFile: Sendable {
        public let release: Release
        public let artifact: Artifact
        /// Digests that the bytes are held against.
        public let digests: [Digest]
        /// The registry's document of the publisher's attestations; nil where there is none, or it could not be had.
        public let attestations: [UInt8]?
    }

    /// Learns what signatures say of the file, where a rule asks for that; what `fileFacts` then finds. The release is given
    /// back with evidence that was checked.
    func vouched(_ named: NamedArtifact, _ exchange: Exchange) async -> NamedArtifact {
        let ecosystem = codec(of: named.release.purl, exchange)
        let kinds = configuration.policy.signatures(askedOf: named.release.purl) { ecosystem.compare($0, $1) }
        guard !kinds.isEmpty, !configuration.isReplay, let check = configuration.signatures else { return named }
        if !isSettled(signatures.findings(named), kinds) {
            var document: [UInt8]?
            if kinds.contains(.attestation) { document = await attestations(of: named, exchange) }
            let file = SignedFile(
                release: named.release,
                artifact: named.artifact,
                digests: named.binding.filter(\.isStrong),
                attestations: document
            )
            signatures.keep(check(file), named)
        }
        guard case .good = signatures.findings(named)?.attestation else { return named }
        var release = named.release
        let kind = max(release.evidence?.kind ?? PublisherEvidence.Kind.none, PublisherEvidence.Kind.provenance)
        release.evidence = PublisherEvidence(kind, isVerified: true)
        return NamedArtifact(release: release, artifact: named.artifact, claims: named.claims, source: named.source)
    }

    /// What nobody could tell may be told later: a registry that was down answers again.
    private func isSettled(_ findings: SignatureFindings?, _ kinds: SignatureKinds) -> Bool {
        guard let findings else { return false }
        if kinds.contains(.attestation), case .unknown = findings.attestation { return false }
        return true
    }

    /// What is known of the file's signatures; nil where no rule asks. What was not looked at is said to be so.
    func signatureFindings(_ named: NamedArtifact, _ exchange: Exchange) -> SignatureFindings? {
        let ecosystem = codec(of: named.release.purl, exchange)
        let kinds = configuration.policy.signatures(askedOf: named.release.purl) { ecosystem.compare($0, $1) }
        guard !kinds.isEmpty, !configuration.isReplay else { return nil }
        return signatures.findings(named) ?? SignatureFindings.none
    }

    /// The document that the index names, from a place of the ecosystem's own.
    private func attestations(of named: NamedArtifact, _ exchange: Exchange) async -> [UInt8]? {
        let address = named.artifact.attributes["attestations"] ?? named.artifact.attributes["provenance"]
        guard let address, let url = try? HTTPURL(address) else { return nil }
        let ecosystem = exchange.ecosystem
        let isOwn =
            ecosystem.hosts.contains(url.origin.host) || url.origin == exchange.request.url.origin
            || declaration(for: url)?.ecosystem == ecosystem.type
        guard isOwn else { return nil }
        return await companion(CompanionRequest(url: url, accept: "application/json"), exchange)?.bytes
    }
}

/// What was found of files whose signatures were checked.
final class Signatures: Sendable {
    private struct Key: Hashable {
        let release: Purl
        let file: String
    }

    private struct Entry {
        let findings: SignatureFindings
        /// What the signatures were held against.
        let digests: Set<Digest>
    }

    private let found = Mutex<[Key: Entry]>([:])

    /// Nil where nobody looked, and where the bytes will be held against other digests than the signatures were.
    func findings(_ named: NamedArtifact) -> SignatureFindings? {
        let key = Key(release: named.release.purl, file: named.artifact.file)
        guard let entry = found.withLock({ $0[key] }), entry.digests.isSubset(of: named.binding) else { return nil }
        return entry.findings
    }

    func keep(_ findings: SignatureFindings, _ named: NamedArtifact) {
        let key = Key(release: named.release.purl, file: named.artifact.file)
        let digests = Set(named.binding.filter(\.isStrong))
        found.withLock { $0[key] = Entry(findings: findings, digests: digests) }
    }
}

extension Digest {
    fileprivate var isStrong: Bool { algorithm.isStrong }
}
