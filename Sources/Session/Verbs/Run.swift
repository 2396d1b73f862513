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
            let plan = try await Plan.prepare(invocation)
            try plan.checkIsolation()
            let key = try Keys.signing(plan)
            let canary = try Canary.start(executable: invocation.executable, environment: plan.environment)
            let interrupts = Interrupts.watch()
            defer { interrupts.stop() }
            let session = try await Session.start(plan)
            interrupts.cover(session.paths)
            console.secrets = [session.secret] + (plan.registry?.token.map { [$0] } ?? [])
            GitHubSurface(plan.environment)?.mask(session.secret)
            Keys.wipeOwnEnvironment()
            let status: Int32
            do throws(Problem) {
                try await canary.check(session)
                try await session.settle()
                status = await perform(invocation, session, (key, interrupts), console)
            } catch {
                console.problem(error)
                status = error.code.exitStatus
            }
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
        _ tools: (key: SigningKey?, interrupts: Interrupts),
        _ console: Console
    ) async -> Int32 {
        let plan = session.plan
        async let source = SourceState.read(folder: plan.folder, environment: plan.environment, ci: plan.ci)
        let ending = await Command.run(
            invocation.command,
            environment: session.clients.environment,
            folder: plan.folder,
            interrupts: tools.interrupts
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
        session.commandEnded()
        return await finish(writer, ending, tools.key, console)
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
            let old = (try? plan.earlierManifest())?.manifest
            let papers = try await writer.write(artifacts, key: key)
            let files = PaperFiles(plan, isPartial: ending.status != 0 || !papers.report.blocked.isEmpty)
            try await files.write(papers, environment: plan.environment)
            var failures = papers.report.problems
            let pushed = await push(papers, writer.session, console, &failures)
            Summary(papers: papers, old: old, files: files, plan: plan, build: pushed).print(to: console)
            if plan.isLearning { try learn(papers, plan, console) }
            if plan.isLocked, let old { tellDifference(old, papers.manifest, console) }
            for problem in failures { console.problem(problem) }
            GitHubSurface(plan.environment)?.tell(papers, failures: failures)
            return status(ending, papers, failures)
        } catch {
            console.problem(error)
            return ending.status == 0 ? 125 : ending.status
        }
    }

    private static func learn(_ papers: Papers, _ plan: Plan, _ console: Console) throws(Problem) {
        try LearnedPolicy(papers.manifest, papers.report, now: Clock.now).write(to: plan.path(LearnedPolicy.file))
        console.line("  learned   \(LearnedPolicy.file): read it, then make it your purser.yml")
    }

    /// The committed manifest stays as it is; what this run would have made of it is said.
    private static func tellDifference(_ locked: BuildManifest, _ own: BuildManifest, _ console: Console) {
        let difference = Manifest.diff(locked, own)
        guard difference.verdict != .identical else { return }
        console.line("  against the lock:")
        for line in difference.lines { console.line("    " + line) }
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
        // What audit mode would deny is listed apart; what `--locked` refuses was refused in either mode.
        return !papers.report.blocked.isEmpty || !failures.isEmpty ? 125 : 0
    }
}
