public import Core
internal import FoundationEssentials
internal import GRDB

/// What became of one step of a promotion.
public enum PromotionOutcome: Hashable, Sendable {
    case promoted
    /// Somebody else was faster, or it was there before.
    case alreadyThere
    /// The channel it comes from does not show it (any more).
    case notInSource
    /// One of its files was deleted.
    case gone(String)
    /// The target shows a file of this name with other bytes.
    case clash(String)
}

/// One step from a channel to the next, with the gates' verdicts as JSON text.
public struct PromotionStep: Hashable, Sendable {
    public let build: String
    public let repository: String
    public let source: String
    public let target: String
    public let gates: String

    public init(build: String, in repository: String, from source: String, to target: String, gates: String) {
        self.build = build
        self.repository = repository
        self.source = source
        self.target = target
        self.gates = gates
    }
}

extension Records {
    /// Points the target channel to the build's files, by digest: nothing is copied or built again.
    public func promote(
        _ step: PromotionStep,
        by actor: String,
        at now: Timestamp
    ) async throws(RecordsError) -> PromotionOutcome {
        try await attempt { db in
            let outcome = try Records.promote(db, step, at: now)
            guard outcome == .promoted else { return (outcome, commits: false) }
            try Records.note(db, step, passed: true, by: actor, at: now)
            let event = Event(
                "build.promoted",
                repository: step.repository,
                subject: step.build,
                details: "\(step.source) \(step.target)"
            )
            try Records.log(db, event, by: actor, at: now)
            return (outcome, commits: true)
        }
    }

    /// Keeps a promotion that a gate refused.
    public func refuse(_ step: PromotionStep, by actor: String, at now: Timestamp) async throws(RecordsError) {
        try await write { db in
            try Records.note(db, step, passed: false, by: actor, at: now)
            let event = Event(
                "promotion.refused",
                repository: step.repository,
                subject: step.build,
                details: "\(step.source) \(step.target)"
            )
            try Records.log(db, event, by: actor, at: now)
        }
    }

    /// Files of the build whose name the target channel shows with other bytes.
    public func clashes(
        of build: String,
        with channel: (repository: String, name: String)
    ) async throws(RecordsError) -> [String] {
        try await read { db in
            let repository = try Records.repositoryID(db, channel.repository)
            let target = try Records.channelID(db, channel.name, in: repository)
            return try Records.clashes(db, of: build, with: target)
        }
    }

    private static func promote(_ db: Database, _ step: PromotionStep, at now: Timestamp) throws -> PromotionOutcome {
        let repository = try repositoryID(db, step.repository)
        let source = try channelID(db, step.source, in: repository)
        let target = try channelID(db, step.target, in: repository)
        let shown = try Set(
            Int64.fetchAll(db, sql: "SELECT channel FROM build_channel WHERE build = ?", arguments: [step.build])
        )
        guard shown.contains(source) else { return .notInSource }
        if shown.contains(target) { return .alreadyThere }
        let files = try Row.fetchAll(
            db,
            sql: """
                SELECT file.id, file.name, file.deleted FROM build_artifact JOIN file ON file.id = file
                WHERE build = ?
                """,
            arguments: [step.build]
        )
        if let gone = files.first(where: { $0.optionalTimestamp("deleted") != nil }) { return .gone(gone["name"]) }
        if let clash = try clashes(db, of: step.build, with: target).first { return .clash(clash) }
        for file in files { try point(db, target, to: file["id"], at: now) }
        try show(db, step.build, in: target, at: now)
        return .promoted
    }

    private static func clashes(_ db: Database, of build: String, with target: Int64) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT artifact.name FROM build_artifact AS artifact
                JOIN build_channel AS shown ON shown.channel = ?1 AND shown.build <> ?2
                JOIN build_artifact AS other ON other.build = shown.build AND other.name = artifact.name
                JOIN file ON file.id = other.file
                WHERE artifact.build = ?2 AND artifact.file IS NOT NULL AND other.digest <> artifact.digest
                """,
            arguments: [target, build]
        )
    }

    private static func note(
        _ db: Database,
        _ step: PromotionStep,
        passed: Bool,
        by actor: String,
        at now: Timestamp
    ) throws {
        let target = try channelID(db, step.target, in: repositoryID(db, step.repository))
        try db.execute(
            sql: "INSERT INTO promotion (build, target, gates, passed, actor, created) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [step.build, target, step.gates, passed, actor, now.seconds]
        )
    }
}
