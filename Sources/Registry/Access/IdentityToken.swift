internal import Core
internal import Crypto
internal import CryptoExtras
internal import JSONText

/// A key with which an issuer signs identity tokens, as its published set lists it.
struct IdentityKey: Sendable {
    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
    }

    let id: String
    private let material: Material

    /// The one algorithm that the key is used with: what a token's head says of itself chooses nothing.
    var algorithm: String {
        switch material {
        case .rsa: "RS256"
        case .p256: "ES256"
        }
    }

    /// Nil for a key of another kind, and for one that is too short to be relied on.
    init?(_ json: JSON) {
        guard let id = json["kid"]?.string, !id.isEmpty, json["use"]?.string ?? "sig" == "sig" else { return nil }
        func number(_ name: String) -> [UInt8]? { json[name]?.string.flatMap { Base64URL.decode($0) } }
        switch json["kty"]?.string {
        case "RSA":
            guard let modulus = number("n"), (256...1024).contains(modulus.count), let exponent = number("e"),
                let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
            else { return nil }
            material = .rsa(key)
        case "EC":
            guard json["crv"]?.string == "P-256", let x = number("x"), let y = number("y"), x.count == 32,
                y.count == 32, let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
            else { return nil }
            material = .p256(key)
        default: return nil
        }
        self.id = id
        if let told = json["alg"]?.string, told != algorithm { return nil }
    }

    func signed(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        switch material {
        case .rsa(let key):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: message)
        }
    }
}

/// What a CI system says of one of its jobs: a signed JSON Web Token (RFC 7519), good for minutes.
struct IdentityToken: Sendable {
    let head: JSON
    let claims: JSON
    private let message: [UInt8]
    private let signature: [UInt8]

    private static let limit = 16 << 10
    /// What clocks may be apart.
    private static let slack: Int64 = 60
    /// One that is good for longer is none of a job's.
    private static let longest: Int64 = 24 * 3_600

    /// Nil for text that is no such token; nothing of it is believed yet.
    init?(parsing text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= IdentityToken.limit, parts.count == 3,
            let head = IdentityToken.object(parts[0]), let claims = IdentityToken.object(parts[1]),
            let signature = Base64URL.decode(String(parts[2])), !signature.isEmpty
        else { return nil }
        self.head = head
        self.claims = claims
        self.signature = signature
        message = Array("\(parts[0]).\(parts[1])".utf8)
    }

    private static func object(_ part: Substring) -> JSON? {
        guard let bytes = Base64URL.decode(String(part)), let json = try? JSON(parsing: bytes), json.members != nil
        else {
            return nil
        }
        return json
    }

    var issuer: String? { claims["iss"]?.string }

    var subject: String? { claims["sub"]?.string.flatMap { $0.isEmpty ? nil : $0 } }

    var expires: Timestamp? { claims["exp"]?.integer.map { Timestamp(seconds: $0) } }

    /// What is wrong with it; nil where this issuer signed it for us, and it is good now.
    func fault(_ keys: [IdentityKey], audience: String, now: Timestamp) -> String? {
        guard head["crit"] == nil, let id = head["kid"]?.string,
            let key = keys.first(where: { $0.id == id && $0.algorithm == head["alg"]?.string })
        else { return "is signed with a key that its issuer's set does not have" }
        guard key.signed(message, signature) else { return "has a signature that does not fit" }
        guard isMeant(for: audience) else { return "is meant for another audience" }
        guard subject != nil else { return "names no subject" }
        guard let ends = claims["exp"]?.integer, let begun = claims["iat"]?.integer,
            let lifetime = IdentityToken.difference(ends, begun), (0...IdentityToken.longest).contains(lifetime)
        else { return "does not say since when and until when it is good, or is good for too long" }
        guard now.seconds < ends else { return "has expired" }
        let from = max(begun, claims["nbf"]?.integer ?? begun)
        guard from <= now.seconds + IdentityToken.slack else { return "is not good yet" }
        return nil
    }

    private static func difference(_ a: Int64, _ b: Int64) -> Int64? {
        let (value, isTooMuch) = a.subtractingReportingOverflow(b)
        return isTooMuch ? nil : value
    }

    private func isMeant(for audience: String) -> Bool {
        switch claims["aud"] {
        case .string(let one): one == audience
        case .array(let all): all.contains(.string(audience))
        default: false
        }
    }
}

/// Base64 as tokens have it: other letters, and nothing behind.
private enum Base64URL {
    static func decode(_ text: String) -> [UInt8]? {
        guard !text.utf8.contains(where: { $0 == 0x2B || $0 == 0x2F || $0 == 0x3D }) else { return nil }
        let plain = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        let padding = [0, 0, 2, 1][plain.count % 4]
        guard plain.count % 4 != 1 else { return nil }
        return Base64.decode(String(plain) + String(repeating: "=", count: padding))
    }
}
