public import Core
internal import JSONText

/// A signature with all that is needed to check it without asking anybody (a Sigstore bundle).
public struct SignatureBundle: Sendable {
    /// What is signed.
    enum Content {
        /// The bytes of a file, of which the bundle may name the SHA-256.
        case file(signature: [UInt8], digest: [UInt8]?)
        /// A statement in a DSSE envelope.
        case envelope(type: String, payload: [UInt8], signature: [UInt8])
    }

    /// That an entry is in a log, with the log's signed word on its size and root.
    struct InclusionProof {
        let index: Int64
        let size: Int64
        let root: [UInt8]
        let hashes: [[UInt8]]
        let checkpoint: String
    }

    /// An entry of a transparency log.
    struct Entry {
        let index: Int64
        let keyID: [UInt8]
        let kind: String
        let version: String
        /// Seconds, as the log says; 0 where it does not.
        let time: Int64
        /// The log's signature over entry and time.
        let promise: [UInt8]?
        let proof: InclusionProof?
        let body: [UInt8]
    }

    let content: Content
    /// The publisher's certificate and what came with it; empty where a key without a certificate signed.
    let certificates: [[UInt8]]
    let entry: Entry
    let timestamps: [[UInt8]]
    /// Since bundles of version 0.2 an entry comes with the proof that it is in the log.
    let needsProof: Bool

    public init(parsing bytes: [UInt8]) throws(Malformed) { try self.init(try JSON.reading(bytes, "the bundle")) }

    init(_ json: JSON) throws(Malformed) {
        let type = try json.text("mediaType")
        let known = ["0.1", "0.2", "0.3"]
        let plain = known.first { type == "application/vnd.dev.sigstore.bundle+json;version=\($0)" }
        guard let version = plain ?? (type == "application/vnd.dev.sigstore.bundle.v0.3+json" ? "0.3" : nil) else {
            throw Malformed("is a bundle of a kind that is not read here")
        }
        needsProof = version != "0.1"
        guard let material = json["verificationMaterial"] else { throw Malformed("has nothing to verify it by") }
        certificates = try SignatureBundle.certificates(material)
        entry = try SignatureBundle.entry(material.list("tlogEntries"))
        var stamps: [[UInt8]] = []
        for stamp in material["timestampVerificationData"]?.list("rfc3161Timestamps") ?? [] {
            stamps.append(try stamp.bytes("signedTimestamp"))
        }
        timestamps = stamps
        content = try SignatureBundle.content(json)
    }

    /// What PyPI keeps (PEP 740): the same parts under other names.
    init(attestation json: JSON) throws(Malformed) {
        guard json["version"]?.integer == 1, let material = json["verification_material"],
            let envelope = json["envelope"]
        else { throw Malformed("is an attestation of a kind that is not read here") }
        needsProof = true
        certificates = [try material.bytes("certificate")]
        entry = try SignatureBundle.entry(material.list("transparency_entries"))
        timestamps = []
        content = .envelope(
            type: "application/vnd.in-toto+json",
            payload: try envelope.bytes("statement"),
            signature: try envelope.bytes("signature")
        )
    }

    private static func certificates(_ material: JSON) throws(Malformed) -> [[UInt8]] {
        if let one = material["certificate"] { return [try one.bytes("rawBytes")] }
        guard let chain = material["x509CertificateChain"] else {
            guard material["publicKey"] != nil else { throw Malformed("names neither certificate nor key") }
            return []
        }
        var all: [[UInt8]] = []
        for one in chain.list("certificates") { all.append(try one.bytes("rawBytes")) }
        guard !all.isEmpty else { throw Malformed("has an empty chain of certificates") }
        return all
    }

    private static func content(_ json: JSON) throws(Malformed) -> Content {
        if let message = json["messageSignature"] {
            var digest: [UInt8]?
            if let hash = message["messageDigest"], hash["algorithm"]?.string == "SHA2_256" {
                digest = try hash.bytes("digest")
            }
            return .file(signature: try message.bytes("signature"), digest: digest)
        }
        guard let envelope = json["dsseEnvelope"] else { throw Malformed("holds no signature") }
        // A second signature would be one that nobody looks at.
        guard envelope.list("signatures").count == 1, let signature = envelope.list("signatures").first else {
            throw Malformed("has not exactly one signature")
        }
        return .envelope(
            type: try envelope.text("payloadType"),
            payload: try envelope.bytes("payload"),
            signature: try signature.bytes("sig")
        )
    }

    private static func entry(_ entries: [JSON]) throws(Malformed) -> Entry {
        guard entries.count == 1, let json = entries.first else { throw Malformed("has not exactly one log entry") }
        guard let kind = json["kindVersion"], let id = json["logId"] else { throw Malformed("has an entry of no kind") }
        return Entry(
            index: try json.number("logIndex"),
            keyID: try id.bytes("keyId"),
            kind: try kind.text("kind"),
            version: try kind.text("version"),
            time: try json["integratedTime"] == nil ? 0 : json.number("integratedTime"),
            promise: try json["inclusionPromise"]?.bytesIfAny("signedEntryTimestamp"),
            proof: try json["inclusionProof"].map { value throws(Malformed) in try proof(value) } ?? nil,
            body: try json.bytes("canonicalizedBody")
        )
    }

    /// Nil for a proof without a checkpoint, which proves nothing.
    private static func proof(_ json: JSON) throws(Malformed) -> InclusionProof? {
        guard let checkpoint = json["checkpoint"]?["envelope"]?.string, !checkpoint.isEmpty else { return nil }
        var hashes: [[UInt8]] = []
        for hash in json.list("hashes") {
            guard let bytes = hash.string.flatMap(Base64.decode), bytes.count == 32 else {
                throw Malformed("has a proof with a hash that is none")
            }
            hashes.append(bytes)
        }
        return InclusionProof(
            index: try json["logIndex"] == nil ? 0 : json.number("logIndex"),
            size: try json.number("treeSize"),
            root: try json.bytes("rootHash"),
            hashes: hashes,
            checkpoint: checkpoint
        )
    }
}
