public import Core
internal import FoundationEssentials
internal import GRDB

/// What a token allows. `admin` includes the others.
public enum Scope: String, Sendable, CaseIterable, Comparable {
    case read, publish, promote, admin

    public static func < (a: Scope, b: Scope) -> Bool { a.rawValue < b.rawValue }
}

/// An access token as it is kept: everything but the token itself.
public struct TokenRecord: Hashable, Sendable {
    public let id: String
    /// SHA-256 of the token's text.
    public let hash: Digest
    public let description: String
    public let scopes: Set<Scope>
    /// Globs over repository names, such as `*` or `team-*`.
    public let repositories: [String]
    public let created: Timestamp
    public let expires: Timestamp?
    public let revoked: Timestamp?

    public init(
        id: String,
        hash: Digest,
        description: String,
        grants: (scopes: Set<Scope>, repositories: [String]),
        created: Timestamp,
        expires: Timestamp? = nil
    ) {
        self.id = id
        self.hash = hash
        self.description = description
        self.scopes = grants.scopes
        self.repositories = grants.repositories
        self.created = created
        self.expires = expires
        self.revoked = nil
    }

    fileprivate init(_ row: Row) throws {
        id = row["id"]
        hash = try row.digest("hash")
        description = row["description"]
        let words: String = row["scopes"]
        scopes = Set(words.split(separator: " ").compactMap { Scope(rawValue: String($0)) })
        let globs: String = row["repositories"]
        repositories = globs.split(separator: " ").map(String.init)
        created = row.timestamp("created")
        expires = row.optionalTimestamp("expires")
        revoked = row.optionalTimestamp("revoked")
    }

    /// Whether the token grants `scope` on the repository, its time left aside.
    public func grants(_ scope: Scope, on repository: String) -> Bool {
        guard scopes.contains(scope) || scopes.contains(.admin) else { return false }
        return repositories.contains { TokenRecord.matches(repository, glob: $0) }
    }

    /// Whether it grants `scope` on at least one repository that may exist.
    public func grantsSomewhere(_ scope: Scope) -> Bool {
        (scopes.contains(scope) || scopes.contains(.admin)) && !repositories.isEmpty
    }

    public func isValid(at now: Timestamp) -> Bool { revoked == nil && expires.map { now < $0 } ?? true }

    /// `*` stands for any run of characters; everything else for itself.
    static func matches(_ name: String, glob: String) -> Bool {
        let parts = glob.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last else { return false }
        guard parts.count > 1 else { return name == glob }
        guard name.hasPrefix(first), name.dropFirst(first.count).hasSuffix(last) else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

extension Records {
    public func add(_ token: TokenRecord, by actor: String, at now: Timestamp) async throws(RecordsError) {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO token (id, hash, description, scopes, repositories, created, expires)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    token.id, token.hash.data, token.description,
                    token.scopes.sorted().map(\.rawValue).joined(separator: " "),
                    token.repositories.joined(separator: " "), token.created.seconds, token.expires?.seconds,
                ]
            )
            try Records.log(
                db,
                Event("token.created", subject: token.id, details: token.description),
                by: actor,
                at: now
            )
        }
    }

    public func token(id: String) async throws(RecordsError) -> TokenRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM token WHERE id = ?", arguments: [id]).map { try TokenRecord($0) }
        }
    }

    public func tokens() async throws(RecordsError) -> [TokenRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM token ORDER BY created, id").map { try TokenRecord($0) }
        }
    }

    /// False where there is no such token, or it was revoked before.
    public func revokeToken(id: String, by actor: String, at now: Timestamp) async throws(RecordsError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "UPDATE token SET revoked = ? WHERE id = ? AND revoked IS NULL",
                arguments: [now.seconds, id]
            )
            guard db.changesCount == 1 else { return false }
            try Records.log(db, Event("token.revoked", subject: id), by: actor, at: now)
            return true
        }
    }
}
