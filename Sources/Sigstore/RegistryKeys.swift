public import Core
internal import JSONText

/// The keys that a registry signs its releases with, as npm publishes them (`/-/npm/v1/keys`).
public struct RegistryKeys: Sendable {
    private struct Key {
        let key: PublicKey
        let end: Timestamp?
    }

    private let keys: [String: Key]
    /// Of the file.
    public let digest: Digest

    public init(parsing bytes: [UInt8]) throws(Malformed) {
        let json = try JSON.reading(bytes, "the list of keys")
        var keys: [String: Key] = [:]
        for item in json.list("keys") {
            guard item["scheme"]?.string == "ecdsa-sha2-nistp256", let key = PublicKey(spki: try item.bytes("key"))
            else {
                continue
            }
            var end: Timestamp?
            if let expires = item["expires"], !expires.isNull {
                guard let time = expires.string.flatMap({ Timestamp(rfc3339: $0) }) else {
                    throw Malformed("has a key with an end that is no time")
                }
                end = time
            }
            keys[try item.text("keyid")] = Key(key: key, end: end)
        }
        guard !keys.isEmpty, let digest = Digest(.sha256, bytes: Hashing.sha256(bytes)) else {
            throw Malformed("holds no key of the kind ecdsa-sha2-nistp256")
        }
        self.keys = keys
        self.digest = digest
    }

    /// What was found.
    public enum Finding: Hashable, Sendable {
        /// The key that signed.
        case good(keyID: String)
        case bad(String)
        case unknown(String)
    }

    /// Checks signatures (`KEYID SIGNATURE`, each on a line) over `NAME@VERSION:INTEGRITY`. A key that ended before the
    /// release was published signed nothing.
    public func check(_ signatures: String, over message: String, published: Timestamp?) -> Finding {
        var unknown = ""
        for line in signatures.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2 else { return .bad("has a registry signature that cannot be read") }
            guard let key = keys[words[0]] else {
                unknown = words[0]
                continue
            }
            if let end = key.end, published.map({ $0 >= end }) ?? true {
                return .bad("is signed by the key \(words[0]), which ended on \(end)")
            }
            guard let signature = Base64.decode(words[1]), key.key.isValid(signature, for: Array(message.utf8)) else {
                return .bad("has a registry signature of \(words[0]) that does not fit")
            }
            return .good(keyID: words[0])
        }
        return unknown.isEmpty
            ? .unknown("has no registry signature") : .bad("is signed by the unknown key \(unknown)")
    }
}
