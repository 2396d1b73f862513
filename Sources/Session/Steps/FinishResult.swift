internal import Core
internal import JSONText
internal import Kernel

/// A problem as it is told in another process than the one that had it.
struct ToldProblem: Error {
    let text: String
    let json: JSON
    let status: Int32

    init(_ problem: Problem) {
        text = "\(problem)"
        json = Console.json(problem)
        status = problem.code.exitStatus
    }

    init?(_ told: JSON) {
        guard let text = told["text"]?.string, let json = told["json"],
            let status = told["status"]?.integer.flatMap(Int32.init(exactly:))
        else { return nil }
        self.text = text
        self.json = json
        self.status = status
    }

    var told: JSON { ["text": .string(text), "json": json, "status": .integer(Int64(status))] }
}

/// What `finish` says, however often it is asked: it stays in the session's folder when the agent has gone.
struct FinishResult: Sendable {
    static let file = "result.json"
    /// Stands beside it once somebody has told it to the CI system.
    static let toldFile = "result-told"

    let status: Int32
    let lines: [Line]
    let event: [String: JSON]
    let problems: [ToldProblem]
    let annotations: [String]
    let page: String

    var json: JSON {
        [
            "status": .integer(Int64(status)),
            "lines": .array(lines.map(\.json)),
            "event": .object(event),
            "problems": .array(problems.map(\.told)),
            "annotations": .strings(annotations),
            "page": .string(page),
        ]
    }

    init?(_ json: JSON) {
        guard let status = json["status"]?.integer.flatMap(Int32.init(exactly:)), let lines = json["lines"]?.array,
            let event = json["event"]?.members, let problems = json["problems"]?.array,
            let annotations = json["annotations"]?.array, let page = json["page"]?.string
        else { return nil }
        self.status = status
        self.lines = lines.compactMap(Line.init)
        self.event = event
        self.problems = problems.compactMap(ToldProblem.init)
        self.annotations = annotations.compactMap(\.string)
        self.page = page
    }

    static func read(in session: String) -> FinishResult? {
        guard let bytes = try? Files.readAll("\(session)/\(file)"), let json = try? JSON(parsing: bytes) else {
            return nil
        }
        return FinishResult(json)
    }

    func write(in session: String) throws(SystemError) {
        try Files.writeAtomically("\(session)/\(FinishResult.file)", json.canonicalBytes(), mode: 0o600)
    }

    /// A denial first, then the first thing that went wrong: `finish` is a verb of ours, so it has our own numbers.
    init(_ outcome: Outcome) {
        let first = outcome.failures.first?.code.exitStatus ?? 0
        status = outcome.isDenied ? Problem.Code.policyDenied.exitStatus : first
        lines = outcome.lines
        event = outcome.event
        problems = outcome.failures.map(ToldProblem.init)
        annotations = outcome.annotations
        page = outcome.page
    }

    /// The papers could not be drawn up.
    init(_ problem: Problem) {
        status = problem.code.exitStatus
        lines = []
        event = ["status": .null, "verdict": .string("failed: \(problem.code.rawValue)")]
        problems = [ToldProblem(problem)]
        annotations = [GitHubSurface.annotation(problem)]
        page = "### Purser: ❌ \(GitHubSurface.cell("\(problem.subject) \(problem.summary)"))\n\n"
    }
}
