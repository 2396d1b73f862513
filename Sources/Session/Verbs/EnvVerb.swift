internal import Core
internal import Kernel

/// `purser env`: the settings of a session that runs.
public enum EnvVerb {
    public static func perform(_ invocation: Invocation, session named: String?, format word: String?) async -> Int32 {
        let format: EnvironmentText.Format
        do throws(Problem) { format = try self.format(word, invocation) } catch {
            invocation.console.problem(error)
            return error.code.exitStatus
        }
        do throws(Problem) {
            let session = try StartedSession.find(named, invocation)
            try await session.checkAlive()
            if format == .github { GitHubSurface(invocation.environment)?.mask(session.note.mask) }
            try give(session, format, invocation)
            return 0
        } catch {
            invocation.console.problem(error)
            if format == .shell || format == .gitlab { Process.write(output: EnvironmentText.failClosed) }
            return error.code.exitStatus
        }
    }

    /// Without a word: GitHub's files where there are some, else a shell's text.
    static func format(_ word: String?, _ invocation: Invocation) throws(Problem) -> EnvironmentText.Format {
        guard let word else {
            return (invocation.environment["GITHUB_ENV"] ?? "").isEmpty ? .shell : .github
        }
        guard let format = EnvironmentText.Format(rawValue: word) else {
            let words = EnvironmentText.Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(
                .usageInvalid,
                subject: "--format \(word)",
                summary: "is no form of an environment",
                remedy: "Choose one of \(words)."
            )
        }
        return format
    }

    static func give(
        _ session: StartedSession,
        _ format: EnvironmentText.Format,
        _ invocation: Invocation
    ) throws(Problem) {
        let text = EnvironmentText(note: session.note, current: invocation.environment)
        if let text = try text.text(format) { return Process.write(output: text) }
        try GitHubFiles(environment: invocation.environment).enter(session.note)
    }
}
