internal import Attestation
internal import Core
internal import Gateway
internal import Isolation
internal import JSONText
internal import Kernel
internal import Manifest
internal import Policy
internal import Storage

/// What a session leaves: the four files, written whole or not at all, and their digests.
struct Papers: Sendable {
    let manifest: BuildManifest
    let manifestBytes: [UInt8]
    let report: RunReport
    let reportBytes: [UInt8]
    let record: ReplayRecord
    let recordDigest: Digest
    let envelope: Envelope
    let envelopeBytes: [UInt8]
    let artifacts: [BuiltArtifacts.File]
    let book: RecordBook
    let isSigned: Bool
    /// For people; the report has them too.
    let warnings: [String]

    /// The name of the build at the registry.
    var build: String { String(Digest.sha256(of: envelopeBytes).hex.prefix(16)) }
}

/// Draws the papers up from the journal when the command has ended.
struct PaperWriter: Sendable {
    let session: Session
    let invocation: Invocation
    let source: SourceState
    /// The command's; nil where the job was no single command.
    let status: Int32?
    let finished: Timestamp
    /// What went wrong beside denials: each makes the record not whole.
    var problems: [Problem]

    func write(_ artifacts: BuiltArtifacts?, key: SigningKey?) async throws(Problem) -> Papers {
        try session.recorder.settle()
        let book = try readJournal()
        let manifest = manifest(book, artifacts)
        let manifestBytes = manifest.canonicalBytes()
        let record = ReplayRecord(entries: book.answers)
        let recordDigest = try stored(record)
        let lockfiles = await session.lockfiles.compare(environment: session.plan.environment, address: session.address)
        let expectations = expectations(book)
        let news = await session.recorder.news.end()
        let changed = changedLockfiles(lockfiles.report)
        let more = changed.warnings + (news.map { [$0] } ?? []) + UndeclaredRegistries.notices(book)
        let all = problems + faults(book, lockfiles.leaks, expectations) + changed.faults
        var report = report(book, lockfiles.report, expectations, all)
        report.warnings += more.filter { !report.warnings.contains($0) }
        let reportBytes = report.prettyBytes()
        let documents = Predicate.Documents(
            manifest: .sha256(of: manifestBytes),
            report: .sha256(of: reportBytes),
            record: recordDigest
        )
        let statement = Statement(
            subjects: subjects(artifacts, documents.manifest),
            predicate: try predicate(book, report, documents)
        )
        let envelope = try Envelope(signing: statement, with: key.map { [$0] } ?? [])
        return Papers(
            manifest: manifest,
            manifestBytes: manifestBytes,
            report: report,
            reportBytes: reportBytes,
            record: record,
            recordDigest: recordDigest,
            envelope: envelope,
            envelopeBytes: envelope.canonicalBytes(),
            artifacts: artifacts?.files ?? [],
            book: book,
            isSigned: key != nil,
            warnings: warnings(book) + more
        )
    }

    private func manifest(_ book: RecordBook, _ artifacts: BuiltArtifacts?) -> BuildManifest {
        BuildManifest(
            inputs: book.inputs,
            tools: Array(book.tools),
            artifacts: artifacts.map { $0.files.map(\.output) },
            gaps: book.gaps.values.map { Gap(kind: $0.kind, host: $0.host) }
        )
    }

    private func stored(_ record: ReplayRecord) throws(Problem) -> Digest {
        do throws(StorageError) { return try session.stores.record.store(record.canonicalBytes()).digest } catch {
            throw error.problem
        }
    }

    private func readJournal() throws(Problem) -> RecordBook {
        let contents: Journal.Contents
        do throws(StorageError) { contents = try Journal.read(session.paths.journal) } catch { throw error.problem }
        do throws(Malformed) {
            guard contents.isWhole else { throw Malformed("a line is torn or was changed") }
            return try RecordBook(contents.events)
        } catch {
            throw Problem(
                .storageDamaged,
                subject: "the session's journal",
                summary: "is not whole: \(error)",
                remedy: "Somebody or a full disk touched it while the job ran; nothing was signed. Run the job again."
            )
        }
    }

    /// Each makes the record not whole, or the run one that nobody should rely on.
    private func faults(
        _ book: RecordBook,
        _ leaks: [String],
        _ expectations: [RunReport.Expectation]
    ) -> [Problem] {
        let plan = session.plan
        var faults = leaks.map(leak)
        for missing in expectations where !missing.isMet { faults.append(noTraffic(missing.type)) }
        if let lost = session.recorder.failure { faults.append(lost) }
        for file in plan.settingFiles where file.isChanged { faults.append(policyChanged(file.path)) }
        guard plan.policy.mode == .enforce else { return faults }
        if book.hasStepOutside, !plan.policy.session.isolation.isMet(by: .none) { faults.append(outside) }
        if plan.policy.session.gaps == .block, !book.ordinaryGaps.isEmpty {
            faults.append(gaps(book.ordinaryGaps.map { "\($0.kind) \($0.host)" }.sorted()))
        }
        if plan.policy.session.restoredUnverified == .block, !book.restoredGaps.isEmpty {
            faults.append(restored(book.restoredGaps.map(\.host).sorted()))
        }
        return faults
    }

    private func restored(_ stores: [String]) -> Problem {
        Problem(
            .sessionGap,
            subject: "session.restored_unverified: block",
            summary: "does not allow packages from earlier runs that nobody checked: \(stores.joined(separator: ", "))",
            remedy: "Do not restore this cache, or switch it off for the job (PIP_NO_CACHE_DIR=1, UV_NO_CACHE=1).",
            rule: "session.restored_unverified",
            reason: "gap"
        )
    }

    private var outside: Problem {
        Problem(
            .policyDenied,
            subject: "session.isolation: \(session.plan.policy.session.isolation.rawValue)",
            summary: "is more than a step had that did not run through purser exec",
            remedy:
                "Run every step of the job by `purser exec -- COMMAND`; the gap outside-session says what was fetched.",
            rule: "session.isolation"
        )
    }

    private func policyChanged(_ path: String) -> Problem {
        Problem(
            .sessionPolicyChanged,
            subject: path,
            summary: "changed while the command ran",
            remedy: "The job was judged by the file as it was at the start. Do not change it from within the job."
        )
    }

    private func gaps(_ gaps: [String]) -> Problem {
        Problem(
            .sessionGap,
            subject: "session.gaps: block",
            summary: "does not allow what the record does not cover: \(gaps.prefix(5).joined(separator: ", "))",
            remedy: "Lead this traffic through the agent, or have session.gaps lowered; the report lists every gap.",
            rule: "session.gaps",
            reason: "gap"
        )
    }

    private func subjects(_ artifacts: BuiltArtifacts?, _ manifest: Digest) -> [Statement.Subject] {
        let built = (artifacts?.files ?? []).compactMap { file in
            file.output.digests.first.map { Statement.Subject(name: file.output.name, sha256: $0) }
        }
        return built.isEmpty ? [Statement.Subject(name: "purser.lock", sha256: manifest)] : built
    }

    private func expectations(_ book: RecordBook) -> [RunReport.Expectation] {
        let types = Set(session.plan.options.list("expect") + session.plan.policy.session.expect)
        // What a client took from a store of its own counts once it was held against the project's lockfile.
        return types.sorted().map { type in
            let isMet = book.ecosystems[type] != nil || book.arrivals[type] != nil || book.restored[type] != nil
            return RunReport.Expectation(type: type, isMet: isMet)
        }
    }

    private func noTraffic(_ type: String) -> Problem {
        Problem(
            .sessionNoTraffic,
            subject: type,
            summary: "was expected, but no client of that ecosystem came through the agent",
            remedy:
                "Check that the command runs its package manager with the session's environment; remove the expectation if it does not need one."
        )
    }

    private func leak(_ path: String) -> Problem {
        Problem(
            .sessionGap,
            subject: path,
            summary: "was written by the job with the agent's own address in it",
            remedy: "Restore the file, and run this client with --intercept proxy, which leaves lockfiles alone.",
            reason: "lockfile"
        )
    }
}
