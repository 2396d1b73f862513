internal import Core
internal import JSONText
internal import Kernel
internal import Storage

/// `purser finish`: the papers of a started session. Asked again, it says the same again.
public enum Finish {
    /// `word` is how the job went, as its CI system says it; without one it went well.
    public static func perform(_ invocation: Invocation, session named: String?, job word: String?) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let areWell = try areWell(word ?? invocation.environment["PURSER_JOB_STATUS"])
            let session = try StartedSession.find(named, invocation)
            let result = try await result(of: session, areWell: areWell)
            console.event("summary", result.event)
            LogSection.around(console, invocation.environment) { for line in result.lines { console.line(line) } }
            for problem in result.problems { console.problem(problem) }
            try tell(result, session, invocation)
            return result.status
        } catch {
            console.problem(error)
            GitHubSurface(invocation.environment)?.tell([GitHubSurface.annotation(error)], page: "")
            return error.code.exitStatus
        }
    }

    private static func result(of session: StartedSession, areWell: Bool) async throws(Problem) -> FinishResult {
        if let result = session.result { return result }
        do throws(Problem) {
            try await session.checkAlive()
            // Drawing papers up and pushing them takes what it takes.
            let answer = try await session.ask("finish", ["well": .bool(areWell)], seconds: nil)
            if let result = FinishResult(answer) { return result }
            throw StartedSession.dead(session.folder, "it gave an answer that makes no sense")
        } catch {
            // Another step may have finished it meanwhile.
            if let result = session.result { return result }
            throw error.code == .sessionAgentDied ? leftover(of: session, error) : error
        }
    }

    /// The CI system hears of a result once, whoever asks how often.
    private static func tell(
        _ result: FinishResult,
        _ session: StartedSession,
        _ invocation: Invocation
    ) throws(Problem) {
        guard let github = GitHubSurface(invocation.environment) else { return }
        let files = GitHubFiles(environment: invocation.environment)
        try files.give(result.event)
        let told = "\(session.folder)/\(FinishResult.toldFile)"
        guard !Files.exists(told) else { return }
        github.tell(result.annotations, page: result.page)
        if !(invocation.environment["GITHUB_ENV"] ?? "").isEmpty {
            try files.leave(session.note, session: session.folder)
        }
        _ = try? Files.create(told)
    }

    /// What a session without an agent left: its journal, put beside the report, and what it says.
    private static func leftover(of session: StartedSession, _ error: Problem) -> Problem {
        let journal = "\(session.folder)/journal"
        let counts = Agent.counts(of: journal)
        func count(_ key: String) -> String { "\(counts[key]?.integer ?? 0)" }
        let said =
            counts.isEmpty
            ? "it cannot be read"
            : "\(count("inputs")) inputs, \(count("denied")) denied, \(count("gaps")) kinds of gap"
        return Problem(
            error.code,
            subject: error.subject,
            summary: error.summary,
            remedy: error.remedy,
            details: ["journal": kept(journal, beside: session.note.report) ?? journal, "holds": said]
        )
    }

    private static func kept(_ journal: String, beside report: String) -> String? {
        guard let bytes = try? Files.readAll(journal, limit: 1 << 30) else { return nil }
        let folder = "\(PaperFiles.folder(of: report))/purser-run.d"
        do throws(SystemError) {
            try Files.makeFolder(folder, mode: 0o755)
            try Files.writeAtomically("\(folder)/journal", bytes, mode: 0o644)
            return "\(folder)/journal"
        } catch { return nil }
    }

    /// The words of GitHub, GitLab and others.
    private static func areWell(_ word: String?) throws(Problem) -> Bool {
        switch word ?? "success" {
        case "success", "succeeded", "passed", "running", "": return true
        case "failure", "failed", "cancelled", "canceled", "unstable", "aborted": return false
        default:
            throw Problem(
                .usageInvalid,
                subject: "--job-status \(word ?? "")",
                summary: "says neither that the job went well nor that it did not",
                remedy: "Write success, failure or cancelled."
            )
        }
    }
}
