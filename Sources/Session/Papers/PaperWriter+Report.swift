internal import Attestation
internal import Core
internal import Kernel
internal import Knowledge
internal import Manifest
internal import Policy

extension PaperWriter {
    func report(
        _ book: RecordBook,
        _ lockfiles: [RunReport.ProjectLockfile],
        _ expectations: [RunReport.Expectation],
        _ problems: [Problem]
    ) -> RunReport {
        let plan = session.plan
        var use = RunReport.PolicyUse(digest: plan.policy.digest, mode: plan.policy.mode.rawValue)
        if let malware = plan.malware { use.data = [RunReport.Snapshot(name: "osv", digest: malware.digest)] }
        var report = RunReport(
            session: session.identifier,
            agent: "purser \(invocation.version)",
            policy: use,
            started: session.started,
            finished: finished
        )
        report.source = source.report
        report.recipe = RunReport.Recipe(command: invocation.command.map(Redaction.word), entry: plan.ci?.recipe)
        report.image = PaperWriter.image()
        report.environment = plan.environment.filter { PaperWriter.recordedVariables.contains($0.key) }
        report.isolation = RunReport.Isolation(tier: "none", isComplete: false, reason: PaperWriter.incomplete)
        report.verdicts = book.verdicts
        report.lockfiles = lockfiles
        report.traffic = book.traffic
        report.blocked = book.blocked
        report.wouldBlock = book.wouldBlock
        report.warnings = plan.policy.notices.map { "\($0.rule) \($0.message)" } + book.hidden.map(PaperWriter.hidden)
        report.gaps = book.gaps.values.sorted { ($0.kind, $0.host) < ($1.kind, $1.host) }
        report.canary = "passed"
        report.status = status
        report.expectations = expectations
        report.publications = book.publications
        report.problems = book.failures + problems
        return report
    }

    func predicate(
        _ book: RecordBook,
        _ report: RunReport,
        _ documents: Predicate.Documents
    ) throws(Problem) -> Predicate {
        let plan = session.plan
        let nonce: String
        do throws(SystemError) { nonce = Hex.encode(try ProcessIdentity.randomBytes(16)) } catch {
            throw Problem(.bug, subject: "getrandom", summary: "\(error)", remedy: "Report it with this text.")
        }
        var predicate = Predicate(
            session: session.identifier,
            run: (created: finished, nonce: nonce),
            builder: Predicate.Builder(
                id: plan.ci?.run ?? "local",
                kind: plan.ci?.name ?? "local",
                ci: plan.ci?.name
            ),
            policy: Predicate.PolicyUse(digest: plan.policy.digest, mode: plan.policy.mode.rawValue),
            documents: documents
        )
        predicate.source = report.source.map {
            Predicate.Source(repository: $0.repository, commit: $0.commit, ref: $0.ref, isDirty: $0.isDirty)
        }
        predicate.isolation = Predicate.Isolation(tier: "none", isComplete: false, reason: PaperWriter.incomplete)
        predicate.counts.inputs = Int64(book.inputs.count)
        predicate.counts.denied = Int64(book.blocked.count)
        predicate.counts.wouldBlock = Int64(book.wouldBlock.count)
        predicate.counts.warned = Int64(book.warned)
        predicate.counts.gaps = Int64(book.gaps.count)
        return predicate
    }

    static let incomplete = "same user: settings lead clients here, nothing keeps them from going round"

    /// Variables whose values may be written down: they change builds and hold no secrets.
    private static let recordedVariables: Set<String> = [
        "LANG", "LC_ALL", "TZ", "SOURCE_DATE_EPOCH", "PYTHONHASHSEED", "CI",
    ]

    private static func hidden(_ denial: RunReport.Denial) -> String { "hidden \(denial.subject): \(denial.message)" }

    private static func image() -> RunReport.Image? {
        guard let text = ProcessIdentity.osRelease() else { return nil }
        func value(_ key: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix(key + "=") }
                .map { $0.dropFirst(key.count + 1).filter { $0 != "\"" } }
        }
        return value("ID").map { RunReport.Image(name: $0, version: value("VERSION_ID")) }
    }
}

extension Redaction {
    /// A word of the command without credentials in a URL.
    static func word(_ word: String) -> String { SourceState.withoutCredentials(word) }
}
