internal import Core
internal import JSONText
internal import Kernel
internal import Manifest
internal import Proxy
internal import Storage

/// A started session as later steps see it: one question at a time over the control socket, until somebody has it
/// finished.
actor Agent {
    /// Why an agent ends.
    enum End: Hashable, Sendable {
        case finished
        case expired
        case signalled(Int32)
        /// The folder by which it is found is gone, so that nobody can finish it.
        case unreachable
    }

    private let job: Job
    private let secret: Digest
    /// Read while the first step runs, so that nobody waits for git.
    private let source: Task<SourceState, Never>
    private let ends: AsyncStream<End>.Continuation
    private var closing: Task<FinishResult, Never>?

    /// What stays of a session's folder: for `finish` to be asked again, and for steps that still name its files.
    private static let keptWhenFinished: Set<String> = [SessionNote.file, FinishResult.file, "clients", "lock"]
    private static let keptWhenEnded: Set<String> = [SessionNote.file, "journal", "clients", "lock", "log"]

    init(_ job: Job, control: Secret, ends: AsyncStream<End>.Continuation) {
        self.job = job
        secret = Agent.digest(control.reveal())
        self.ends = ends
        let plan = job.plan
        // Ends by itself: git has ten seconds.
        source = Task { await SourceState.read(folder: plan.folder, environment: plan.environment, ci: plan.ci) }
    }

    /// The answer to one line of a peer, whoever that is.
    func answer(_ line: [UInt8]) async -> [UInt8] {
        do throws(Problem) {
            guard let question = try? JSON(parsing: line), let verb = question["verb"]?.string else {
                throw Agent.senseless("is not one JSON object with a verb")
            }
            guard Agent.digest(question["secret"]?.string ?? "") == secret else {
                throw Problem(
                    .authForbidden,
                    subject: "the control socket",
                    summary: "was asked without the session's secret",
                    remedy: "Ask with `purser mark`, `status` or `finish`, as the user who started the session."
                )
            }
            return JSON.object(["answer": try await answer(verb, question)]).canonicalBytes()
        } catch {
            return JSON.object(["problem": ToldProblem(error).told]).canonicalBytes()
        }
    }

    /// Waits for the papers of somebody who asked for them before the agent ends otherwise.
    func end(_ end: End) async {
        if let closing {
            _ = await closing.value
            return
        }
        let reason =
            switch end {
            case .finished: "finished"
            case .expired: "max-duration"
            case .signalled(let number): "signal \(number)"
            case .unreachable: "its folder was removed"
            }
        try? job.session.recorder.settle()
        job.session.recorder.keep(JournalEvent.entry("end", Clock.now, ["reason": .string(reason)]))
        await job.session.end(keeping: Agent.keptWhenEnded)
    }

    private func answer(_ verb: String, _ question: JSON) async throws(Problem) -> JSON {
        switch verb {
        case "ping": return true
        case "status": return try status()
        case "mark":
            try job.session.recorder.mark(try Agent.name(question))
            return true
        case "enter":
            let name = question["name"] == nil ? nil : try Agent.name(question)
            if let name {
                try job.session.recorder.write(JournalEvent.entry("mark", Clock.now, ["name": .string(name)]))
            }
            job.session.recorder.steps.enter(name, process: Agent.process(question))
            return true
        case "leave":
            if let told = question["attempts"] { job.session.recorder.note(told: told) }
            job.session.recorder.steps.leave(process: Agent.process(question))
            return true
        case "finish": return await finish(areWell: question["well"]?.bool ?? true).json
        default: throw Agent.senseless("has an unknown verb")
        }
    }

    private func status() throws(Problem) -> JSON {
        if closing != nil { return ["state": "finishing"] }
        var status = Agent.counts(of: job.session.paths.journal)
        status["state"] = "running"
        if let mark = job.session.recorder.steps.mark { status["step"] = .string(mark) }
        return .object(status)
    }

    /// What a journal holds so far, for people; empty where it cannot be read.
    static func counts(of journal: String) -> [String: JSON] {
        guard let events = try? Journal.read(journal).events, let book = try? RecordBook(events) else { return [:] }
        return [
            "inputs": .integer(Int64(book.inputs.count)),
            "hits": .integer(book.traffic.hits),
            "denied": .integer(Int64(book.blocked.count)),
            "would-deny": .integer(Int64(book.wouldDeny)),
            "gaps": .integer(Int64(book.gaps.count)),
            "steps": .strings(book.steps),
        ]
    }

    /// The papers are drawn up once; who asks again, or meanwhile, gets the same.
    private func finish(areWell: Bool) async -> FinishResult {
        if let closing { return await closing.value }
        // Ends with the session.
        let task = Task { await self.close(areWell: areWell) }
        closing = task
        return await task.value
    }

    private func close(areWell: Bool) async -> FinishResult {
        let session = job.session
        // What could not be written down any more must not be served either.
        await session.proxy.stop()
        let result: FinishResult
        do throws(Problem) {
            result = FinishResult(try await job.close(.steps(areWell: areWell), source: await source.value))
        } catch {
            result = FinishResult(error)
        }
        try? result.write(in: session.paths.session)
        await session.end(keeping: Agent.keptWhenFinished)
        ends.yield(.finished)
        return result
    }

    private static func name(_ question: JSON) throws(Problem) -> String {
        let name = question["name"]?.string ?? ""
        let isPlain = name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard !name.isEmpty, name.utf8.count <= 200, isPlain else {
            throw Problem(
                .usageInvalid,
                subject: "the step's name",
                summary: "is empty, longer than 200 bytes, or has control characters in it",
                remedy: "Give the step a short name of one line."
            )
        }
        return name
    }

    private static func process(_ question: JSON) -> Int32 {
        question["process"]?.integer.flatMap(Int32.init(exactly:)) ?? 0
    }

    private static func senseless(_ what: String) -> Problem {
        Problem(
            .usageInvalid,
            subject: "a question over the control socket",
            summary: what,
            remedy: "Ask with the `purser` of the same version that started the session."
        )
    }

    private static func digest(_ text: String) -> Digest { .sha256(of: Array(text.utf8)) }
}
