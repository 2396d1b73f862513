public import Core
internal import FoundationEssentials
internal import GRDB

extension Records {
    private static let shown = """
        SELECT file.*, release.version, package.name AS package, sidecar.suffix, sidecar.digest AS sidecar FROM file
        LEFT JOIN sidecar ON sidecar.file = file.id
        JOIN release ON release.id = file.release JOIN package ON package.id = release.package
        JOIN pointer ON pointer.file = file.id JOIN channel ON channel.id = pointer.channel
        JOIN repository ON repository.id = channel.repository
        WHERE file.deleted IS NULL AND repository.name = ? AND channel.name = ? AND file.type = ?
        """

    /// The files of a package that a channel shows, in the order they were published.
    public func files(
        ofPackage package: String,
        type: String,
        in channel: (repository: String, name: String)
    ) async throws(RecordsError) -> [HostedFile] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: Records.shown + " AND package.name = ? ORDER BY file.published, file.id",
                arguments: [channel.repository, channel.name, type, package]
            ).map { try HostedFile($0) }
        }
    }

    /// One file that a channel shows.
    public func file(
        named name: String,
        type: String,
        in channel: (repository: String, name: String)
    ) async throws(RecordsError) -> HostedFile? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: Records.shown + " AND file.name = ?",
                arguments: [channel.repository, channel.name, type, name]
            ).map { try HostedFile($0) }
        }
    }

    /// The file that a channel shows and beside which something of that name is served.
    public func file(
        withSidecar name: String,
        type: String,
        in channel: (repository: String, name: String)
    ) async throws(RecordsError) -> HostedFile? {
        let stems = name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) }
        for stem in stems.reversed() {
            guard let file = try await file(named: stem, type: type, in: channel) else { continue }
            return file.sidecar.map { stem + $0.suffix } == name ? file : nil
        }
        return nil
    }

    /// The names of all packages of which a channel shows a file.
    public func packages(
        type: String,
        in channel: (repository: String, name: String)
    ) async throws(RecordsError) -> [String] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: "SELECT DISTINCT package FROM (\(Records.shown)) ORDER BY package",
                arguments: [channel.repository, channel.name, type]
            )
        }
    }

    /// Whether the repository ever hosted a package of that name, in any channel: such a name never goes upstream.
    public func isHosted(package: String, type: String, in repository: String) async throws(RecordsError) -> Bool {
        try await read { db in
            let sql = """
                SELECT 1 FROM package JOIN repository ON repository.id = package.repository
                WHERE repository.name = ? AND type = ? AND package.name = ?
                """
            return try Int.fetchOne(db, sql: sql, arguments: [repository, type, package]) != nil
        }
    }

    /// Every digest that a row needs: what `fsck` looks for among the blobs, with who needs it.
    public func neededBlobs() async throws(RecordsError) -> [Digest: String] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT digest, 'file ' || name AS needer FROM file WHERE deleted IS NULL
                    UNION ALL SELECT sidecar.digest, 'metadata of file ' || name FROM sidecar
                        JOIN file ON file.id = sidecar.file WHERE deleted IS NULL
                    UNION ALL SELECT digest, 'artifact ' || name || ' of build ' || build FROM build_artifact
                    UNION ALL SELECT manifest, 'manifest of build ' || id FROM build
                    UNION ALL SELECT statement, 'statement of build ' || id FROM build
                    UNION ALL SELECT record, 'record of build ' || id FROM build WHERE record IS NOT NULL
                    UNION ALL SELECT report, 'report of build ' || id FROM build WHERE report IS NOT NULL
                    """
            )
            var needed: [Digest: String] = [:]
            for row in rows { needed[try row.digest("digest")] = row["needer"] }
            return needed
        }
    }

    /// How many rows the tables hold, for `/metrics`.
    public func counts() async throws(RecordsError) -> [String: Int] {
        try await read { db in
            var counts: [String: Int] = [:]
            for table in ["repository", "package", "release", "file", "build", "event"] {
                counts[table] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
            }
            return counts
        }
    }
}
