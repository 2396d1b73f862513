internal import Attestation
internal import Core
internal import Kernel
internal import Manifest
internal import Policy

/// `purser run`: one command through one session.
public enum Run {
    /// Runs the command and leaves the papers. Never throws: what is returned is the exit status.
    public static func perform(_ invocation: Invocation) async -> Int32 {
        var console = invocation.console
        do throws(Problem) {
            guard !invocation.command.isEmpty else {
                throw Problem(
                    .usageInvalid,
                    subject: "purser run",
                    summary: "has no command",
                    remedy: "Write it behind two dashes: purser run [options] -- COMMAND …"
                )
            }
            try? Signals.ignoreBrokenPipes()
            let plan = try Plan.make(invocation)
            let key = try Keys.signing(plan)
            let session = try await Session.start(plan)
            console.secrets = [session.secret] + (plan.registry?.token.map { [$0] } ?? [])
            Keys.wipeOwnEnvironment()
            let status = await perform(invocation, session, key, console)
            await session.end()
            return status
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func perform(
        _ invocation: Invocation,
        _ session: Session,
        _ key: SigningKey?,
        _ console: Console
    ) async -> Int32 {
        do throws(Problem) {
            try await Canary.check(session, executable: invocation.executable)
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
        let plan = session.plan
        async let source = SourceState.read(folder: plan.folder, environment: plan.environment, ci: plan.ci)
        let ending = await Command.run(
            invocation.command,
            environment: session.clients.environment,
            folder: plan.folder
        )
        let writer = PaperWriter(
            session: session,
            invocation: invocation,
            source: await source,
            status: ending.status,
            finished: Clock.now,
            problems: []
        )
        if case .notStarted(let problem) = ending { console.problem(problem) }
        return await finish(writer, ending, key, console)
    }

    private static func finish(
        _ writer: PaperWriter,
        _ ending: Command.Ending,
        _ key: SigningKey?,
        _ console: Console
    ) async -> Int32 {
        var writer = writer
        let plan = writer.session.plan
        do throws(Problem) {
            let artifacts = collect(&writer, ending)
            let old = try? plan.ownManifest()
            let papers = try await writer.write(artifacts, key: key)
            let files = PaperFiles(plan)
            try files.write(papers)
            var failures = papers.report.problems
            let pushed = await push(papers, writer.session, console, &failures)
            Summary(papers: papers, old: old, files: files, plan: plan, build: pushed).print(to: console)
            for problem in failures { console.problem(problem) }
            return status(ending, papers, failures)
        } catch {
            console.problem(error)
            return ending.status == 0 ? 125 : ending.status
        }
    }

    private static func collect(_ writer: inout PaperWriter, _ ending: Command.Ending) -> BuiltArtifacts? {
        let globs = writer.session.plan.options.list("artifact")
        guard !globs.isEmpty else { return nil }
        do throws(Problem) { return try BuiltArtifacts.collect(globs, folder: writer.session.plan.folder) } catch {
            // A command that failed has a reason of its own for having built nothing.
            if ending.status == 0 { writer.problems.append(error) }
            return nil
        }
    }

    private static func push(
        _ papers: Papers,
        _ session: Session,
        _ console: Console,
        _ failures: inout [Problem]
    ) async -> String? {
        guard session.plan.wantsPush, let registry = session.plan.registry else { return nil }
        do throws(Problem) {
            return try await Push.send(papers, registry, session.plan, stores: CacheStores(session.stores), console)
        } catch {
            failures.append(error)
            return nil
        }
    }

    /// The command's own status when it is not 0; else 125 for a denial, a failed check, a record that is not whole or
    /// a push that did not finish.
    private static func status(_ ending: Command.Ending, _ papers: Papers, _ failures: [Problem]) -> Int32 {
        if ending.status != 0 { return ending.status }
        let isDenied = !papers.report.blocked.isEmpty && papers.report.policy.mode == "enforce"
        return isDenied || !failures.isEmpty ? 125 : 0
    }
}
