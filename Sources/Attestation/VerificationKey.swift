public import Core
internal import Crypto

/// A public key that statements are checked with.
public struct VerificationKey: Hashable, Sendable {
    /// SubjectPublicKeyInfo, in the one form that we write.
    private let der: [UInt8]
    public let algorithm: SigningKey.Algorithm

    init(ed25519 key: Curve25519.Signing.PublicKey) {
        der = KeyEncoding.spki(point: key.rawRepresentation)
        algorithm = .ed25519
    }

    init(p256 key: P256.Signing.PublicKey) {
        der = Array(key.derRepresentation)
        algorithm = .p256
    }

    /// Reads SubjectPublicKeyInfo PEM (`BEGIN PUBLIC KEY`) of an Ed25519 or uncompressed P-256 key.
    public init(pem: String) throws(Malformed) {
        guard let der = PEM.decode(pem, label: "PUBLIC KEY") else {
            throw Malformed("is not one PEM block 'PUBLIC KEY'")
        }
        if let point = KeyEncoding.point(fromSPKI: der) {
            guard Ed25519Check.isUsable(key: point) else { throw Malformed("is no usable Ed25519 key") }
            algorithm = .ed25519
        } else {
            // Read and written again, since another encoding of the same point would have another identifier.
            guard let key = try? P256.Signing.PublicKey(derRepresentation: der), Array(key.derRepresentation) == der
            else { throw Malformed("is not an Ed25519 or P-256 public key") }
            algorithm = .p256
        }
        self.der = der
    }

    public var pem: String { PEM.encode(der, label: "PUBLIC KEY") }

    /// sha256 of the SubjectPublicKeyInfo, hexadecimal: what `openssl pkey -pubout -outform der | sha256sum` prints.
    public var keyID: String { Hex.encode(SHA256.hash(data: der)) }

    /// False for anything but the one strict encoding of a good signature.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch algorithm {
        case .ed25519:
            guard let point = KeyEncoding.point(fromSPKI: der) else { return false }
            return Ed25519Check.isValid(signature, for: message, key: point)
        case .p256:
            guard let key = try? P256.Signing.PublicKey(derRepresentation: der),
                let parsed = try? P256.Signing.ECDSASignature(derRepresentation: signature),
                Array(parsed.derRepresentation) == signature
            else { return false }
            return key.isValidSignature(parsed, for: message)
        }
    }
}
