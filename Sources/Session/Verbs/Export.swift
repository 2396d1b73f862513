internal import Attestation
internal import Core
internal import Kernel
internal import Manifest
internal import Storage

/// `purser export`: the papers of a run in forms that others read.
public enum Export {
    /// The forms, by the words of `--format`.
    private enum Format: String, CaseIterable {
        case cyclonedx, codequality, dotenv
    }

    /// `named` is the manifest; nil stands for that of the last run, wherever a run that failed put it. What is written goes
    /// to `output`, or to stdout.
    public static func perform(
        _ invocation: Invocation,
        manifest named: String?,
        format word: String,
        output: String?
    ) -> Int32 {
        do throws(Problem) {
            let format = try format(word)
            let plan = try Plan.local(invocation, loadsData: false)
            let papers = if let named { try StoredPapers.read(plan.path(named), plan) } else { try lastRun(plan) }
            let bytes = try bytes(papers, format, plan, invocation.version)
            guard let output else {
                StandardStreams.output(bytes)
                return 0
            }
            do throws(SystemError) { try Files.writeAtomically(plan.path(output), bytes, mode: 0o644) } catch {
                throw Problem(
                    error.isFull ? .storageFull : .configUnreadable,
                    subject: output,
                    summary: "could not be written (\(error))",
                    remedy: "Name a file in a folder that is there and writable with --output."
                )
            }
            return 0
        } catch {
            invocation.console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func format(_ word: String) throws(Problem) -> Format {
        if let format = Format(rawValue: word) { return format }
        throw Problem(
            .usageInvalid,
            subject: "--format \(word)",
            summary: "is no form that papers are exported to",
            remedy: "Choose one of \(Format.allCases.map(\.rawValue).joined(separator: ", "))."
        )
    }

    /// A run that failed leaves its manifest beside its report and the committed one alone: whose the report is, the
    /// statement says.
    private static func lastRun(_ plan: Plan) throws(Problem) -> StoredPapers {
        let report = plan.path(plan.options.text("report") ?? "purser-run.json")
        let usual = plan.path(plan.options.text("manifest") ?? "purser.lock")
        do throws(Problem) { return try StoredPapers.read(usual, plan) } catch {
            let aside = PaperFiles.folder(of: report) + "/purser-run.d/purser.lock"
            if Files.exists(aside), let papers = try? StoredPapers.read(aside, plan) { return papers }
            throw error
        }
    }

    private static func bytes(
        _ papers: StoredPapers,
        _ format: Format,
        _ plan: Plan,
        _ version: String
    ) throws(Problem) -> [UInt8] {
        let digest = Digest.sha256(of: papers.manifestBytes)
        switch format {
        case .cyclonedx:
            let statement = try? Envelope(parsing: papers.envelopeBytes).unverifiedStatement()
            let isComplete = statement?.predicate.isolation.isComplete ?? false
            return CycloneDX(papers.manifest, digest: digest, version: version, isComplete: isComplete).bytes()
        case .codequality:
            let path = plan.options.text("manifest") ?? "purser.lock"
            return CodeQuality(try report(papers), path: path) { Digest.sha256(of: Array($0.utf8)).hex }.bytes()
        case .dotenv:
            let build = String(Digest.sha256(of: papers.envelopeBytes).hex.prefix(16))
            return RunVariables(papers.manifest, try report(papers), digest: digest, build: build).bytes()
        }
    }

    private static func report(_ papers: StoredPapers) throws(Problem) -> RunReport {
        do throws(Malformed) { return try RunReport(parsing: papers.reportBytes) } catch {
            throw Problem(
                .manifestMalformed,
                subject: "the run report",
                summary: "is none: \(error)",
                remedy: "Restore the file that `purser run` or `purser finish` wrote."
            )
        }
    }
}
