public import Core
internal import JSONText

/// What a run swears to: these artifacts, from this source, under this policy (in-toto Statement v1).
///
/// Verification, gates and promotion read source, policy and isolation from here, never from `purser.lock`.
public struct Statement: Hashable, Sendable {
    /// An artifact, or `purser.lock` itself for a run without artifacts.
    public struct Subject: Hashable, Sendable {
        public let name: String
        public let sha256: Digest

        public init(name: String, sha256: Digest) {
            self.name = name
            self.sha256 = sha256
        }
    }

    public static let type = "https://in-toto.io/Statement/v1"
    public static let predicateType = "https://purser.dev/attestation/build/v1"

    /// Sorted by name, then digest; at least one. Two files of one name may have come from two folders.
    public let subjects: [Subject]
    public let predicate: Predicate

    public init(subjects: [Subject], predicate: Predicate) {
        self.subjects = subjects.sorted { ($0.name, $0.sha256) < ($1.name, $1.sha256) }
        self.predicate = predicate
    }

    /// Reads exactly what `canonicalBytes` prints.
    public init(parsing bytes: [UInt8], maximumBytes: Int = 16 << 20) throws(Malformed) {
        self = try document(bytes, maximumBytes: maximumBytes, Statement.read)
        guard bytes == canonicalBytes() else { throw Malformed("is not written in its canonical form (RFC 8785)") }
    }

    public func canonicalBytes() -> [UInt8] {
        let json: JSON = [
            "_type": .string(Statement.type),
            "subject": .array(subjects.map { ["name": .string($0.name), "digest": .digestSet($0.sha256)] }),
            "predicateType": .string(Statement.predicateType),
            "predicate": predicate.json,
        ]
        return json.canonicalBytes()
    }

    private static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> Statement {
        let type = try fields.required("_type")
        guard try type.string() == Statement.type else { throw type.refused("is not \(Statement.type)") }
        let predicateType = try fields.required("predicateType")
        guard try predicateType.string() == Statement.predicateType else {
            throw predicateType.refused("is not \(Statement.predicateType)")
        }
        let list = try fields.required("subject")
        let subjects = try list.list(Subject.read)
        guard !subjects.isEmpty, Set(subjects).count == subjects.count else {
            throw list.refused("is empty or names a file twice")
        }
        return Statement(subjects: subjects, predicate: try Predicate.read(try fields.required("predicate")))
    }
}

extension Statement.Subject {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Statement.Subject {
        try field.object { fields throws(JSONFieldError) in
            Statement.Subject(
                name: try fields.required("name").string(),
                sha256: try fields.required("digest").digestSet()
            )
        }
    }
}
