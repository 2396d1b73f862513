internal import Archive
internal import Core
internal import JSONText
internal import Storage

/// Bytes on disk that were found to be what was promised, and all that they hash to.
struct VerifiedBytes: Sendable {
    let staging: Staging
    /// SHA-256 first.
    let digests: [Digest]
    /// What is wrong with an archive that policy lets in all the same.
    let archiveFault: String?
}

/// The digests that claims name, computed: of the bytes, and of what an archive holds.
extension Gateway {
    /// What the staged bytes hash to, by every algorithm that a claim names.
    func digests(of staging: Staging, _ named: NamedArtifact, _ exchange: Exchange) throws(Problem) -> [Digest] {
        let known = staging.digests
        guard named.claims.contains(where: { $0.digest.algorithm == .h1 }) else { return known }
        let subject = "\(named.release.purl) (\(named.artifact.file))"
        return known + [
            try contentHash(of: known[0], at: staging.inspectionPath, named.artifact.file, subject, exchange)
        ]
    }

    /// The `h1:` of a zip, or of the file that its ecosystem hashes alone.
    func contentHash(
        of sha256: Digest,
        at path: String,
        _ file: String,
        _ subject: String,
        _ exchange: Exchange
    ) throws(Problem) -> Digest {
        let alone = exchange.ecosystem.nameInHash(ofFile: file)
        do throws(ArchiveError) {
            let hash =
                if let alone { DirectoryHash.ofFile(sha256, named: alone) } else {
                    try DirectoryHash.ofZip(at: path)
                }
            if let hash { return hash }
        } catch {
            switch error {
            case .malformed(let what), .unreadable(let what): throw Gateway.unhashable(subject, what)
            case .tooLarge, .unsafeEntry: throw error.problem(subject: subject)
            }
        }
        throw Problem(
            .bug,
            subject: subject,
            summary: "has no hash of its content",
            remedy: "Report it with this text."
        )
    }

    /// Bytes that are no zip cannot be what was promised: they came broken, and another try may bring the right ones.
    private static func unhashable(_ subject: String, _ what: String) -> Problem {
        Problem(
            .integrityMismatch,
            subject: subject,
            summary: "is not the archive that was promised: \(what)",
            remedy: "Run the job again; if it repeats, ask the upstream's operator.",
            details: ["kept": "nothing was given to the build"],
            reason: "hash"
        )
    }

    /// Every claim must be among what was computed; one that was not computed is not taken for agreed.
    func checkClaims(_ digests: [Digest], _ size: Int64, _ named: NamedArtifact, from: String) throws(Problem) {
        for claim in named.claims {
            let got = digests.first { $0.algorithm == claim.digest.algorithm }
            if got == claim.digest { continue }
            throw Problem(
                .integrityMismatch,
                subject: named.release.purl.description,
                summary: "is not the file that \(claim.by == "index" ? "the index" : claim.by) promised",
                remedy:
                    "The upstream changed a released file, or something on the way did. See `purser explain integrity.mismatch`.",
                details: [
                    "from": from,
                    "expected": "\(claim.digest) (\(claim.by))",
                    "got": got.map { "\($0) (\(size) bytes)" } ?? "nothing: that digest cannot be computed here",
                    "kept": "nothing was given to the build",
                ],
                reason: "hash"
            )
        }
    }

    /// True where bytes that lie in a store have every promised digest; what was computed once is remembered.
    func hasClaimed(_ blob: Blob, _ named: NamedArtifact, _ exchange: Exchange) throws(Problem) -> Bool {
        let claimed = Set(named.binding)
        var known = Set(knownDigests(of: blob.digest))
        let missing = claimed.subtracting(known).filter { claim in !known.contains { $0.algorithm == claim.algorithm } }
        if !missing.isEmpty {
            known.formUnion(try computed(Set(missing.map(\.algorithm)), blob, named, exchange))
            keepDigests(known.sorted(), of: blob.digest)
        }
        return claimed.isSubset(of: known)
    }

    private func computed(
        _ algorithms: Set<Digest.Algorithm>,
        _ blob: Blob,
        _ named: NamedArtifact,
        _ exchange: Exchange
    ) throws(Problem) -> [Digest] {
        var found: [Digest] = []
        let plain = algorithms.filter(\.isOfBytes)
        if !plain.isEmpty {
            var stream = DigestStream(plain)
            var offset: Int64 = 0
            do {
                while offset < blob.size {
                    let piece = try blob.read(at: offset, count: 1 << 20)
                    guard !piece.isEmpty else { break }
                    stream.update(piece)
                    offset += Int64(piece.count)
                }
            } catch { throw error.problem }
            found += stream.digests
        }
        if algorithms.contains(.h1) {
            let subject = "\(named.release.purl) (\(named.artifact.file))"
            found.append(try contentHash(of: blob.digest, at: blob.path, named.artifact.file, subject, exchange))
        }
        return found
    }

    /// What earlier jobs computed of these bytes, themselves included.
    private func knownDigests(of sha256: Digest) -> [Digest] {
        let note = stores.answers?.note("digests\n\(sha256)")
        return [sha256] + (note?.array ?? []).compactMap { $0.string.flatMap { Digest($0) } }
    }

    /// Remembers what bytes hash to. Losing the note costs computing it again, so a full disk is no error.
    func keepDigests(_ digests: [Digest], of sha256: Digest) {
        let others = digests.filter { $0 != sha256 }
        guard !others.isEmpty else { return }
        let note = JSON.array(others.map { .string($0.description) })
        try? stores.answers?.keep(note, for: "digests\n\(sha256)")
        for digest in others where digest.algorithm.isStrong {
            try? stores.answers?.keep(.string(sha256.description), for: "alias\n\(digest)")
        }
    }
}
