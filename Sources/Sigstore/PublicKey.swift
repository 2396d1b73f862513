internal import Core
internal import Crypto
internal import SwiftASN1
internal import X509

/// A key that logs, authorities or publishers sign with.
struct PublicKey: Hashable, Sendable {
    private enum Kind: Hashable {
        case p256(P256.Signing.PublicKey), p384(P384.Signing.PublicKey), ed25519(Curve25519.Signing.PublicKey)

        static func == (a: Kind, b: Kind) -> Bool { a.raw == b.raw }

        func hash(into hasher: inout Hasher) { hasher.combine(raw) }

        var raw: [UInt8] {
            switch self {
            case .p256(let key): Array(key.x963Representation)
            case .p384(let key): Array(key.x963Representation)
            case .ed25519(let key): Array(key.rawRepresentation)
            }
        }
    }

    private let kind: Kind

    /// Reads SubjectPublicKeyInfo; nil for a kind of key that is not read here.
    init?(spki: [UInt8]) {
        if let key = try? P256.Signing.PublicKey(derRepresentation: spki) {
            kind = .p256(key)
        } else if let key = try? P384.Signing.PublicKey(derRepresentation: spki) {
            kind = .p384(key)
        } else if spki.starts(with: PublicKey.ed25519Head), spki.count == PublicKey.ed25519Head.count + 32,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: spki.dropFirst(PublicKey.ed25519Head.count))
        {
            kind = .ed25519(key)
        } else {
            return nil
        }
    }

    /// The key of a certificate.
    init?(_ certificate: Certificate) {
        let key = certificate.publicKey
        if let key = P256.Signing.PublicKey(key) {
            kind = .p256(key)
        } else if let key = P384.Signing.PublicKey(key) {
            kind = .p384(key)
        } else if let key = Curve25519.Signing.PublicKey(key) {
            kind = .ed25519(key)
        } else {
            return nil
        }
    }

    /// What stands before the 32 bytes of an Ed25519 key.
    private static let ed25519Head: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// With the hash that belongs to the curve, or with the one that is named.
    func isValid(_ signature: [UInt8], for message: [UInt8], hash: Core.Digest.Algorithm? = nil) -> Bool {
        switch kind {
        case .p256(let key):
            guard let parsed = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            switch hash ?? .sha256 {
            case .sha256: return key.isValidSignature(parsed, for: SHA256.hash(data: message))
            case .sha384: return key.isValidSignature(parsed, for: SHA384.hash(data: message))
            case .sha512: return key.isValidSignature(parsed, for: SHA512.hash(data: message))
            default: return false
            }
        case .p384(let key):
            guard let parsed = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            switch hash ?? .sha384 {
            case .sha256: return key.isValidSignature(parsed, for: SHA256.hash(data: message))
            case .sha384: return key.isValidSignature(parsed, for: SHA384.hash(data: message))
            case .sha512: return key.isValidSignature(parsed, for: SHA512.hash(data: message))
            default: return false
            }
        case .ed25519(let key): return key.isValidSignature(signature, for: message)
        }
    }
}

/// Hashes as the formats here name them.
enum Hashing {
    static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] { Array(SHA256.hash(data: Array(bytes))) }

    /// Nil for a hash that is not good enough.
    static func hash(_ bytes: [UInt8], _ algorithm: Core.Digest.Algorithm) -> [UInt8]? {
        switch algorithm {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        default: nil
        }
    }

    static func algorithm(_ oid: ASN1ObjectIdentifier) -> Core.Digest.Algorithm? {
        switch oid {
        case [2, 16, 840, 1, 101, 3, 4, 2, 1]: .sha256
        case [2, 16, 840, 1, 101, 3, 4, 2, 2]: .sha384
        case [2, 16, 840, 1, 101, 3, 4, 2, 3]: .sha512
        default: nil
        }
    }
}
