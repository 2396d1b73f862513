public import Core
internal import FoundationEssentials
internal import GRDB
internal import JSONText

/// One line of the audit log. Its hash covers the line before it, so a line cannot be changed or taken out unseen.
public struct LoggedEvent: Hashable, Sendable {
    public let sequence: Int64
    public let time: Timestamp
    /// Such as `file.added`, `build.published`, `build.promoted`, `token.revoked`.
    public let kind: String
    /// The id of the token that acted, or `command` for the command line.
    public let actor: String
    /// Empty where the event concerns the whole registry.
    public let repository: String
    public let subject: String
    public let details: String
    public let hash: Digest

    init(_ row: Row) throws {
        sequence = row["sequence"]
        time = row.timestamp("time")
        kind = row["kind"]
        actor = row["actor"]
        repository = row["repository"]
        subject = row["subject"]
        details = row["details"]
        hash = try row.digest("hash")
    }
}

/// What happened, before it has a place in the log.
struct Event {
    let kind: String
    let repository: String
    let subject: String
    let details: String

    init(_ kind: String, repository: String = "", subject: String, details: String = "") {
        self.kind = kind
        self.repository = repository
        self.subject = subject
        self.details = details
    }
}

extension Records {
    /// The events after a sequence number, oldest first; only those of `repositories`, nil for all.
    public func events(
        after sequence: Int64,
        limit: Int = 500,
        repositories: Set<String>? = nil
    ) async throws(RecordsError) -> [LoggedEvent] {
        try await read { db in
            let names = repositories.map { JSON.array($0.sorted().map { .string($0) }).canonicalBytes() }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM event WHERE sequence > ?1
                    AND (?2 IS NULL OR repository IN (SELECT value FROM json_each(?2))) ORDER BY sequence LIMIT ?3
                    """,
                arguments: [sequence, names.map { String(decoding: $0, as: UTF8.self) }, max(0, min(limit, 1_000))]
            ).map { try LoggedEvent($0) }
        }
    }

    /// Appends an event that no other record goes with.
    public func note(
        _ kind: String,
        subject: String,
        details: String,
        by actor: String,
        at now: Timestamp
    ) async throws(RecordsError) {
        try await write { db in
            try Records.log(db, Event(kind, subject: subject, details: details), by: actor, at: now)
        }
    }

    /// Appends within the transaction of what happened.
    static func log(_ db: Database, _ event: Event, by actor: String, at now: Timestamp) throws {
        let last = try Row.fetchOne(db, sql: "SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1")
        let sequence: Int64 = (last?["sequence"] ?? 0) + 1
        let previous = try last.map { try $0.digest("hash").bytes } ?? []
        let hash = Records.hash(event, (sequence, now, actor), after: previous)
        try db.execute(
            sql: """
                INSERT INTO event (sequence, time, kind, actor, repository, subject, details, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                sequence, now.seconds, event.kind, actor, event.repository, event.subject, event.details, hash.data,
            ]
        )
    }

    /// The first event whose hash does not follow from its line and the one before; nil when the chain is whole.
    func firstBrokenEvent() async throws(RecordsError) -> Int64? {
        try await read { db in
            var previous: [UInt8] = []
            var expected: Int64 = 1
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM event ORDER BY sequence")
            while let row = try rows.next() {
                let line = try LoggedEvent(row)
                let event = Event(line.kind, repository: line.repository, subject: line.subject, details: line.details)
                let hash = Records.hash(event, (line.sequence, line.time, line.actor), after: previous)
                guard line.sequence == expected, hash == line.hash else { return line.sequence }
                previous = hash.bytes
                expected += 1
            }
            return nil
        }
    }

    /// SHA-256 of the previous hash, then of the line as canonical JSON (RFC 8785).
    private static func hash(
        _ event: Event,
        _ place: (sequence: Int64, time: Timestamp, actor: String),
        after previous: [UInt8]
    ) -> Digest {
        let line: JSON = [
            "sequence": .integer(place.sequence), "time": .string(place.time.description),
            "kind": .string(event.kind), "actor": .string(place.actor), "repository": .string(event.repository),
            "subject": .string(event.subject), "details": .string(event.details),
        ]
        return Digest.sha256(of: previous + line.canonicalBytes())
    }
}
