public import Core
internal import JSONText

/// `purser-trust.json`: whose signature counts, for what, and until when.
public struct TrustFile: Hashable, Sendable {
    /// What a key signs; none signs both, so that who builds never decides what may be built from.
    public enum Use: String, Sendable, CaseIterable {
        case builds, policies
    }

    /// One key that is believed.
    public struct Key: Hashable, Sendable {
        public let key: VerificationKey
        /// Patterns of source repositories it may sign for; nil is any, and also a statement without a source.
        public var repositories: [String]?
        /// Patterns of channels its builds may be promoted to; nil is any.
        public var channels: [String]?
        /// After this time it counts for nothing; when a statement says it was made is not asked, since the key's holder
        /// writes that.
        public var notAfter: Timestamp?
        public var use = Use.builds

        public init(_ key: VerificationKey) { self.key = key }
    }

    public let keys: [Key]
    /// How many different keys must have signed.
    public let threshold: Int

    public static let format: Int64 = 1

    /// A file that trusts nobody: what `verify` uses where there is none.
    public static let empty = TrustFile(keys: [])

    public init(keys: [Key], threshold: Int = 1) {
        self.keys = keys
        self.threshold = max(1, threshold)
    }

    /// A file that people write: any layout, but no unknown or duplicate key, and every key under its own identifier.
    public init(parsing bytes: [UInt8], maximumBytes: Int = 1 << 20) throws(Malformed) {
        self = try document(bytes, maximumBytes: maximumBytes, TrustFile.read)
    }

    /// Reads a file a person named: the same, with the problem they see.
    public static func read(_ bytes: [UInt8], named name: String) throws(Problem) -> TrustFile {
        do {
            return try TrustFile(parsing: bytes)
        } catch {
            throw Problem(
                .configUnreadable,
                subject: name,
                summary: "is no trust file: \(error)",
                remedy: "See docs/manifest.md, \"The trust file\"."
            )
        }
    }

    public func prettyBytes() -> [UInt8] {
        let json: JSON = .object(present: [
            "purser-trust": .integer(TrustFile.format),
            "threshold": threshold == 1 ? nil : .integer(Int64(threshold)),
            "keys": .array(keys.map(\.json)),
        ])
        return json.prettyBytes()
    }

    func key(_ keyID: String) -> Key? { keys.first { $0.key.keyID == keyID } }

    private static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> TrustFile {
        let format = try fields.required("purser-trust")
        guard try format.count() == TrustFile.format else { throw format.refused("is an unknown format") }
        let list = try fields.required("keys")
        let keys = try list.list(Key.read)
        guard Set(keys.map(\.key)).count == keys.count else { throw list.refused("names a key twice") }
        guard let field = fields.optional("threshold") else { return TrustFile(keys: keys) }
        let threshold = try field.count()
        guard (1...Int64(max(1, keys.count))).contains(threshold) else {
            throw field.refused("is 0 or more than there are keys")
        }
        return TrustFile(keys: keys, threshold: Int(threshold))
    }
}

extension TrustFile.Key {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> TrustFile.Key {
        try field.object { fields throws(JSONFieldError) in
            let publicKey = try fields.required("public")
            let pem = try publicKey.string()
            let verification: VerificationKey
            do throws(Malformed) { verification = try VerificationKey(pem: pem) } catch {
                throw publicKey.refused(error.what)
            }
            let keyID = try fields.required("keyid")
            guard try keyID.string() == verification.keyID else {
                throw keyID.refused("is not the identifier of its key, which is \(verification.keyID)")
            }
            var key = TrustFile.Key(verification)
            key.repositories = try fields.optional("repositories")?.strings()
            key.channels = try fields.optional("channels")?.strings()
            key.notAfter = try fields.optional("notAfter")?.time()
            key.use = try fields.optional("use")?.text("builds or policies") { TrustFile.Use(rawValue: $0) } ?? .builds
            return key
        }
    }

    fileprivate var json: JSON {
        .object(present: [
            "keyid": .string(key.keyID),
            "public": .string(key.pem),
            "repositories": repositories.map { .strings($0) },
            "channels": channels.map { .strings($0) },
            "notAfter": notAfter.map { .string($0.description) },
            "use": use == .builds ? nil : .string(use.rawValue),
        ])
    }
}

/// A pattern in which `*` stands for any run of characters, and everything else for itself.
struct Glob {
    private let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Goes back to the last star at most, so the time is bounded by the product of the lengths.
    func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (at, place) = (0, 0)
        var retry: (pattern: Int, text: Int)?
        while place < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                retry = (at + 1, place)
                at += 1
            } else if at < pattern.count, pattern[at] == text[place] {
                at += 1
                place += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                (at, place) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
