public import Core
internal import FoundationEssentials
internal import GRDB

extension Records {
    public func build(id: String) async throws(RecordsError) -> BuildRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: Records.shownBuilds + " WHERE build.id = ?", arguments: [id])
                .map { try Records.build(db, $0) }
        }
    }

    /// The newest builds of a repository first.
    public func builds(of repository: String, limit: Int = 100) async throws(RecordsError) -> [BuildRecord] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: Records.shownBuilds + " WHERE name = ? ORDER BY build.created DESC, build.rowid DESC LIMIT ?",
                arguments: [repository, max(0, min(limit, 1_000))]
            ).map { try Records.build(db, $0) }
        }
    }

    /// False where there is no such build.
    public func addVerification(
        of build: String,
        _ verdict: (word: String, details: String),
        by actor: String,
        at now: Timestamp
    ) async throws(RecordsError) -> Bool {
        try await write { db in
            let sql = "SELECT name FROM build JOIN repository ON repository.id = build.repository WHERE build.id = ?"
            guard let repository = try String.fetchOne(db, sql: sql, arguments: [build]) else { return false }
            try db.execute(
                sql: "INSERT INTO verification (build, verdict, details, actor, created) VALUES (?, ?, ?, ?, ?)",
                arguments: [build, verdict.word, verdict.details, actor, now.seconds]
            )
            let event = Event("build.verified", repository: repository, subject: build, details: verdict.word)
            try Records.log(db, event, by: actor, at: now)
            return true
        }
    }

    private static let shownBuilds = "SELECT build.*, name FROM build JOIN repository ON repository.id = repository"

    private static func build(_ db: Database, _ row: Row) throws -> BuildRecord {
        let id: String = row["id"]
        return BuildRecord(
            id: id,
            repository: row["name"],
            manifest: try row.digest("manifest"),
            statement: try row.digest("statement"),
            record: try row.optionalDigest("record"),
            report: try row.optionalDigest("report"),
            keyID: row["key_id"],
            denied: row["denied"],
            created: row.timestamp("created"),
            actor: row["actor"],
            channels: try channels(db, showing: id),
            artifacts: try artifacts(db, of: id),
            verifications: try verifications(db, of: id)
        )
    }

    private static func channels(_ db: Database, showing build: String) throws -> [String] {
        let sql = """
            SELECT name FROM build_channel JOIN channel ON channel.id = channel WHERE build = ? ORDER BY position
            """
        return try String.fetchAll(db, sql: sql, arguments: [build])
    }

    private static func artifacts(_ db: Database, of build: String) throws -> [BuildArtifact] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT * FROM build_artifact WHERE build = ? ORDER BY position",
            arguments: [build]
        )
        return try rows.map { row in
            BuildArtifact(
                name: row["name"],
                digest: try row.digest("digest"),
                size: row["size"],
                purl: row["purl"],
                hosted: try (row["file"] as Int64?).flatMap { try hosted(db, $0) }
            )
        }
    }

    private static func hosted(_ db: Database, _ file: Int64) throws -> HostedFile? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT file.*, release.version, package.name AS package FROM file
                JOIN release ON release.id = file.release JOIN package ON package.id = release.package
                WHERE file.id = ? AND deleted IS NULL
                """,
            arguments: [file]
        ).map { try HostedFile($0) }
    }

    private static func verifications(_ db: Database, of build: String) throws -> [Verification] {
        try Row.fetchAll(db, sql: "SELECT * FROM verification WHERE build = ? ORDER BY id", arguments: [build]).map {
            Verification(
                verdict: $0["verdict"],
                details: $0["details"],
                actor: $0["actor"],
                time: $0.timestamp("created")
            )
        }
    }
}
