internal import Core
internal import Gateway
internal import JSONText
internal import Kernel
internal import Storage
internal import Synchronization
internal import Upstream

/// Blobs by digest: what is missing, the bytes, and uploads that can be taken up where they broke off.
extension Front {
    private static let mostDigests = 5_000

    /// Those of the asked digests that this caller would have to send.
    func missingBlobs(_ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let body = try await call.json(limit: configuration.limits.request)
        guard let items = body["digests"]?.array, items.count <= Front.mostDigests else {
            throw .malformed("digests", "must be a list of at most \(Front.mostDigests) digests")
        }
        var asked: [Digest] = []
        for item in items {
            guard let digest = item.string.flatMap({ Digest($0) }), digest.algorithm == .sha256 else {
                throw .malformed("digests", "has an item that is no sha256 digest")
            }
            asked.append(digest)
        }
        let known = try await readable(Set(asked), by: caller)
        // Promised before it is looked for: what is dropped in between counts as missing.
        for digest in known { keepers.promise(digest, at: configuration.now()) }
        let missing = asked.filter { !known.contains($0) || !blobs.contains($0) }
        return Replies.json(["missing": .array(missing.map { .string($0.description) })])
    }

    func readBlob(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        guard let digest = Digest(.sha256, hex: match["hex"]) else { throw .notFound(call.url.path) }
        let blob = try await blob(digest, for: caller)
        let headers = [
            HeaderField("Content-Type", "application/octet-stream"), HeaderField("X-Content-Type-Options", "nosniff"),
            HeaderField("Cache-Control", "private, max-age=31536000, immutable"),
        ]
        return Reply.blob(blob, isHead: call.isHead, asked: call.headers, headers: headers)
    }

    func uploadState(_ match: RouteMatch, _ caller: Caller) async throws(Declined) -> Reply {
        guard let digest = Digest(.sha256, hex: match["hex"]) else { throw .notFound(match["hex"]) }
        let offset = folder.uploads.offset(of: digest, for: caller.actor)
        return Reply(status: 204, headers: [HeaderField("Upload-Offset", String(offset))])
    }

    /// Appends to the caller's part of a blob; the last byte makes it a blob if the digest fits.
    func upload(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        guard let digest = Digest(.sha256, hex: match["hex"]) else { throw .notFound(match["hex"]) }
        guard let offset = call.number("Upload-Offset"), let total = call.number("Upload-Length") else {
            throw .malformed("Upload-Offset, Upload-Length", "must both be there, as whole numbers")
        }
        guard total <= configuration.limits.blob else { throw .tooLarge("the blob", limit: configuration.limits.blob) }
        keepers.promise(digest, at: configuration.now())
        if try await !readable([digest], by: caller).isEmpty, blobs.contains(digest) {
            return Reply(status: 201, headers: [HeaderField("Upload-Offset", String(total))])
        }
        do {
            guard let part = try folder.uploads.part(of: digest, for: caller.actor) else { throw Front.busy }
            return try await receive(call, into: part, Piece(digest: digest, offset: offset, total: total), caller)
        } catch {
            throw declined(error)
        }
    }

    /// Where a request's bytes belong.
    private struct Piece {
        let digest: Digest
        let offset: Int64
        let total: Int64
    }

    private func receive(_ call: Call, into part: UploadPart, _ piece: Piece, _ caller: Caller) async throws -> Reply {
        var size = try part.file.stat().size
        guard size == piece.offset else { throw Front.wrongOffset(size) }
        if let length = call.inflow.length, length > piece.total - size {
            throw Declined.tooLarge("the body", limit: piece.total)
        }
        while let bytes = try await call.inflow.next() {
            metrics.count(received: bytes.count)
            guard Int64(bytes.count) <= piece.total - size else {
                try part.discard()
                throw Declined.tooLarge("the body", limit: piece.total)
            }
            try part.file.append(bytes)
            size += Int64(bytes.count)
        }
        guard size == piece.total else {
            return Reply(status: 204, headers: [HeaderField("Upload-Offset", String(size))])
        }
        guard try await part.commit(as: piece.digest, to: blobs, size: size) != nil else {
            throw Front.wrongBytes(piece.digest)
        }
        try await records.hold(piece.digest, by: .token(caller.actor))
        return Reply(status: 201, headers: [HeaderField("Upload-Offset", String(size))])
    }

    /// The blob, if it is there and the caller may read it; else not found, whichever it was.
    func blob(_ digest: Digest, for caller: Caller) async throws(Declined) -> Blob {
        guard try await !readable([digest], by: caller).isEmpty else { throw .notFound("\(digest)") }
        return try await storedBlob(digest)
    }

    func storedBlob(_ digest: Digest) async throws(Declined) -> Blob {
        do {
            guard let blob = try await blobs.blob(digest) else { throw Declined.notFound("\(digest)") }
            return blob
        } catch { throw declined(error) }
    }

    /// Those of the digests that the caller may read: public ones, his own, and those of repositories that he may read.
    func readable(_ digests: Set<Digest>, by caller: Caller) async throws(Declined) -> Set<Digest> {
        do {
            let repositories = try await records.repositories().filter {
                caller.may(.read, on: $0) || caller.may(.publish, on: $0)
            }
            let holders = [.everybody, .token(caller.actor)] + repositories.map { Holder.repository($0.name) }
            return try await records.held(digests, by: holders)
        } catch { throw Declined(error) }
    }

    /// Any error that a handler's parts throw, as the answer to it.
    func declined(_ error: any Error) -> Declined {
        switch error {
        case let error as Declined: error
        case let error as RecordsError: Declined(error)
        case let error as StorageError: Declined(error)
        case let error as Problem: Declined(error)
        default: Declined(StateFolder.problem(error, folder.path))
        }
    }

    private static func wrongOffset(_ size: Int64) -> Declined {
        Declined(
            Problem(
                .usageInvalid,
                subject: "the upload",
                summary: "goes on at byte \(size)",
                remedy: "Send the bytes from there, with `Upload-Offset: \(size)`."
            ),
            status: 409,
            headers: [HeaderField("Upload-Offset", String(size))]
        )
    }

    private static var busy: Declined {
        Declined(
            Problem(
                .stateLocked,
                subject: "the upload",
                summary: "is under way in another request of the same token",
                remedy: "Wait for it to end, then ask where to go on."
            ),
            status: 409
        )
    }

    private static func wrongBytes(_ digest: Digest) -> Declined {
        Declined(
            Problem(
                .integrityMismatch,
                subject: digest.description,
                summary: "is not the digest of the bytes that came; nothing of them was kept",
                remedy: "Send it again from byte 0; if it repeats, the file changed after it was hashed."
            ),
            status: 400
        )
    }
}
