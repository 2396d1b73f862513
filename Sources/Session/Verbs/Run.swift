internal import Core
internal import Kernel

/// `purser run`: one command through one session.
public enum Run {
    /// Runs the command and leaves the papers. Never throws: what is returned is the exit status.
    public static func perform(_ invocation: Invocation) async -> Int32 {
        do throws(Problem) {
            guard !invocation.command.isEmpty else {
                throw Problem(
                    .usageInvalid,
                    subject: "purser run",
                    summary: "has no command",
                    remedy: "Write it behind two dashes: purser run [options] -- COMMAND …"
                )
            }
            let interrupts = Interrupts.watch()
            defer { interrupts.stop() }
            let job = try await Job.open(invocation, covering: interrupts)
            GitHubSurface(job.plan.environment)?.mask(job.session.secret)
            let status = await perform(job, interrupts)
            await job.enclosure.end()
            await job.session.end()
            return status
        } catch {
            invocation.console.problem(error)
            GitHubSurface(invocation.environment)?.tell([GitHubSurface.annotation(error)], page: "")
            return error.code.exitStatus
        }
    }

    private static func perform(_ job: Job, _ interrupts: Interrupts) async -> Int32 {
        let plan = job.plan
        async let source = SourceState.read(folder: plan.folder, environment: plan.environment, ci: plan.ci)
        let recorder = job.session.recorder
        let progress = ProgressLine.forJob(job.console) { recorder.progress }
        let ending = await Command.run(
            job.invocation.command,
            environment: job.session.clients.environment,
            folder: plan.folder,
            interrupts: interrupts,
            enclosure: job.enclosure
        )
        progress?.end()
        if case .notStarted(let problem) = ending { job.console.problem(problem) }
        do throws(Problem) {
            let outcome = try await job.close(.command(ending), source: await source)
            job.console.event("summary", outcome.event)
            LogSection.around(job.console, plan.environment) { for line in outcome.lines { job.console.line(line) } }
            for problem in outcome.failures { job.console.problem(problem) }
            if let github = GitHubSurface(plan.environment) {
                github.tell(outcome.annotations, page: outcome.page)
                try GitHubFiles(environment: plan.environment).give(outcome.event)
            }
            return status(ending, outcome)
        } catch {
            job.console.problem(error)
            return ending.status == 0 ? 125 : ending.status
        }
    }

    /// The command's own status when it is not 0; else 125 for a denial, a failed check, a record that is not whole or
    /// a push that did not finish.
    private static func status(_ ending: Command.Ending, _ outcome: Outcome) -> Int32 {
        if ending.status != 0 { return ending.status }
        // What audit mode would deny is listed apart; what `--locked` refuses was refused in either mode.
        return outcome.isWhole ? 0 : 125
    }
}
