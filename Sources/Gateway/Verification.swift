internal import Archive
internal import Core
internal import JSONText
internal import Policy
internal import Storage
internal import Upstream

/// What is checked before the last byte of an artifact is given out.
extension Gateway {
    /// Faults that the head of an answer already shows.
    func checkHead(_ response: UpstreamResponse, _ named: NamedArtifact, _ exchange: Exchange) throws(Problem) {
        let type = (response.headers.first("Content-Type") ?? "").lowercased()
        let isPage = type.hasPrefix("text/html") || type.hasPrefix("application/xhtml")
        if isPage, named.strongClaims.isEmpty, Gateway.isNoPage(named.artifact.file) {
            response.body.cancel()
            throw mismatch(
                named,
                "was answered with a web page instead of a file; is there a captive portal or a proxy in front?",
                response,
                reason: "html"
            )
        }
    }

    /// The staged file that is the artifact, every claim about it found true.
    func verified(
        _ staging: Staging,
        _ response: UpstreamResponse,
        _ named: NamedArtifact,
        _ exchange: Exchange,
        _ store: BlobStore
    ) async throws(Problem) -> VerifiedBytes {
        if let length = response.body.length, staging.size != length {
            throw mismatch(named, "ended after \(staging.size) of \(length) bytes", response, reason: "truncated")
        }
        guard staging.size > 0 else { throw mismatch(named, "was answered with no bytes", response, reason: "empty") }
        let whole = try withoutCoding(staging, response, named, store)
        let digests = try digests(of: whole, named, exchange)
        try checkClaims(digests, whole.size, named, from: response.finalURL.redacted)
        let fault = try checkIdentity(whole.inspectionPath, named, exchange)
        return VerifiedBytes(staging: whole, digests: digests, archiveFault: fault)
    }

    /// An answer that was coded in transit. The raw bytes are taken if they are what was promised, else the decoded ones.
    private func withoutCoding(
        _ staging: Staging,
        _ response: UpstreamResponse,
        _ named: NamedArtifact,
        _ store: BlobStore
    ) throws(Problem) -> Staging {
        let codings = Gateway.codings(response.headers)
        guard !codings.isEmpty else { return staging }
        let raw = staging.digests
        let fits = named.strongClaims.contains { claim in raw.contains(claim) }
        if fits { return staging }
        let subject = named.release.purl.description
        guard codings.count == 1, codings[0] == "gzip" || codings[0] == "x-gzip" else {
            throw undecodable(subject, "came with the content coding '\(codings.joined(separator: ", "))'")
        }
        do {
            let decoded = try store.stage(Set(named.claims.map(\.digest.algorithm).filter(\.isOfBytes)))
            var failure: StorageError?
            try ArchiveScan.gunzip(path: staging.inspectionPath, limit: 2 << 30) { chunk in
                if failure == nil { do throws(StorageError) { try decoded.append(chunk) } catch { failure = error } }
            }
            if let failure { throw failure }
            return decoded
        } catch let error as StorageError {
            throw error.problem
        } catch {
            throw undecodable(subject, "says that it is gzip but does not decode")
        }
    }

    /// The archive is well-formed and safe, and the name inside is the name outside.
    /// Cached bytes were looked into under the name by which they came; under another name they are looked into again.
    func checkCachedIdentity(_ blob: Blob, _ named: NamedArtifact, _ exchange: Exchange) throws(Problem) {
        let key = identityKey(blob.digest, named)
        if stores.answers?.note(key) != nil { return }
        guard try checkIdentity(blob.path, named, exchange) == nil else { return }
        keepIdentity(blob.digest, named)
    }

    /// Remembers that these bytes are what this name says. Losing the note costs one more look.
    func keepIdentity(_ digest: Digest, _ named: NamedArtifact) {
        try? stores.answers?.keep(.bool(true), for: identityKey(digest, named))
    }

    private func identityKey(_ digest: Digest, _ named: NamedArtifact) -> String {
        "identity\n\(digest)\n\(named.release.purl)\n\(named.artifact.file)"
    }

    /// What is wrong with an archive that policy lets in all the same; nil where nothing is.
    private func checkIdentity(_ path: String, _ named: NamedArtifact, _ exchange: Exchange) throws(Problem) -> String?
    {
        let purl = named.release.purl
        guard let ecosystem = codec(of: purl, exchange) as? any InspectableEcosystem, purl.type == ecosystem.type,
            let inspection = ecosystem.inspection(ofFile: named.artifact.file)
        else { return nil }
        do {
            let entries = try entries(of: path, inspection)
            let inside = try ecosystem.identity(ofFile: named.artifact.file, entries: entries)
            guard ecosystem.agrees(inside, with: purl) else {
                throw Problem(
                    .identityMismatch,
                    subject: purl.description,
                    summary: "holds another package: inside it says \(inside)",
                    remedy: "Do not use this file; report it to the registry's operator.",
                    details: ["file": named.artifact.file]
                )
            }
            return nil
        } catch let error as ArchiveError {
            return try tolerated(error.problem(subject: "\(purl) (\(named.artifact.file))"), named, exchange)
        } catch let error as Malformed {
            let unsound = ArchiveError.malformed(error.what)
            return try tolerated(unsound.problem(subject: "\(purl) (\(named.artifact.file))"), named, exchange)
        } catch {
            throw error as? Problem ?? .unexpected(error, subject: purl.description)
        }
    }

    /// An unsafe archive is refused in every mode, unless policy's own word lets it in.
    private func tolerated(_ problem: Problem, _ named: NamedArtifact, _ exchange: Exchange) throws(Problem) -> String {
        var facts = fileFacts(named, exchange)
        let none = Digest.sha256(of: [])
        facts.bytes = Facts.ByteFacts(sha256: none, size: 0, identity: nil, entries: 0)
        facts.bytes?.archiveFault = problem.summary
        guard configuration.policy.toleratesArchive(facts) else { throw problem }
        return problem.summary
    }

    private func entries(of path: String, _ inspection: Inspection) throws(ArchiveError) -> [String: [UInt8]] {
        switch inspection.format {
        case .deb: return ["control": try ArchiveScan.debControl(path: path)]
        case .zip, .tar, .gem:
            return try ArchiveScan.inspect(
                path: path,
                kind: inspection.format == .zip ? .zip : inspection.format == .gem ? .gem : .tar,
                allowsDataDescriptors: inspection.allowsDataDescriptors,
                wants: inspection.wants
            ).kept
        }
    }

    /// After a break, what clients already have must be the beginning of what was verified.
    func checkGiven(_ fetch: Fetch, _ whole: Staging) throws(Problem) {
        guard let given = fetch.given else { return }
        if let length = given.length, length != whole.size { throw Gateway.changed }
        let piece: Int64 = 1 << 20
        var offset: Int64 = 0
        do {
            while let former = given.staging, offset < given.count {
                let count = Int(min(piece, given.count - offset))
                guard try former.read(at: offset, count: count) == whole.read(at: offset, count: count) else {
                    throw Gateway.changed
                }
                offset += Int64(count)
            }
        } catch let error as StorageError { throw error.problem } catch { throw Gateway.changed }
    }

    private static var changed: Problem {
        Problem(
            .integrityMismatch,
            subject: "the download",
            summary: "changed at the upstream while it was under way",
            remedy: "Run the job again; the client was given no whole file.",
            reason: "changed"
        )
    }

    private func mismatch(
        _ named: NamedArtifact,
        _ summary: String,
        _ response: UpstreamResponse,
        reason: String
    ) -> Problem {
        Problem(
            .integrityMismatch,
            subject: named.release.purl.description,
            summary: summary,
            remedy: "Run the job again; if it repeats, ask the upstream's operator.",
            details: ["from": response.finalURL.redacted, "kept": "nothing was given to the build"],
            reason: reason
        )
    }

    /// False for names that may well be pages: no ending, or a page's.
    private static func isNoPage(_ file: String) -> Bool {
        guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return false }
        let ending = file[file.index(after: dot)...].lowercased()
        return !["html", "htm", "xhtml", "php", "asp", "aspx", "jsp", "cgi"].contains(ending) && !ending.isEmpty
    }
}

extension ArchiveError {
    func problem(subject: String) -> Problem {
        switch self {
        case .tooLarge(let what):
            Problem(
                .tooLarge,
                subject: subject,
                summary: "is too large to be looked into: \(what)",
                remedy: "Do not use this file; an archive that grows like this is made to fill disks."
            )
        case .malformed(let what), .unreadable(let what), .unsafeEntry(let what):
            Problem(
                .archiveMalformed,
                subject: subject,
                summary: "is not a sound archive: \(what)",
                remedy: "Do not use this file; ask whoever made it to build it again."
            )
        }
    }
}
