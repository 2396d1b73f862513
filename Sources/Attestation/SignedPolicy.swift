public import Core
internal import JSONText

internal import struct Crypto.SHA256

/// An organisation's policy as its owner signed it: the text of a policy file, and what keeps an old one from being
/// passed off as the current one.
public struct SignedPolicy: Hashable, Sendable {
    public let text: String
    public let issued: Timestamp
    /// Grows with every policy that is issued; a lower one than was seen before is refused.
    public let serial: Int64
    /// How long a copy may be used while nobody can be asked for a newer one, in seconds.
    public let maximumStaleness: Int64

    public static let payloadType = "application/vnd.purser.policy+json"
    private static let format: Int64 = 1

    public init(text: String, issued: Timestamp, serial: Int64, maximumStaleness: Int64) {
        self.text = text
        self.issued = issued
        self.serial = serial
        self.maximumStaleness = maximumStaleness
    }

    /// Of the text: what reports and statements name.
    public var digest: Digest {
        guard let digest = Digest(.sha256, bytes: Array(SHA256.hash(data: Array(text.utf8)))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }

    public func signed(with keys: [SigningKey]) throws(Problem) -> Envelope {
        let payload = canonicalBytes()
        let message = Envelope.preAuthenticationEncoding(type: SignedPolicy.payloadType, payload: payload)
        var signatures: [Envelope.Signature] = []
        for key in keys { signatures.append(Envelope.Signature(keyID: key.keyID, bytes: try key.sign(message))) }
        return Envelope(payloadType: SignedPolicy.payloadType, payload: payload, signatures: signatures)
    }

    private func canonicalBytes() -> [UInt8] {
        let json: JSON = [
            "purser-policy": .integer(SignedPolicy.format),
            "issued": .string(issued.description),
            "serial": .integer(serial),
            "maxStaleness": .integer(maximumStaleness),
            "text": .string(text),
        ]
        return json.canonicalBytes()
    }

    /// What an envelope says, **believed by nobody yet**: for giving out the next serial.
    public init(unverified envelope: Envelope) throws(Malformed) {
        guard envelope.payloadType == SignedPolicy.payloadType else {
            throw Malformed("holds '\(envelope.payloadType)', not a policy")
        }
        self = try document(envelope.payload, maximumBytes: 4 << 20) { fields throws(JSONFieldError) in
            let format = try fields.required("purser-policy")
            guard try format.count() == SignedPolicy.format else { throw format.refused("is an unknown format") }
            return SignedPolicy(
                text: try fields.required("text").string(),
                issued: try fields.required("issued").time(),
                serial: try fields.required("serial").count(),
                maximumStaleness: try fields.required("maxStaleness").count()
            )
        }
        guard canonicalBytes() == envelope.payload else { throw Malformed("is not written in its canonical form") }
    }
}

/// A policy and the keys that answer for it.
public struct TrustedPolicy: Hashable, Sendable {
    public let policy: SignedPolicy
    public let keyIDs: [String]

    /// Reads what enough keys have signed that the trust file lets sign policies.
    public init(verifying bytes: [UInt8], trust: TrustFile, now: Timestamp) throws(Problem) {
        let envelope: Envelope
        do { envelope = try Envelope(parsing: bytes, maximumBytes: 8 << 20) } catch {
            throw TrustedPolicy.refusal("malformed", "is no signed envelope: \(error)")
        }
        guard envelope.payloadType == SignedPolicy.payloadType else {
            throw TrustedPolicy.refusal("payload-type", "holds '\(envelope.payloadType)', not a policy")
        }
        let signers = try trustedSigners(of: envelope, trust: trust, now: now, for: .policies)
        do { policy = try SignedPolicy(unverified: envelope) } catch {
            throw TrustedPolicy.refusal("malformed", "is signed, but what it holds is no policy: \(error)")
        }
        keyIDs = signers.map(\.key.keyID)
    }

    private static func refusal(_ reason: String, _ summary: String) -> Problem {
        Problem(
            .integritySignature,
            subject: "the organisation's policy",
            summary: summary,
            remedy: "Do not go on without it: ask who runs the registry, and who changed what it serves.",
            reason: reason
        )
    }
}
