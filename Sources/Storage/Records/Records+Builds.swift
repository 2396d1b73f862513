public import Core
internal import FoundationEssentials
internal import GRDB

/// A build as it is pushed: documents by digest, and what it made.
public struct NewBuild: Hashable, Sendable {
    /// The first sixteen hexadecimal digits of the statement envelope's SHA-256.
    public var id: String { String(statement.hex.prefix(16)) }
    public let repository: String
    public let manifest: Digest
    public let statement: Digest
    public var record: Digest?
    public var report: Digest?
    /// The key that signed the statement; nil for an unsigned one.
    public var keyID: String?
    /// How many requests policy denied during the build.
    public var denied: Int
    public var artifacts: [BuildArtifact]
    /// Further blobs that the build made or used; those that the pusher holds become the repository's.
    public var uses: Set<Digest>

    public init(repository: String, manifest: Digest, statement: Digest) {
        self.repository = repository
        self.manifest = manifest
        self.statement = statement
        denied = 0
        artifacts = []
        uses = []
    }
}

/// One thing a build made.
public struct BuildArtifact: Hashable, Sendable {
    public let name: String
    public let digest: Digest
    public let size: Int64
    public let purl: String?
    /// How it is hosted, for a file of an ecosystem that we host.
    public let hosted: HostedFile?

    public init(name: String, digest: Digest, size: Int64, purl: String? = nil, hosted: HostedFile? = nil) {
        self.name = name
        self.digest = digest
        self.size = size
        self.purl = purl
        self.hosted = hosted
    }
}

/// What became of a push.
public enum PublicationOutcome: Hashable, Sendable {
    case published
    /// The same statement was pushed to the same repository before.
    case alreadyThere
    /// Another statement, or another repository's, has this id.
    case taken
    /// Nothing was published, because of this artifact.
    case refused(artifact: String, Addition)
}

/// A build as it is kept.
public struct BuildRecord: Hashable, Sendable {
    public let id: String
    public let repository: String
    public let manifest: Digest
    public let statement: Digest
    public let record: Digest?
    public let report: Digest?
    public let keyID: String?
    public let denied: Int
    public let created: Timestamp
    public let actor: String
    /// Those that show the build, in the order of promotion.
    public let channels: [String]
    public let artifacts: [BuildArtifact]
    public let verifications: [Verification]
}

/// What a replay said of a build.
public struct Verification: Hashable, Sendable {
    public let verdict: String
    public let details: String
    public let actor: String
    public let time: Timestamp
}

extension Records {
    /// Publishes a build in one transaction: its artifacts become visible in `channel` together, or not at all.
    public func publish(
        _ build: NewBuild,
        to channel: String,
        by actor: String,
        at now: Timestamp
    ) async throws(RecordsError) -> PublicationOutcome {
        try await attempt { db in
            let outcome = try self.publish(db, build, to: channel, by: actor, at: now)
            return (outcome, commits: outcome == .published)
        }
    }

    private func publish(
        _ db: Database,
        _ build: NewBuild,
        to channel: String,
        by actor: String,
        at now: Timestamp
    ) throws -> PublicationOutcome {
        let repository = try Records.repositoryID(db, build.repository)
        let known = try Row.fetchOne(
            db,
            sql: "SELECT repository, statement FROM build WHERE id = ?",
            arguments: [build.id]
        )
        if let known {
            let owner: Int64 = known["repository"]
            let isSame = try known.digest("statement") == build.statement && owner == repository
            return isSame ? .alreadyThere : .taken
        }
        let place = try Records.channelID(db, channel, in: repository)
        try Records.insert(db, build, in: repository, by: actor, at: now)
        for (position, artifact) in build.artifacts.enumerated() {
            var file: Int64?
            if let hosted = artifact.hosted {
                let (addition, row) = try add(db, hosted, in: repository, at: now)
                guard let row else { return .refused(artifact: artifact.name, addition) }
                try Records.point(db, place, to: row, at: now)
                file = row
            }
            try db.execute(
                sql: """
                    INSERT INTO build_artifact (build, position, name, digest, size, purl, file)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    build.id, position, artifact.name, artifact.digest.data, artifact.size, artifact.purl, file,
                ]
            )
        }
        try Records.show(db, build.id, in: place, at: now)
        try Records.take(db, build, actor)
        let details = "\(build.statement) \(channel)"
        let event = Event("build.published", repository: build.repository, subject: build.id, details: details)
        try Records.log(db, event, by: actor, at: now)
        return .published
    }

    private static func insert(
        _ db: Database,
        _ build: NewBuild,
        in repository: Int64,
        by actor: String,
        at now: Timestamp
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO build (id, repository, manifest, statement, record, report, key_id, denied, created, actor)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                build.id, repository, build.manifest.data, build.statement.data, build.record?.data,
                build.report?.data, build.keyID, build.denied, now.seconds, actor,
            ]
        )
    }

    static func show(_ db: Database, _ build: String, in channel: Int64, at now: Timestamp) throws {
        try db.execute(
            sql: "INSERT INTO build_channel (build, channel, since) VALUES (?, ?, ?)",
            arguments: [build, channel, now.seconds]
        )
    }

    /// The repository may from now on read what the build is made of, as far as the pusher could.
    private static func take(_ db: Database, _ build: NewBuild, _ actor: String) throws {
        let holder = Holder.repository(build.repository)
        var own = Set(build.artifacts.map(\.digest))
        own.formUnion([build.manifest, build.statement] + [build.record, build.report].compactMap(\.self))
        let uses = try held(db, build.uses, [.everybody, .token(actor), holder])
        for digest in own.union(uses).sorted() { try hold(db, digest, holder.text) }
    }
}
