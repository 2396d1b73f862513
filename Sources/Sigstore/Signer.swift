public import Core
internal import SwiftASN1
internal import X509

/// Who signed, by the certificate that the authority gave them.
public struct Signer: Hashable, Sendable {
    /// A workflow's address, or a person's or service's mail address.
    public let identity: String
    /// Who vouched for the identity: `https://token.actions.githubusercontent.com`.
    public let issuer: String
    /// The repository that the signed thing was built from; nil where the certificate does not say.
    public let repository: String?

    init(_ leaf: Certificate) throws(Malformed) {
        var names: [String] = []
        guard let all = try? leaf.extensions.subjectAlternativeNames else {
            throw Malformed("has a signer without a name")
        }
        for name in all {
            switch name {
            case .uniformResourceIdentifier(let text), .rfc822Name(let text): names.append(text)
            default: continue
            }
        }
        guard names.count == 1, let identity = names.first else { throw Malformed("has a signer without one name") }
        self.identity = identity
        issuer =
            Signer.text(leaf, [1, 3, 6, 1, 4, 1, 57_264, 1, 8]) ?? Signer.raw(leaf, [1, 3, 6, 1, 4, 1, 57_264, 1, 1])
        repository = Signer.text(leaf, [1, 3, 6, 1, 4, 1, 57_264, 1, 12])
    }

    /// An extension that holds a text in DER.
    private static func text(_ leaf: Certificate, _ id: ASN1ObjectIdentifier) -> String? {
        guard let bytes = leaf.extensions[oid: id]?.value, let part = try? DERPart(Array(bytes)), part.tag == 0x0C,
            let octets = try? part.octets
        else { return nil }
        return String(validating: octets, as: UTF8.self)
    }

    /// The oldest extensions hold the bare text.
    private static func raw(_ leaf: Certificate, _ id: ASN1ObjectIdentifier) -> String {
        leaf.extensions[oid: id].flatMap { String(validating: $0.value, as: UTF8.self) } ?? ""
    }
}

/// A statement about files that was signed (in-toto), read as far as it says which.
public struct SignedStatement: Sendable {
    /// One file, by name and digests.
    public struct Subject: Hashable, Sendable {
        public let name: String
        public let digests: [Digest]
    }

    public let predicateType: String
    public let subjects: [Subject]
}
