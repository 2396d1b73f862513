public import Core
internal import Crypto

/// A private key that signs statements. Nothing prints it but `pem`.
public struct SigningKey: Sendable {
    /// The kinds of key we sign with.
    public enum Algorithm: String, Sendable, CaseIterable {
        case ed25519, p256
    }

    private enum Material: Sendable {
        case ed25519(Curve25519.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
    }

    private let material: Material

    /// A fresh key.
    public static func generate(_ algorithm: Algorithm) -> SigningKey {
        switch algorithm {
        case .ed25519: SigningKey(.ed25519(Curve25519.Signing.PrivateKey()))
        case .p256: SigningKey(.p256(P256.Signing.PrivateKey()))
        }
    }

    private init(_ material: Material) { self.material = material }

    /// Reads PKCS#8 PEM (`BEGIN PRIVATE KEY`) of an Ed25519 or P-256 key; `name` says where it came from.
    public init(pem: String, named name: String = "the signing key") throws(Problem) {
        guard let der = PEM.decode(pem, label: "PRIVATE KEY") else { throw SigningKey.unreadable(pem, name) }
        if let seed = KeyEncoding.seed(fromPKCS8: der),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        {
            self.init(.ed25519(key))
        } else if let key = try? P256.Signing.PrivateKey(derRepresentation: der) {
            self.init(.p256(key))
        } else {
            throw SigningKey.unreadable(pem, name)
        }
    }

    /// The same, and the bytes it was read from are overwritten, whether or not they were a key.
    public init(wiping pem: inout [UInt8], named name: String = "the signing key") throws(Problem) {
        defer { for place in pem.indices { pem[place] = 0 } }
        try self.init(pem: String(decoding: pem, as: UTF8.self), named: name)
    }

    private static func unreadable(_ pem: String, _ name: String) -> Problem {
        let why =
            if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") {
                "is protected by a passphrase, which purser cannot ask for"
            } else if pem.contains("BEGIN EC PRIVATE KEY") {
                "is in the old SEC 1 form; convert it with: openssl pkcs8 -topk8 -nocrypt"
            } else if pem.contains("BEGIN PUBLIC KEY") {
                "is a public key; signing needs the private one"
            } else {
                "is not an Ed25519 or P-256 private key in PKCS#8 PEM"
            }
        return Problem(
            .configUnreadable,
            subject: name,
            summary: why,
            remedy: "Make one with: purser keygen --type ed25519 --out FILE",
            reason: "signing-key"
        )
    }

    public var algorithm: Algorithm {
        switch material {
        case .ed25519: .ed25519
        case .p256: .p256
        }
    }

    /// PKCS#8 PEM: the secret itself, for the one file that `purser keygen` writes.
    public var pem: String {
        switch material {
        case .ed25519(let key): PEM.encode(KeyEncoding.pkcs8(seed: key.rawRepresentation), label: "PRIVATE KEY")
        case .p256(let key): PEM.encode(Array(key.derRepresentation), label: "PRIVATE KEY")
        }
    }

    public var publicKey: VerificationKey {
        switch material {
        case .ed25519(let key): VerificationKey(ed25519: key.publicKey)
        case .p256(let key): VerificationKey(p256: key.publicKey)
        }
    }

    public var keyID: String { publicKey.keyID }
    public var publicPEM: String { publicKey.pem }

    /// Ed25519: 64 bytes. P-256: ECDSA over SHA-256 in DER.
    public func sign(_ bytes: [UInt8]) throws(Problem) -> [UInt8] {
        do {
            switch material {
            case .ed25519(let key): return Array(try key.signature(for: bytes))
            case .p256(let key): return Array(try key.signature(for: bytes).derRepresentation)
            }
        } catch {
            throw Problem(
                .bug,
                subject: "the signing key",
                summary: "could not sign",
                remedy: "Run again; report it if it happens twice."
            )
        }
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(algorithm.rawValue) key \(keyID)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
