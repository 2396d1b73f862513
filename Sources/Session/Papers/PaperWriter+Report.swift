internal import Attestation
internal import Core
internal import Isolation
internal import Kernel
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
        var report = RunReport(
            session: session.identifier,
            agent: "purser \(invocation.version)",
            policy: policyUse(book),
            started: session.started,
            finished: finished
        )
        report.source = source.report
        let secrets = Redaction.secrets(in: plan.environment) + [session.secret.reveal()]
        let words = Redaction.words(invocation.command, secrets: secrets)
        report.recipe = RunReport.Recipe(command: words, entry: plan.ci?.recipe, steps: book.steps)
        report.job = plan.ci?.report
        report.image = PaperWriter.image()
        report.environment = plan.environment.filter { PaperWriter.recordedVariables.contains($0.key) }
        let confinement = session.confinement(book)
        report.isolation = RunReport.Isolation(
            tier: confinement.tier.rawValue,
            isComplete: confinement.isComplete,
            reason: confinement.reason
        )
        report.attempts = book.attempts
        report.verdicts = book.verdicts
        report.fetches = book.fetches
        report.lockfiles = lockfiles
        report.traffic = book.traffic
        report.blocked = book.blocked
        report.wouldBlock = book.wouldBlock
        report.warnings = warnings(book) + book.hidden.map(PaperWriter.hidden)
        report.gaps = book.gaps.values.sorted { ($0.kind, $0.host) < ($1.kind, $1.host) }
        report.canary = "passed"
        report.status = status
        report.expectations = expectations
        report.publications = book.publications
        report.problems = book.failures + problems
        return report
    }

    /// What a person should know and what fails nobody: notices of the policy, exemptions that have ended or were not
    /// needed, and rules for whole sessions that audit mode only tells.
    func warnings(_ book: RecordBook) -> [String] {
        let policy = session.plan.policy
        // A job that broke off does not show what it would have needed.
        let isWhole = (status ?? 0) == 0 && book.blocked.isEmpty
        let exemptions = policy.exemptionFindings(now: finished, used: neededExemptions(book))
            .filter { isWhole || $0.action > .report }
        var lines = (policy.notices + exemptions).map { "\($0.rule): \($0.message)" }
        let isAudit = policy.mode == .audit
        let tier = session.confinement(book).tier
        if !policy.session.isolation.isMet(by: tier), isAudit {
            let (wanted, had) = (policy.session.isolation.rawValue, tier.rawValue)
            lines.append("session.isolation would block: it asks for \(wanted), this run had \(had)")
        }
        lines += session.confinement.notices
        lines += session.notices + [session.paths.notice].compactMap(\.self)
        if session.sudo?.wasMissed ?? false {
            lines.append("sudo was called where it keeps no variables: what it fetched was not led through the agent")
        }
        let rules = policy.session
        if !book.ordinaryGaps.isEmpty, rules.gaps >= .warn, isAudit || rules.gaps == .warn {
            let word = rules.gaps == .block ? "would block" : "warns"
            lines.append("session.gaps \(word): the record has \(book.ordinaryGaps.count) kind(s) of gap")
        }
        let stores = book.restoredGaps.map(\.host).sorted().joined(separator: ", ")
        if !stores.isEmpty, rules.restoredUnverified >= .warn, isAudit || rules.restoredUnverified == .warn {
            let word = rules.restoredUnverified == .block ? "would block" : "warns"
            lines.append("session.restored_unverified \(word): packages may have come from earlier runs, by \(stores)")
        }
        return lines + unasked(book)
    }

    /// What the obeyed manifest lists and nobody asked for.
    private func unasked(_ book: RecordBook) -> [String] {
        guard session.plan.isLocked, let locked = try? session.plan.ownManifest() else { return [] }
        let asked = Set(book.inputs.map(\.purl))
        let names = Set(locked.inputs.map(\.purl)).subtracting(asked).map(\.description).sorted()
        return names.prefix(10).map { "\($0) is in the lock and was not asked for" }
            + (names.count > 10 ? ["and \(names.count - 10) more in the lock were not asked for"] : [])
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
            policy: Predicate.PolicyUse(
                digest: plan.policy.digest,
                mode: plan.policy.mode.rawValue,
                organisation: plan.organisation?.digest
            ),
            documents: documents
        )
        predicate.source = report.source.map {
            Predicate.Source(repository: $0.repository, commit: $0.commit, ref: $0.ref, isDirty: $0.isDirty)
        }
        predicate.isolation = Predicate.Isolation(
            tier: report.isolation.tier,
            isComplete: report.isolation.isComplete,
            reason: report.isolation.reason
        )
        predicate.counts.inputs = Int64(book.inputs.count)
        predicate.counts.denied = Int64(book.blocked.count)
        predicate.counts.wouldBlock = Int64(book.wouldDeny)
        predicate.counts.warned = Int64(book.warned)
        predicate.counts.gaps = Int64(book.gaps.count)
        return predicate
    }

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
