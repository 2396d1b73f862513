internal import Core
internal import JSONText
internal import Kernel

/// The process that `purser start` leaves behind. Not for people.
public enum AgentVerb {
    /// Opens the session that standard input describes, says so on standard output, and lives until it is finished.
    public static func perform() async -> Int32 {
        guard let orders = Orders(parsing: StandardStreams.input(limit: Orders.limit)) else { return 2 }
        do throws(Problem) {
            var invocation = orders.invocation
            invocation.program = Process.program()
            let job = try await Job.open(invocation, in: orders.session)
            let (stream, ends) = AsyncStream<Agent.End>.makeStream()
            let (agent, listener): (Agent, LocalListener)
            do throws(Problem) {
                (agent, listener) = try begin(job, ends)
            } catch {
                await job.session.end()
                throw error
            }
            CodePages.giveBack()
            let end = await first(of: stream, ends, job)
            await agent.end(end)
            listener.stop()
            await listener.settle(seconds: 10)
            return 0
        } catch {
            try? Files.removeTree(orders.session)
            _ = say(["problem": ToldProblem(error).told])
            return error.code.exitStatus
        }
    }

    /// When this returns, whoever started us knows it, and later steps can ask.
    private static func begin(_ job: Job, _ ends: AsyncStream<Agent.End>.Continuation) throws(Problem)
        -> (Agent, LocalListener)
    {
        let paths = job.session.paths
        do throws(SystemError) {
            let control = Secret(Hex.encode(try ProcessIdentity.randomBytes(16)))
            let agent = Agent(job, control: control, ends: ends)
            try Files.makeFolder(paths.control)
            let listener = try LocalListener.open(in: paths.control, named: StartedSession.socket)
            try listener.serve { line in await agent.answer(line) }
            let until = Timestamp(seconds: Clock.now.seconds + job.plan.lifetime)
            try SessionNote(job, until: until, control: control).write(in: paths.session)
            guard say(["session": .string(paths.session)]) else {
                throw SystemError(call: "write", errno: 32, path: "standard output")
            }
            return (agent, listener)
        } catch {
            throw Problem(
                .storageFull,
                subject: paths.session,
                summary: "cannot hold what later steps need (\(error))",
                remedy: "Free space in the temporary folder, or set TMPDIR to another one."
            )
        }
    }

    /// False where nobody reads any more: then nobody would ever finish the session.
    private static func say(_ words: JSON) -> Bool {
        (try? StandardStream.write(words.canonicalBytes() + [0x0A], to: 1)) != nil
    }

    private static func first(
        of stream: AsyncStream<Agent.End>,
        _ ends: AsyncStream<Agent.End>.Continuation,
        _ job: Job
    ) async -> Agent.End {
        let (seconds, folder) = (job.plan.lifetime, job.session.paths.control)
        let watchers = [
            Task {
                try? await Task.sleep(for: .seconds(seconds))
                if !Task.isCancelled { ends.yield(.expired) }
            },
            Task {
                while !Task.isCancelled, Files.exists(folder) { try? await Task.sleep(for: .seconds(2)) }
                if !Task.isCancelled { ends.yield(.unreachable) }
            },
            Task {
                guard let signals = try? Signals.stream(of: [1, 2, 15]) else { return }
                // The step that started us may hang up; that is no reason to leave the others alone.
                for await signal in signals where signal != 1 { ends.yield(.signalled(signal)) }
            },
        ]
        defer { for watcher in watchers { watcher.cancel() } }
        for await end in stream { return end }
        return .unreachable
    }
}
