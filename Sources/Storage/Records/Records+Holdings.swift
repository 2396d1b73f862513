public import Core
internal import FoundationEssentials
internal import GRDB

/// Who may read a blob by its digest. Knowing a digest is not enough, or a private file could be had by guessing
/// that somebody has it.
public enum Holder: Hashable, Sendable {
    /// Fetched from a public index without credentials.
    case everybody
    /// Sent by this token and not yet part of a build.
    case token(String)
    case repository(String)

    var text: String {
        switch self {
        case .everybody: "public"
        case .token(let id): "token:\(id)"
        case .repository(let name): "repository:\(name)"
        }
    }
}

extension Records {
    public func hold(_ digest: Digest, by holder: Holder) async throws(RecordsError) {
        try await write { db in try Records.hold(db, digest, holder.text) }
    }

    /// Those of the digests that one of the holders has.
    public func held(_ digests: Set<Digest>, by holders: [Holder]) async throws(RecordsError) -> Set<Digest> {
        try await read { db in try Records.held(db, digests, holders) }
    }

    static func held(_ db: Database, _ digests: Set<Digest>, _ holders: [Holder]) throws -> Set<Digest> {
        let names = holders.map(\.text)
        let marks = databaseQuestionMarks(count: names.count)
        let question = try db.cachedStatement(
            sql: "SELECT 1 FROM holding WHERE digest = ? AND holder IN (\(marks)) LIMIT 1"
        )
        var found: Set<Digest> = []
        for digest in digests {
            let arguments: [any DatabaseValueConvertible] = [digest.data] + names
            if try Int.fetchOne(question, arguments: StatementArguments(arguments)) != nil { found.insert(digest) }
        }
        return found
    }

    static func hold(_ db: Database, _ digest: Digest, _ holder: String) throws {
        try db.execute(
            sql: "INSERT INTO holding (digest, holder) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [digest.data, holder]
        )
    }
}

extension Records {
    /// What hosted files and builds are made of, their inputs too: none of it may be dropped.
    public func lastingBlobs() async throws(RecordsError) -> Set<Digest> {
        let needed = try await neededBlobs()
        let held = try await digests(heldBy: "repository:*")
        return held.union(needed.keys)
    }

    /// What somebody sent; until a build takes it, only its age tells whether it is still wanted.
    public func sentBlobs() async throws(RecordsError) -> Set<Digest> { try await digests(heldBy: "token:*") }

    /// What anybody could have fetched.
    public func publicBlobs() async throws(RecordsError) -> Set<Digest> {
        try await digests(heldBy: Holder.everybody.text)
    }

    private func digests(heldBy glob: String) async throws(RecordsError) -> Set<Digest> {
        try await read { db in
            let sql = "SELECT DISTINCT digest FROM holding WHERE holder GLOB ?"
            return try Set(Row.fetchAll(db, sql: sql, arguments: [glob]).map { try $0.digest("digest") })
        }
    }
}
