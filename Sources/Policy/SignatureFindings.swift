/// What checks of signatures over a file found. They are made where the file is asked for, never for an index.
public struct SignatureFindings: Hashable, Sendable {
    /// Of the publisher's attestation.
    public var attestation: SignatureCheck
    /// Of the registry's signature.
    public var registry: SignatureCheck

    public init(attestation: SignatureCheck, registry: SignatureCheck) {
        self.attestation = attestation
        self.registry = registry
    }

    /// Nothing was looked at.
    public static let none = SignatureFindings(
        attestation: .unknown("has an attestation that nobody looked at"),
        registry: .unknown("has a registry signature that nobody looked at")
    )
}

/// The outcome of one check. The texts read on from the subject.
public enum SignatureCheck: Hashable, Sendable {
    case good(SignatureMaker)
    /// What must not be believed.
    case bad(String)
    /// Why nobody can tell.
    case unknown(String)
}

/// Who made a signature that was found good.
public struct SignatureMaker: Hashable, Sendable {
    /// A workflow's address, a mail address, or the name of a key.
    public let identity: String
    /// Who vouches for the identity; empty for a key.
    public let issuer: String
    /// The repository it was built from, where that is signed, too.
    public let repository: String?

    public init(identity: String, issuer: String = "", repository: String? = nil) {
        self.identity = identity
        self.issuer = issuer
        self.repository = repository
    }
}

/// The signatures that rules ask for.
public struct SignatureKinds: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Has to be fetched.
    public static let attestation = SignatureKinds(rawValue: 1)
    /// Stands in the index.
    public static let registry = SignatureKinds(rawValue: 2)
}
