public import Core
internal import GRDB

/// A named home of packages and builds, with its channels in the order of promotion.
public struct Repository: Hashable, Sendable {
    public let name: String
    /// From where builds enter to where they end.
    public let channels: [String]
    /// Whether anybody may read it without a token.
    public let isPublic: Bool
    /// Whether names that it does not host are answered from the public index.
    public let pullsThrough: Bool

    public init(
        name: String,
        channels: [String] = ["dev", "staging", "prod"],
        isPublic: Bool = false,
        pullsThrough: Bool = true
    ) {
        self.name = name
        self.channels = channels
        self.isPublic = isPublic
        self.pullsThrough = pullsThrough
    }

    /// Words of our own URLs that no repository may take.
    static let reserved: Set<String> = ["api", "v2", "healthz", "readyz", "metrics", "static", "assets"]

    /// Whether a repository or channel may be called so: lower-case letters, digits and inner hyphens, at most 63.
    public static func isName(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        return !reserved.contains(text)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

extension Records {
    /// False where a repository of that name is there already.
    public func add(_ repository: Repository, by actor: String, at now: Timestamp) async throws(RecordsError) -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO repository (name, is_public, pulls_through, created) VALUES (?, ?, ?, ?)
                    ON CONFLICT (name) DO NOTHING
                    """,
                arguments: [repository.name, repository.isPublic, repository.pullsThrough, now.seconds]
            )
            guard db.changesCount == 1 else { return false }
            for (position, channel) in repository.channels.enumerated() {
                try db.execute(
                    sql: """
                        INSERT INTO channel (repository, name, position)
                        VALUES ((SELECT id FROM repository WHERE name = ?), ?, ?)
                        """,
                    arguments: [repository.name, channel, position]
                )
            }
            let event = Event("repository.created", repository: repository.name, subject: repository.name)
            try Records.log(db, event, by: actor, at: now)
            return true
        }
    }

    public func repository(named name: String) async throws(RecordsError) -> Repository? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM repository WHERE name = ?", arguments: [name])
                .map { try Records.repository(db, $0) }
        }
    }

    public func repositories() async throws(RecordsError) -> [Repository] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM repository ORDER BY name").map { try Records.repository(db, $0) }
        }
    }

    private static func repository(_ db: Database, _ row: Row) throws -> Repository {
        let id: Int64 = row["id"]
        let channels = try String.fetchAll(
            db,
            sql: "SELECT name FROM channel WHERE repository = ? ORDER BY position",
            arguments: [id]
        )
        return Repository(
            name: row["name"],
            channels: channels,
            isPublic: row["is_public"],
            pullsThrough: row["pulls_through"]
        )
    }

    static func repositoryID(_ db: Database, _ name: String) throws -> Int64 {
        guard let id = try Int64.fetchOne(db, sql: "SELECT id FROM repository WHERE name = ?", arguments: [name]) else {
            throw RecordsError.failed("there is no repository \(name)")
        }
        return id
    }

    static func channelID(_ db: Database, _ name: String, in repository: Int64) throws -> Int64 {
        let sql = "SELECT id FROM channel WHERE repository = ? AND name = ?"
        guard let id = try Int64.fetchOne(db, sql: sql, arguments: [repository, name]) else {
            throw RecordsError.failed("there is no channel \(name)")
        }
        return id
    }
}
