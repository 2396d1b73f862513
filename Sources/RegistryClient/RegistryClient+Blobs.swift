public import Core
internal import JSONText
internal import Transfer

/// Bytes as they come from the registry. One reader; whoever takes them compares the digest.
public struct RegistryBody: Sendable {
    public let length: Int64?
    private let transfer: Transfer
    private let client: RegistryClient

    init(_ head: TransferHead, _ transfer: Transfer, _ client: RegistryClient) {
        length = head.contentLength
        self.transfer = transfer
        self.client = client
    }

    /// The next bytes; nil at the true end. A body that breaks off throws.
    public func next() async throws(Problem) -> [UInt8]? {
        do { return try await transfer.next() } catch { throw client.unreachable(error) }
    }

    public func cancel() { transfer.cancel() }
}

/// What the registry saw at a public index.
public struct FetchedAnswer: Sendable {
    public let status: Int
    /// Lower-case names.
    public let headers: [(name: String, value: String)]
    /// Where the bytes came from, redacted; nil where the registry does not say.
    public let finalURL: String?
    public let body: RegistryBody
}

extension RegistryClient {
    private static let mostDigests = 5_000

    /// Those of the digests that this token has to upload.
    public func missing(_ digests: [Digest]) async throws(Problem) -> Set<Digest> {
        var missing: Set<Digest> = []
        var rest = digests[...]
        while !rest.isEmpty {
            let part = rest.prefix(RegistryClient.mostDigests)
            rest = rest.dropFirst(part.count)
            var question = Question("/api/v1/blobs/missing")
            question.method = "POST"
            question.headers = [HeaderField(name: "Content-Type", value: "application/json")]
            question.body = JSON.object(["digests": .array(part.map { .string($0.description) })]).canonicalBytes()
            let (_, bytes) = try await answer(to: question)
            guard let items = (try? JSON(parsing: bytes))?["missing"]?.array else {
                throw senseless("no list of missing blobs")
            }
            for item in items {
                guard let digest = item.string.flatMap({ Digest($0) }) else { throw senseless("a bad digest") }
                missing.insert(digest)
            }
        }
        return missing
    }

    /// Sends a blob piece by piece, going on where an earlier upload broke off. `read` gives the bytes at a place.
    public func upload(
        _ digest: Digest,
        size: Int64,
        piece: Int = 8 << 20,
        read: @Sendable (_ offset: Int64, _ count: Int) async throws(Problem) -> [UInt8]
    ) async throws(Problem) {
        var offset: Int64 = 0
        var (faults, waits) = (0, 0)
        while true {
            let bytes = try await read(offset, Int(min(Int64(piece), size - offset)))
            do {
                guard let reached = try await send(bytes, of: digest, at: offset, size) else { return }
                if reached <= offset { faults += 1 }
                (offset, waits) = (reached, 0)
            } catch {
                if error.code == .stateLocked, waits < RegistryClient.longestWaiting {
                    // Another job of the same token sends the same bytes, and both go on where the other one ended.
                    waits += 1
                    await pause(waits)
                    offset = try await uploaded(of: digest)
                    continue
                }
                faults += 1
                guard error.code == .registryUnreachable, faults < RegistryClient.attempts else { throw error }
                offset = try await uploaded(of: digest)
            }
            guard offset <= size, faults < RegistryClient.attempts * 2 else {
                throw senseless("an upload that never ends")
            }
        }
    }

    public func upload(_ digest: Digest, bytes: [UInt8]) async throws(Problem) {
        try await upload(digest, size: Int64(bytes.count)) { offset, count in
            Array(bytes[Int(offset)..<Int(offset) + count])
        }
    }

    /// How far an upload of this token got.
    public func uploaded(of digest: Digest) async throws(Problem) -> Int64 {
        var question = Question("/api/v1/uploads/sha256/\(digest.hex)")
        question.method = "HEAD"
        question.accepted = [200, 204]
        let (head, _) = try await ask(question)
        guard let offset = head.value(of: "upload-offset").flatMap({ Int64($0) }), offset >= 0 else {
            throw senseless("no Upload-Offset")
        }
        return offset
    }

    /// Where to go on; nil when the blob is whole.
    private func send(_ bytes: [UInt8], of digest: Digest, at offset: Int64, _ size: Int64) async throws(Problem)
        -> Int64?
    {
        var question = Question("/api/v1/uploads/sha256/\(digest.hex)")
        question.method = "PATCH"
        question.headers = [
            HeaderField(name: "Upload-Offset", value: String(offset)),
            HeaderField(name: "Upload-Length", value: String(size)),
            HeaderField(name: "Content-Type", value: "application/octet-stream"),
        ]
        question.body = bytes
        // After a fault the upload goes on from where the registry says, not from where this piece began.
        question.mayRepeat = false
        question.accepted = [201, 204, 409]
        let (head, transfer) = try await ask(question)
        if head.status == 201 { return nil }
        guard let reached = head.value(of: "upload-offset").flatMap({ Int64($0) }), reached >= 0 else {
            throw await refusal(head, transfer)
        }
        return reached
    }

    /// The bytes of a blob; nil where the registry has none that this token may read.
    public func blob(_ digest: Digest) async throws(Problem) -> RegistryBody? {
        var question = Question("/api/v1/blobs/sha256/\(digest.hex)")
        question.accepted = [200, 404]
        let (head, transfer) = try await ask(question)
        guard head.status == 200 else { return nil }
        return RegistryBody(head, transfer, self)
    }

    /// Has the registry fetch from a public index. Any status below 500 is the index's own; nil where the registry does
    /// not fetch from there.
    public func fetch(_ url: HTTPURL, accept: String, type: String) async throws(Problem) -> FetchedAnswer? {
        var question = Question("/api/v1/fetch")
        question.query = [("url", url.withoutFragment.description), ("accept", accept), ("type", type)]
        question.accepted = Set(200..<300).union([304, 403, 404, 410, 451])
        let (head, transfer) = try await ask(question)
        if head.status == 403, head.value(of: "purser-status") == nil {
            let problem = await refusal(head, transfer)
            guard problem.code == .upstreamRefused else { throw problem }
            return nil
        }
        // That something is not there is believed only when it was the public index that said so.
        if [404, 410, 451].contains(head.status), head.value(of: "purser-status") == nil {
            transfer.cancel()
            return nil
        }
        return FetchedAnswer(
            status: head.status,
            headers: head.headers.map { ($0.name.lowercased(), $0.value) },
            finalURL: head.value(of: "purser-final-url"),
            body: RegistryBody(head, transfer, self)
        )
    }
}
