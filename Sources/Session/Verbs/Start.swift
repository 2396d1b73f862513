internal import Core
internal import JSONText
internal import Kernel

/// `purser start`: a session that outlives the step that starts it.
public enum Start {
    /// A listener is up in milliseconds; what takes this long will not come.
    private static let seconds = 30.0

    /// Variables of the process that stays. By the CI system's own it is found, and ended, when the whole job is over.
    private static let kept = [
        "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "RUNNER_TEMP", "RUNNER_TRACKING_ID",
        "JENKINS_NODE_COOKIE", "JENKINS_SERVER_COOKIE", "BUILD_ID", "SWIFT_BACKTRACE",
    ]

    public static func perform(_ invocation: Invocation, format word: String?) async -> Int32 {
        let console = invocation.console
        let format: EnvironmentText.Format
        do throws(Problem) { format = try EnvVerb.format(word, invocation) } catch {
            console.problem(error)
            return error.code.exitStatus
        }
        do throws(ToldProblem) {
            let session = try await begin(invocation)
            GitHubSurface(invocation.environment)?.mask(session.note.mask)
            do throws(Problem) { try EnvVerb.give(session, format, invocation) } catch {
                // A session that no step is told of would cover nothing.
                _ = try? await session.ask("finish", ["well": false])
                throw ToldProblem(error)
            }
            console.event(
                "started",
                ["session": .string(session.folder), "address": .string(session.note.address)]
            )
            console.line("purser: session \(session.folder) listens at \(session.note.address)")
            return 0
        } catch {
            console.problem(error)
            GitHubSurface(invocation.environment)?.tell(
                ["::error title=purser start::" + GitHubSurface.data(error.text)],
                page: ""
            )
            if format == .shell || format == .gitlab { Process.write(output: EnvironmentText.failClosed) }
            return error.status
        }
    }

    private static func begin(_ invocation: Invocation) async throws(ToldProblem) -> StartedSession {
        let (orders, child): (Orders, ChildProcess)
        do throws(Problem) { (orders, child) = try spawn(invocation) } catch { throw ToldProblem(error) }
        // One that ended before it read has said why.
        try? child.standardInput?.append(orders.bytes)
        child.closeInput()
        let answer = await child.standardOutput?.firstLine(limit: 1 << 20, seconds: seconds)
        if let json = answer.flatMap({ try? JSON(parsing: $0) }) {
            if let folder = json["session"]?.string, let note = SessionNote.read(in: folder) {
                return StartedSession(folder: folder, note: note)
            }
            if let problem = json["problem"].flatMap({ ToldProblem($0) }) { throw problem }
        }
        _ = try? child.signal(9)
        let log = (try? Files.readAll("\(orders.session)/log", limit: 64 << 10)) ?? []
        try? Files.removeTree(orders.session)
        let last = String(decoding: log, as: UTF8.self).split(separator: "\n").last.map { ": \($0)" } ?? ""
        throw ToldProblem(failed("did not come up\(last)"))
    }

    /// The process that stays, and what it is to be told.
    private static func spawn(_ invocation: Invocation) throws(Problem) -> (Orders, ChildProcess) {
        try? Signals.ignoreBrokenPipes()
        let temporary = try SessionPaths.temporaryFolder(invocation.environment)
        let invocation = try withKey(invocation)
        do {
            let folder = try SessionPaths.fresh(in: temporary)
            try Files.makeFolder(folder)
            let orders = Orders(invocation, session: folder)
            return (orders, try spawn(orders))
        } catch {
            throw failed("could not be started (\(error))")
        }
    }

    /// A session of its own, so that the end of this step's process group is not its end; nothing of ours stays open in
    /// it, so that whoever reads our output reads its end.
    private static func spawn(_ orders: Orders) throws -> ChildProcess {
        let environment = orders.invocation.environment.filter { kept.contains($0.key) }
        // From its file, so that lists of processes show it for what it is.
        let program = OwnProgram(orders.invocation.program.file)
        var command = program.command(["__agent"], environment: environment, folder: orders.invocation.folder)
        command.newSession = true
        command.standardInput = .pipe
        command.standardOutput = .pipe
        command.standardError = .file(try Files.create("\(orders.session)/log"))
        return try program.begin(command)
    }

    /// A key on a descriptor of this process is read here: the one that stays has no such descriptor.
    private static func withKey(_ invocation: Invocation) throws(Problem) -> Invocation {
        guard let name = invocation.flags["signing-key"]?.first, name.hasPrefix("fd:") else { return invocation }
        let plan = try Options.resolve(flags: invocation.flags, environment: [:], file: [])
        guard let descriptor = Int32(name.dropFirst(3)), descriptor > 2,
            let bytes = try? Files.readAll("/proc/self/fd/\(descriptor)", limit: 64 << 10)
        else { throw plan.invalid("signing-key", "could not be read", "Open the descriptor for this command.") }
        var invocation = invocation
        invocation.flags["signing-key"] = nil
        invocation.environment["PURSER_SIGNING_KEY"] = String(decoding: bytes, as: UTF8.self)
        return invocation
    }

    private static func failed(_ what: String) -> Problem {
        Problem(
            .sessionAgentDied,
            subject: "the agent",
            summary: what,
            remedy: "Run `purser doctor`; without an agent nothing of the job would be covered."
        )
    }
}
