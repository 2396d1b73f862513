public import Core
internal import FoundationEssentials
internal import GRDB
internal import JSONText

/// One file of a hosted release.
public struct HostedFile: Hashable, Sendable {
    /// The purl type.
    public let type: String
    /// The package's normalised name, with its namespace where it has one.
    public let package: String
    public let version: String
    public let file: String
    public let digest: Digest
    public let size: Int64
    public let published: Timestamp
    /// What the ecosystem wants in its index beside name and digest, such as `requires-python`.
    public let attributes: [String: String]
    /// A part of the file that is served by itself under the file's name and a suffix.
    public var sidecar: HostedSidecar?

    public init(
        release: (type: String, package: String, version: String),
        file: String,
        content: (digest: Digest, size: Int64),
        published: Timestamp,
        attributes: [String: String] = [:]
    ) {
        self.type = release.type
        self.package = release.package
        self.version = release.version
        self.file = file
        self.digest = content.digest
        self.size = content.size
        self.published = published
        self.attributes = attributes
    }

    init(_ row: Row) throws {
        type = row["type"]
        package = row["package"]
        version = row["version"]
        file = row["name"]
        digest = try row.digest("digest")
        size = row["size"]
        published = row.timestamp("published")
        attributes = try Records.attributes(row["attributes"])
        if row.hasColumn("sidecar"), let digest = try row.optionalDigest("sidecar") {
            sidecar = HostedSidecar(suffix: row["suffix"], digest: digest)
        }
    }

    /// Names that people confuse have one skeleton: separators are dropped, `0` reads as `o`, `1` and `i` as `l`.
    static func skeleton(of name: String) -> String {
        String(
            name.lowercased().compactMap { character -> Character? in
                switch character {
                case "-", "_", ".": nil
                case "0": "o"
                case "1", "i": "l"
                default: character
                }
            }
        )
    }
}

/// What is served beside a hosted file.
public struct HostedSidecar: Hashable, Sendable {
    public let suffix: String
    public let digest: Digest

    public init(suffix: String, digest: Digest) {
        self.suffix = suffix
        self.digest = digest
    }
}

/// What became of a file that was to be hosted.
public enum Addition: Hashable, Sendable {
    case added
    /// It was there already, with the same bytes.
    case identical
    /// The name is taken by other bytes.
    case differs(Digest)
    /// A file of that name was deleted; the name never comes back.
    case burned
    /// The package's name reads like that of another package.
    case tooClose(String)

    public var isRefusal: Bool { self != .added && self != .identical }
}

extension Records {
    /// Hosts one file and points `channel` to it, or changes nothing.
    public func add(
        _ file: HostedFile,
        to channel: (repository: String, name: String),
        by actor: String,
        at now: Timestamp
    ) async throws(RecordsError) -> Addition {
        try await write { db in
            let repository = try Records.repositoryID(db, channel.repository)
            let place = try Records.channelID(db, channel.name, in: repository)
            let (addition, id) = try self.add(db, file, in: repository, at: now)
            guard let id else { return addition }
            try Records.point(db, place, to: id, at: now)
            try Records.hold(db, file.digest, Holder.repository(channel.repository).text)
            if addition == .added {
                let details = "\(file.digest) \(channel.name)"
                let event = Event("file.added", repository: channel.repository, subject: file.file, details: details)
                try Records.log(db, event, by: actor, at: now)
            }
            return addition
        }
    }

    /// The row of the file, made where it is new; no row where it is refused.
    func add(
        _ db: Database,
        _ file: HostedFile,
        in repository: Int64,
        at now: Timestamp
    ) throws -> (Addition, row: Int64?) {
        let known = try Row.fetchOne(
            db,
            sql: "SELECT id, digest, deleted FROM file WHERE repository = ? AND type = ? AND name = ?",
            arguments: [repository, file.type, file.file]
        )
        if let known {
            let digest = try known.digest("digest")
            if known.optionalTimestamp("deleted") != nil { return (.burned, nil) }
            return digest == file.digest ? (.identical, known["id"]) : (.differs(digest), nil)
        }
        let release: Int64
        switch try Records.release(db, of: file, in: repository, at: now) {
        case .success(let id): release = id
        case .failure(let close): return (.tooClose(close.name), nil)
        }
        try db.execute(
            sql: """
                INSERT INTO file (repository, type, release, name, digest, size, published, attributes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                repository, file.type, release, file.file, file.digest.data, file.size, file.published.seconds,
                Records.text(file.attributes),
            ]
        )
        let id = db.lastInsertedRowID
        if let sidecar = file.sidecar {
            try db.execute(
                sql: "INSERT INTO sidecar (file, suffix, digest) VALUES (?, ?, ?)",
                arguments: [id, sidecar.suffix, sidecar.digest.data]
            )
        }
        return (.added, id)
    }

    /// Another package whose name reads alike.
    private struct Lookalike: Error { let name: String }

    private static func release(
        _ db: Database,
        of file: HostedFile,
        in repository: Int64,
        at now: Timestamp
    ) throws -> Result<Int64, Lookalike> {
        let skeleton = HostedFile.skeleton(of: file.package)
        let known = try Row.fetchOne(
            db,
            sql: "SELECT id, name FROM package WHERE repository = ? AND type = ? AND skeleton = ?",
            arguments: [repository, file.type, skeleton]
        )
        var package: Int64? = known?["id"]
        if let name: String = known?["name"], name != file.package { return .failure(Lookalike(name: name)) }
        if package == nil {
            try db.execute(
                sql: "INSERT INTO package (repository, type, name, skeleton, created) VALUES (?, ?, ?, ?, ?)",
                arguments: [repository, file.type, file.package, skeleton, now.seconds]
            )
            package = db.lastInsertedRowID
        }
        try db.execute(
            sql: "INSERT INTO release (package, version, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [package, file.version, now.seconds]
        )
        let sql = "SELECT id FROM release WHERE package = ? AND version = ?"
        guard let id = try Int64.fetchOne(db, sql: sql, arguments: [package, file.version]) else {
            throw RecordsError.failed("a release vanished within a transaction")
        }
        return .success(id)
    }

    static func point(_ db: Database, _ channel: Int64, to file: Int64, at now: Timestamp) throws {
        try db.execute(
            sql: "INSERT INTO pointer (channel, file, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [channel, file, now.seconds]
        )
    }

    /// Withdraws a file from every channel. Its name is burned: no file may be called so again.
    public func deleteFile(
        named name: String,
        type: String,
        from repository: String,
        by actor: String,
        at now: Timestamp
    ) async throws(RecordsError) -> Bool {
        try await write { db in
            let id = try Records.repositoryID(db, repository)
            try db.execute(
                sql: "UPDATE file SET deleted = ? WHERE repository = ? AND type = ? AND name = ? AND deleted IS NULL",
                arguments: [now.seconds, id, type, name]
            )
            guard db.changesCount == 1 else { return false }
            let event = Event("file.deleted", repository: repository, subject: name)
            try Records.log(db, event, by: actor, at: now)
            return true
        }
    }

    static func text(_ attributes: [String: String]) -> String {
        String(decoding: JSON.object(attributes.mapValues { .string($0) }).canonicalBytes(), as: UTF8.self)
    }

    static func attributes(_ text: String) throws -> [String: String] {
        guard let members = try? JSON(parsing: Array(text.utf8)).members else {
            throw RecordsError.damaged("a file's attributes are no JSON object")
        }
        return members.compactMapValues(\.string)
    }
}
