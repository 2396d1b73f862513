public import Core
internal import JSONText

/// `purser-run.json`: everything about a run that varies from run to run, for people and for later questions.
///
/// Nothing in it is secret: the environment is an allow-list, URLs are redacted before they come here. It is not
/// canonical and not signed itself; the statement holds its digest.
public struct RunReport: Hashable, Sendable {
    /// The session's identifier, the same as in the statement.
    public var session: String
    /// `purser 0.1.0`
    public var agent: String
    public var source: Source?
    public var recipe: Recipe?
    public var job: Job?
    public var image: Image?
    /// Only variables from an allow-list.
    public var environment: [String: String] = [:]
    public var isolation = Isolation(tier: "none", isComplete: false, reason: nil)
    public var policy: PolicyUse
    public var verdicts: [InputVerdict] = []
    public var fetches: [Fetch] = []
    public var lockfiles: [ProjectLockfile] = []
    public var started: Timestamp
    public var finished: Timestamp
    public var traffic = Traffic()
    /// Denied under `enforce`.
    public var blocked: [Denial] = []
    /// What `enforce` would have denied.
    public var wouldBlock: [Denial] = []
    public var warnings: [String] = []
    public var gaps: [GapCount] = []
    /// What was tried to get round us, and was held back.
    public var attempts: [Attempt] = []
    /// `seen`, `missing` or `off`.
    public var canary = "off"
    /// The command's exit status; nil when it was never started.
    public var status: Int32?
    public var expectations: [Expectation] = []
    /// What the job published through us.
    public var publications: [Published] = []
    public var problems: [Problem] = []

    public static let format: Int64 = 1

    public init(session: String, agent: String, policy: PolicyUse, started: Timestamp, finished: Timestamp) {
        self.session = session
        self.agent = agent
        self.policy = policy
        self.started = started
        self.finished = finished
    }

    public init(parsing bytes: [UInt8], maximumBytes: Int = 256 << 20) throws(Malformed) {
        self = try document(bytes, maximumBytes: maximumBytes, RunReport.read)
    }

    /// Two blanks of indent, keys sorted, a line feed at the end.
    public func prettyBytes() -> [UInt8] { json.prettyBytes() }

    private static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> RunReport {
        let format = try fields.required("purser-run")
        guard try format.count() == RunReport.format else { throw format.refused("is an unknown format") }
        var report = RunReport(
            session: try fields.required("session").string(),
            agent: try fields.required("agent").string(),
            policy: try PolicyUse.read(try fields.required("policy")),
            started: try fields.required("started").time(),
            finished: try fields.required("finished").time()
        )
        try report.readSurroundings(&fields)
        try report.readOutcome(&fields)
        return report
    }

    private mutating func readSurroundings(_ fields: inout JSONFields) throws(JSONFieldError) {
        if let field = fields.optional("source") { source = try Source.read(field) }
        if let field = fields.optional("recipe") { recipe = try Recipe.read(field) }
        if let field = fields.optional("job") { job = try Job.read(field) }
        if let field = fields.optional("image") { image = try Image.read(field) }
        environment = try fields.required("environment").map { field throws(JSONFieldError) in try field.string() }
        isolation = try Isolation.read(try fields.required("isolation"))
        lockfiles = try fields.required("lockfiles").list(ProjectLockfile.read)
        canary = try fields.required("canary").word()
        expectations = try fields.required("expect").list(Expectation.read)
        if let field = fields.optional("status") {
            guard let status = field.value.integer.flatMap(Int32.init(exactly:)) else {
                throw field.refused("is not an exit status")
            }
            self.status = status
        }
    }

    private mutating func readOutcome(_ fields: inout JSONFields) throws(JSONFieldError) {
        verdicts = try fields.required("verdicts").list(InputVerdict.read)
        fetches = try fields.optional("fetches")?.list(Fetch.read) ?? []
        traffic = try Traffic.read(try fields.required("traffic"))
        blocked = try fields.required("blocked").list(Denial.read)
        wouldBlock = try fields.required("wouldBlock").list(Denial.read)
        warnings = try fields.required("warnings").strings()
        gaps = try fields.required("gaps").list(GapCount.read)
        attempts = try fields.optional("attempts")?.list(Attempt.read) ?? []
        publications = try fields.required("published").list(Published.read)
        problems = try fields.required("problems").list(Problem.read)
    }

    private var json: JSON {
        .object(present: [
            "purser-run": .integer(RunReport.format),
            "session": .string(session),
            "agent": .string(agent),
            "source": source?.json,
            "recipe": recipe?.json,
            "job": job?.json,
            "image": image?.json,
            "environment": .object(environment.mapValues(JSON.string)),
            "isolation": isolation.json,
            "policy": policy.json,
            "verdicts": .array(verdicts.map(\.json)),
            "fetches": fetches.isEmpty ? nil : .array(fetches.map(\.json)),
            "lockfiles": .array(lockfiles.map(\.json)),
            "started": .text(started),
            "finished": .text(finished),
            "traffic": traffic.json,
            "blocked": .array(blocked.map(\.json)),
            "wouldBlock": .array(wouldBlock.map(\.json)),
            "warnings": .strings(warnings),
            "gaps": .array(gaps.map(\.json)),
            "attempts": attempts.isEmpty ? nil : .array(attempts.map(\.json)),
            "canary": .string(canary),
            "status": status.map { .integer(Int64($0)) },
            "expect": .array(expectations.map(\.json)),
            "published": .array(publications.map(\.json)),
            "problems": .array(problems.map(\.json)),
        ])
    }
}
