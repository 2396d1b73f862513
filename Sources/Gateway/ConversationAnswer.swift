public import Core
internal import JSONText
internal import Policy
internal import Storage
internal import Upstream

/// Looks into what a conversation brought, before a client gets it.
public protocol ConversationWitness: Sendable {
    /// Those of `wants` that are inputs by themselves, each found in the answer that lies at this path. Throws
    /// `integrity.mismatch` for an answer that is cut, damaged, or not what was wanted; with `mayLack` some may be missing,
    /// since the client has them.
    func objects(_ wants: [Purl], answer path: String, mayLack: Bool) async throws(Problem) -> [WitnessedObject]
}

/// An object that was found in an answer, under the name by which it was wanted.
public struct WitnessedObject: Sendable {
    public let purl: Purl
    /// What its name is the hash of: for git the object with its header.
    public let bytes: [UInt8]

    public init(purl: Purl, bytes: [UInt8]) {
        self.purl = purl
        self.bytes = bytes
    }
}

extension Purl {
    /// What a repository is called where a file has a name: `tool.git`.
    var repositoryFile: String { "\(name.split(separator: "/").last ?? "repository").git" }

    /// The digest that the name of a git object is: SHA-1, or SHA-256 in repositories that use it.
    var objectName: Digest? { version.flatMap { Digest($0.utf8.count == 64 ? .sha256 : .sha1, hex: $0) } }
}

/// What was said in answer to one request of a conversation.
struct ConversationAnswer: Sendable {
    let contentType: String
    let finalURL: HTTPURL
    /// The whole body; nil where another status was passed on.
    let blob: Blob?
    let objects: [WitnessedObject]
    var passed: Reply?

    init(_ response: UpstreamResponse, blob: Blob, objects: [WitnessedObject]) {
        contentType = response.headers.first("Content-Type") ?? "application/octet-stream"
        finalURL = response.finalURL
        self.blob = blob
        self.objects = objects
    }

    init(passed reply: Reply, _ response: UpstreamResponse) {
        contentType = ""
        finalURL = response.finalURL
        blob = nil
        objects = []
        passed = reply
    }

    fileprivate init(contentType: String, finalURL: HTTPURL, blob: Blob, objects: [WitnessedObject]) {
        self.contentType = contentType
        self.finalURL = finalURL
        self.blob = blob
        self.objects = objects
    }
}

/// What a session or a later job remembers of a conversation.
extension Gateway {
    func conversationNote(_ talk: Exchange) -> String {
        let asked = talk.request
        let body = Digest.sha256(of: asked.body)
        // The version is negotiated in a field of its own; an answer in another one is another answer.
        let version = talk.client.headers.first("Git-Protocol") ?? ""
        return "conversation\n\(asked.method) \(asked.url.withoutFragment)\n\(version)\n\(body)\n"
            + "\(talk.credential ?? "")\n\(configuration.answerScope)"
    }

    func remembered(_ key: String) async throws(Problem) -> ConversationAnswer? {
        guard let note = stores.answers?.note(key), let type = note["type"]?.string,
            let finalURL = note["url"]?.string.flatMap({ try? HTTPURL($0) }),
            let digest = note["body"]?.string.flatMap({ Digest($0) })
        else { return nil }
        do throws(StorageError) {
            guard let blob = try await stores.cache.blob(digest) else { return nil }
            var objects: [WitnessedObject] = []
            for object in note["objects"]?.array ?? [] {
                guard let purl = object["purl"]?.string.flatMap({ try? Purl(parsing: $0) }),
                    let digest = object["sha256"]?.string.flatMap({ Digest($0) }),
                    let bytes = try await stores.cache.blob(digest)?.bytes()
                else { return nil }
                objects.append(WitnessedObject(purl: purl, bytes: bytes))
            }
            return ConversationAnswer(contentType: type, finalURL: finalURL, blob: blob, objects: objects)
        } catch { throw error.problem }
    }

    /// Answers got with a credential of ours are for this session alone; the client's own are part of the key.
    func keep(_ said: ConversationAnswer, _ key: String, _ response: UpstreamResponse) {
        guard let blob = said.blob, response.credential == nil, !configuration.isReplay else { return }
        let objects = said.objects.map { object in
            JSON.object([
                "purl": .string(object.purl.description),
                "sha256": .string(Digest.sha256(of: object.bytes).description),
            ])
        }
        let note: JSON = [
            "type": .string(said.contentType), "url": .string(said.finalURL.redacted),
            "body": .string(blob.digest.description), "objects": .array(objects),
        ]
        try? stores.answers?.keep(note, for: key)
    }

    /// What lockfiles say of a commit.
    func pinned(_ release: Purl) -> [DigestClaim] {
        memory.pins(of: release, file: "").flatMap { entry in
            entry.pin.digests.map { DigestClaim(by: entry.lockfile, digest: $0) }
        }
    }

    /// One input for each object that was wanted by name.
    func record(_ object: WitnessedObject, _ verdict: Verdict, _ talk: Exchange, isHit: Bool) async throws(Problem) {
        let blob: Blob
        do { blob = try stores.cache.store(object.bytes) } catch { throw error.problem }
        let name = [object.purl.objectName].compactMap(\.self)
        let url = talk.request.url
        let input = FetchedInput(
            purl: object.purl,
            file: object.purl.repositoryFile,
            size: blob.size,
            digests: [blob.digest] + name.filter { $0 != blob.digest },
            claims: name.map { DigestClaim(by: "address", digest: $0) } + pinned(object.purl),
            origin: url.origin,
            url: url.withoutFragment,
            finalURL: url,
            release: Release(purl: object.purl),
            published: nil,
            source: isHit ? "cache" : "network",
            attempts: isHit ? 0 : 1,
            verdict: verdict,
            isUnclaimed: false
        )
        try await recorded.once("input \(input.purl) \(blob.digest)") { [recorder] () async throws(Problem) in
            try await recorder.record(.fetched(input))
        }
    }

    func unwitnessed(_ talk: Exchange) -> Problem {
        Problem(
            .integrityMismatch,
            subject: talk.request.url.redacted,
            summary: "brings objects that cannot be looked into, since the program git is not here",
            remedy: "Install git where the agent runs.",
            reason: "no-git"
        )
    }

    func offline(_ subject: String) -> Problem {
        Problem(
            .upstreamUnreachable,
            subject: subject,
            summary: "is not in the cache, and this run is offline",
            remedy: "Run once without --offline, or use `purser replay` with the build's record.",
            reason: "offline"
        )
    }
}
