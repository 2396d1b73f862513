internal import Core
internal import FoundationEssentials
internal import GRDB

/// What the registry knows beside bytes: tokens, repositories, hosted files, builds, promotions and the event log.
///
/// One SQLite file (WAL, every commit synced). A change is one transaction together with its event. A file that is
/// damaged, foreign, or of a later format is refused, never recreated.
public final class Records: Sendable {
    private let pool: DatabasePool

    /// `PURS` as SQLite's application id.
    static let applicationID: Int32 = 0x5055_5253

    private init(pool: DatabasePool) { self.pool = pool }

    /// Opens the records at `path`; only where `mayCreate` says so is a missing or empty file made into new ones.
    public static func open(path: String, mayCreate: Bool) throws(RecordsError) -> Records {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.maximumReaderCount = 4
            configuration.acceptsDoubleQuotedStringLiterals = false
            let isNew = try check(path, configuration, mayCreate: mayCreate)
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB turns WAL on with NORMAL, which may lose acknowledged commits in a power cut.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                if isNew { try db.execute(sql: "PRAGMA application_id = \(applicationID)") }
            }
            try schema.migrate(pool)
            return Records(pool: pool)
        } catch {
            throw RecordsError(error)
        }
    }

    /// Looks at a file before anything may write to it. True where it is to be made.
    private static func check(_ path: String, _ configuration: Configuration, mayCreate: Bool) throws -> Bool {
        var readOnly = configuration
        readOnly.readonly = true
        let queue: DatabaseQueue
        do {
            queue = try DatabaseQueue(path: path, configuration: readOnly)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && mayCreate {
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            throw RecordsError.missing
        }
        return try queue.read { db in
            let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            guard objects > 0 else {
                guard mayCreate else { throw RecordsError.damaged("the file is empty") }
                return true
            }
            let application = try Int32.fetchOne(db, sql: "PRAGMA application_id")
            guard application == applicationID else { throw RecordsError.foreign }
            if try schema.hasBeenSuperseded(db) {
                let known = Set(schema.migrations)
                let unknown = try schema.appliedIdentifiers(db).subtracting(known).sorted()
                throw RecordsError.newerFormat(unknown.joined(separator: ", "))
            }
            let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard verdict == "ok" else { throw RecordsError.damaged(verdict) }
            return false
        }
    }

    func read<Value: Sendable>(
        _ question: @Sendable @escaping (Database) throws -> Value
    ) async throws(RecordsError) -> Value {
        do { return try await pool.read(question) } catch { throw RecordsError(error) }
    }

    /// One transaction; it is rolled back when `change` throws.
    func write<Value: Sendable>(
        _ change: @Sendable @escaping (Database) throws -> Value
    ) async throws(RecordsError) -> Value {
        do { return try await pool.write(change) } catch { throw RecordsError(error) }
    }

    /// One transaction that is rolled back where `change` says so, without an error.
    func attempt<Value: Sendable>(
        _ change: @Sendable @escaping (Database) throws -> (Value, commits: Bool)
    ) async throws(RecordsError) -> Value {
        do {
            return try await pool.writeWithoutTransaction { db in
                var outcome: Value?
                try db.inTransaction(.immediate) {
                    let (value, commits) = try change(db)
                    outcome = value
                    return commits ? .commit : .rollback
                }
                guard let outcome else { throw RecordsError.failed("a transaction had no outcome") }
                return outcome
            }
        } catch {
            throw RecordsError(error)
        }
    }

    /// Everything that `fsck` asks of the database itself: pages, foreign keys, and the chain of events.
    public func complaints() async throws(RecordsError) -> [String] {
        var complaints = try await read { db in
            let pages = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
            let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
            return pages + (orphans == 0 ? [] : ["\(orphans) rows point to rows that are not there"])
        }
        if let broken = try await firstBrokenEvent() {
            complaints.append("the event log is broken at event \(broken)")
        }
        return complaints
    }

    /// Whether a write can be made now: what `/readyz` asks. A value that stays the same would not be written at all.
    public func checkWritable() async throws(RecordsError) {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO setting (name, value) VALUES ('probe', '0')
                    ON CONFLICT (name) DO UPDATE SET value = CAST(1 - value AS TEXT)
                    """
            )
        }
    }

    /// How the writing connection is set: journal mode and sync level, for `fsck` and tests.
    public func durability() async throws(RecordsError) -> (journal: String, synchronous: Int) {
        try await write { db in
            let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
            return (journal, synchronous)
        }
    }

    public func close() throws(RecordsError) {
        do { try pool.close() } catch { throw RecordsError(error) }
    }
}

extension Row {
    /// The digest in a blob column.
    func digest(_ column: String) throws -> Digest {
        let data: Data? = self[column]
        guard let data, let digest = Digest(.sha256, bytes: data) else {
            throw RecordsError.damaged("a digest in column \(column) is not 32 bytes")
        }
        return digest
    }

    func optionalDigest(_ column: String) throws -> Digest? {
        let data: Data? = self[column]
        return data == nil ? nil : try digest(column)
    }

    func timestamp(_ column: String) -> Timestamp { Timestamp(seconds: self[column]) }

    func optionalTimestamp(_ column: String) -> Timestamp? {
        let seconds: Int64? = self[column]
        return seconds.map { Timestamp(seconds: $0) }
    }
}

extension Digest {
    /// The bytes as SQLite takes them.
    var data: Data { Data(bytes) }
}
