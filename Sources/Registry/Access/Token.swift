public import Core
public import Storage

/// An access token as its owner holds it: `psr_ID_SECRET`, where ID may be shown and SECRET is 256 random bits.
public struct Token: Sendable {
    public let id: String
    /// The whole text, for the one moment in which it is shown.
    public let text: Secret

    private static let idCount = 10
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")

    public static func mint() -> Token {
        var generator = SystemRandomNumberGenerator()
        let id = String((0..<idCount).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] })
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Token(id: id, text: Secret("psr_\(id)_\(Hex.encode(secret))"))
    }

    private init(id: String, text: Secret) {
        self.id = id
        self.text = text
    }

    /// Nil for text that is no token of ours.
    init?(parsing text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "psr", parts[1].count == Token.idCount, parts[2].utf8.count == 64,
            parts[1].allSatisfy({ Token.alphabet.contains($0) }), Hex.decode(String(parts[2])) != nil
        else { return nil }
        self.init(id: String(parts[1]), text: Secret(text))
    }

    var hash: Digest { Digest.sha256(of: Array(text.reveal().utf8)) }

    /// What is kept of the token.
    public func record(
        _ description: String,
        scopes: Set<Scope>,
        repositories: [String],
        created: Timestamp,
        expires: Timestamp? = nil
    ) -> TokenRecord {
        TokenRecord(
            id: id,
            hash: hash,
            description: description,
            grants: (scopes, repositories),
            created: created,
            expires: expires
        )
    }

    /// Compares without ending early, so that the time taken tells nothing about where two texts differ.
    static func areEqual(_ a: Digest, _ b: Digest) -> Bool {
        let (left, right) = (a.bytes, b.bytes)
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
