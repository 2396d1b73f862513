internal import GRDB

extension Records {
    /// The schema as numbered steps; a step that was released is never edited.
    static var schema: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001") { db in
            for statement in foundation + hosting + builds + journal { try db.execute(sql: statement) }
        }
        migrator.registerMigration("0002") { db in for statement in sidecars { try db.execute(sql: statement) } }
        return migrator
    }

    private static let foundation = [
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        "INSERT INTO setting (name, value) VALUES ('format', '1')",
        """
        CREATE TABLE token (
            id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), description TEXT NOT NULL,
            scopes TEXT NOT NULL, repositories TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER,
            revoked INTEGER) STRICT
        """,
        """
        CREATE TABLE repository (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, is_public INTEGER NOT NULL,
            pulls_through INTEGER NOT NULL, created INTEGER NOT NULL) STRICT
        """,
        """
        CREATE TABLE channel (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository, name TEXT NOT NULL,
            position INTEGER NOT NULL, UNIQUE (repository, name), UNIQUE (repository, position)) STRICT
        """,
        // Who may read a blob by its digest: `public`, `token:ID` or `repository:NAME`.
        """
        CREATE TABLE holding (digest BLOB NOT NULL, holder TEXT NOT NULL, PRIMARY KEY (digest, holder))
            STRICT, WITHOUT ROWID
        """,
    ]

    private static let hosting = [
        """
        CREATE TABLE package (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository, type TEXT NOT NULL,
            name TEXT NOT NULL, skeleton TEXT NOT NULL, created INTEGER NOT NULL,
            UNIQUE (repository, type, name), UNIQUE (repository, type, skeleton)) STRICT
        """,
        """
        CREATE TABLE release (
            id INTEGER PRIMARY KEY, package INTEGER NOT NULL REFERENCES package, version TEXT NOT NULL,
            created INTEGER NOT NULL, UNIQUE (package, version)) STRICT
        """,
        """
        CREATE TABLE file (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository, type TEXT NOT NULL,
            release INTEGER NOT NULL REFERENCES release, name TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32), size INTEGER NOT NULL, published INTEGER NOT NULL,
            attributes TEXT NOT NULL, deleted INTEGER, UNIQUE (repository, type, name)) STRICT
        """,
        "CREATE INDEX file_of_release ON file (release)",
        """
        CREATE TRIGGER file_is_immutable BEFORE UPDATE OF repository, type, release, name, digest, size, published
            ON file BEGIN SELECT RAISE(FAIL, 'a hosted file never changes'); END
        """,
        """
        CREATE TRIGGER file_name_is_burned BEFORE DELETE ON file
            BEGIN SELECT RAISE(FAIL, 'a file name is never forgotten'); END
        """,
        """
        CREATE TABLE pointer (
            channel INTEGER NOT NULL REFERENCES channel, file INTEGER NOT NULL REFERENCES file,
            since INTEGER NOT NULL, PRIMARY KEY (channel, file)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE answer (
            key BLOB PRIMARY KEY, url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL,
            body BLOB NOT NULL, size INTEGER NOT NULL, is_pinned INTEGER NOT NULL, fetched INTEGER NOT NULL) STRICT
        """,
    ]

    private static let sidecars = [
        """
        CREATE TABLE sidecar (
            file INTEGER PRIMARY KEY REFERENCES file, suffix TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32)) STRICT
        """
    ]

    private static let builds = [
        """
        CREATE TABLE build (
            id TEXT PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository, manifest BLOB NOT NULL,
            statement BLOB NOT NULL UNIQUE, record BLOB, report BLOB, key_id TEXT, denied INTEGER NOT NULL,
            created INTEGER NOT NULL, actor TEXT NOT NULL) STRICT
        """,
        "CREATE INDEX build_of_repository ON build (repository, created)",
        """
        CREATE TABLE build_artifact (
            build TEXT NOT NULL REFERENCES build, position INTEGER NOT NULL, name TEXT NOT NULL,
            digest BLOB NOT NULL, size INTEGER NOT NULL, purl TEXT, file INTEGER REFERENCES file,
            PRIMARY KEY (build, position)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE build_channel (
            build TEXT NOT NULL REFERENCES build, channel INTEGER NOT NULL REFERENCES channel,
            since INTEGER NOT NULL, PRIMARY KEY (build, channel)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE verification (
            id INTEGER PRIMARY KEY, build TEXT NOT NULL REFERENCES build, verdict TEXT NOT NULL,
            details TEXT NOT NULL, actor TEXT NOT NULL, created INTEGER NOT NULL) STRICT
        """,
        """
        CREATE TABLE promotion (
            id INTEGER PRIMARY KEY, build TEXT NOT NULL REFERENCES build,
            target INTEGER NOT NULL REFERENCES channel, gates TEXT NOT NULL, passed INTEGER NOT NULL,
            actor TEXT NOT NULL, created INTEGER NOT NULL) STRICT
        """,
    ]

    private static let journal = [
        """
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
            repository TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT
        """,
        """
        CREATE TRIGGER event_is_final BEFORE UPDATE ON event
            BEGIN SELECT RAISE(FAIL, 'the event log is only appended to'); END
        """,
        """
        CREATE TRIGGER event_stays BEFORE DELETE ON event
            BEGIN SELECT RAISE(FAIL, 'the event log is only appended to'); END
        """,
    ]
}
