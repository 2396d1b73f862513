internal import Attestation
internal import Core
internal import Isolation
internal import Kernel
internal import Manifest
internal import Policy

/// A session with all that goes with it, from its opening to its papers. `run` opens one, runs its command and closes
/// it; `start` opens one that `finish` has closed.
struct Job: Sendable {
    /// How what ran in it ended.
    enum Ending: Sendable {
        case command(Command.Ending)
        /// Steps, of which the CI system or the user said whether they went well.
        case steps(areWell: Bool)

        var isWell: Bool {
            switch self {
            case .command(let ending): ending.status == 0
            case .steps(let areWell): areWell
            }
        }

        var status: Int32? {
            if case .command(let ending) = self { ending.status } else { nil }
        }
    }

    let invocation: Invocation
    let session: Session
    let enclosure: Enclosure
    let key: SigningKey?
    let console: Console

    var plan: Plan { session.plan }

    /// Starts everything and has the canary prove that a child is led here. When this returns, the job may begin.
    static func open(
        _ invocation: Invocation,
        in folder: String? = nil,
        covering interrupts: Interrupts? = nil
    ) async throws(Problem) -> Job {
        try? Signals.ignoreBrokenPipes()
        let plan = try await Plan.prepare(invocation)
        let key = try Keys.signing(plan)
        let begun = try await Enclosure.begin(plan, invocation.program, forSteps: folder != nil)
        let canary = try begun.isWalled ? nil : Canary.start(invocation.program)
        let session = try await Session.start(plan, in: folder)
        interrupts?.cover(session.paths)
        var console = invocation.console
        console.secrets = [session.secret] + (plan.registry?.token.map { [$0] } ?? [])
        Keys.wipeOwnEnvironment()
        do throws(Problem) {
            let enclosure = try await begun.settle(session)
            session.confine(folder == nil ? enclosure.confinement : enclosure.confinement.ofSteps)
            if folder != nil, enclosure.confinement.tier != .none { session.recorder.steps.wall() }
            try plan.check(enclosure.confinement)
            try await enclosure.prove(session, canary, invocation.program)
            try await session.settle()
            return Job(invocation: invocation, session: session, enclosure: enclosure, key: key, console: console)
        } catch {
            await session.end()
            throw error
        }
    }

    /// Draws up the papers, writes them, pushes them if asked. The session is still up afterwards.
    func close(_ ending: Ending, source: SourceState) async throws(Problem) -> Outcome {
        let finished = Clock.now
        session.commandEnded()
        session.recorder.noteStepsOutside()
        var writer = PaperWriter(
            session: session,
            invocation: invocation,
            source: source,
            status: ending.status,
            finished: finished,
            problems: []
        )
        let artifacts = collect(&writer, ending)
        let old = (try? plan.earlierManifest())?.manifest
        let papers = try await writer.write(artifacts, key: key)
        let files = PaperFiles(plan, isPartial: !ending.isWell || !papers.report.blocked.isEmpty)
        try await files.write(papers, environment: plan.environment)
        let learned = try learn(papers)
        async let news = News.find(papers.manifest, old: old, plan)
        var failures = papers.report.problems
        // What a command that failed left in its output folder may be old, or half done.
        let build = await ending.isWell ? push(papers, &failures) : nil
        return Outcome(
            papers: papers,
            files: files,
            plan: plan,
            news: await news,
            build: build,
            failures: failures,
            difference: (plan.isLocked ? difference(old, papers.manifest) : []) + learned
        )
    }

    /// `--mode learn`: the smallest policy that lets in what the job got.
    private func learn(_ papers: Papers) throws(Problem) -> [String] {
        guard plan.isLearning else { return [] }
        let learned = try LearnedPolicy(papers.manifest, papers.report, record: papers.record, now: Clock.now)
        try learned.write(to: plan.path(LearnedPolicy.file))
        return ["  learned   \(LearnedPolicy.file): read it, then make it your purser.yml"]
    }

    /// The committed manifest stays as it is; what this run would have made of it is said.
    private func difference(_ locked: BuildManifest?, _ own: BuildManifest) -> [String] {
        guard let locked else { return [] }
        let difference = Manifest.diff(locked, own)
        guard difference.verdict != .identical else { return [] }
        return ["  against the lock:"] + difference.lines.map { "    " + $0 }
    }

    private func collect(_ writer: inout PaperWriter, _ ending: Ending) -> BuiltArtifacts? {
        let globs = plan.options.list("artifact")
        guard !globs.isEmpty else { return nil }
        do throws(Problem) { return try BuiltArtifacts.collect(globs, folder: plan.folder) } catch {
            // What failed has a reason of its own for having built nothing.
            if ending.isWell { writer.problems.append(error) }
            return nil
        }
    }

    private func push(_ papers: Papers, _ failures: inout [Problem]) async -> String? {
        guard plan.wantsPush, let registry = plan.registry else { return nil }
        do throws(Problem) {
            return try await Push.send(papers, registry, plan, stores: CacheStores(session.stores), console)
        } catch {
            failures.append(error)
            return nil
        }
    }
}
