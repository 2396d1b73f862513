internal import Core
internal import Kernel
internal import Manifest
internal import Policy

/// `purser policy check`: is the policy sound, and which of its exemptions have ended or were not needed?
public enum PolicyCheck {
    /// `reports` are those of the jobs that the policy is for: an exemption that one of them used stays.
    public static func perform(_ invocation: Invocation, prune: Bool, reports: [String]) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try await Plan.prepare(invocation)
            let used = try uses(reports, plan)
            var found = 0
            for exemption in plan.policyFile.listedExemptions {
                guard let why = reason(exemption, used) else { continue }
                found += 1
                console.result("\(exemption.file) line \(exemption.line): \(exemption.purl) \(exemption.rule) \(why)")
            }
            console.line(
                "purser: the policy is sound; \(plan.policyFile.listedExemptions.count) exemptions, \(found) to be removed"
            )
            guard found > 0 else { return 0 }
            guard prune else {
                console.line("  purser policy check --prune removes them")
                return Problem.Code.policyDenied.exitStatus
            }
            try rewrite(plan, used, console)
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    /// Why an exemption should go; nil for one that should stay.
    private static func reason(_ exemption: Exemption, _ uses: [[RunReport.ExemptionUse]]) -> String? {
        if exemption.isExpired(at: Clock.now) { return "ended on \(exemption.until)" }
        // What no report speaks of may be needed; what one of them used is.
        let states = uses.map { use in use.first { $0.isOf(exemption) }?.state ?? "unknown" }
        guard !states.isEmpty, states.allSatisfy({ $0 == "unused" }) else { return nil }
        return "was not needed in \(states.count == 1 ? "the last run" : "any of \(states.count) runs")"
    }

    private static func uses(_ names: [String], _ plan: Plan) throws(Problem) -> [[RunReport.ExemptionUse]] {
        let usual = plan.path(plan.options.text("report") ?? "purser-run.json")
        let paths = names.isEmpty ? (Files.exists(usual) ? [usual] : []) : names.map(plan.path)
        var uses: [[RunReport.ExemptionUse]] = []
        for path in paths {
            let report = try RunReport.read(path)
            // A job that broke off does not show what it would have needed.
            let isWhole = (report.status ?? 0) == 0 && report.blocked.isEmpty
            uses.append(report.policy.exemptions.filter { isWhole || $0.state != "unused" })
        }
        return uses
    }

    private static func rewrite(_ plan: Plan, _ uses: [[RunReport.ExemptionUse]], _ console: Console) throws(Problem) {
        for (source, file) in plan.policyTexts {
            let (text, dropped) = try PolicyFile.pruned(
                file.text,
                name: source.name,
                allowsAgent: source.allowsAgent,
                dropping: { reason($0, uses) != nil }
            )
            guard !dropped.isEmpty else { continue }
            do throws(SystemError) {
                let mode = try Files.stat(file.path, followLink: true).permissions
                let path = try Files.realpath(file.path)
                try Files.writeAtomically(path, Array(text.utf8), mode: mode)
            } catch {
                throw Problem(
                    .configUnreadable,
                    subject: source.name,
                    summary: "could not be written (\(error))",
                    remedy: "Make the file and its folder writable."
                )
            }
            console.line("  removed \(dropped.count) from \(source.name)")
        }
    }
}

extension RunReport.ExemptionUse {
    init(_ exemption: Exemption, isUsed: Bool, now: Timestamp) {
        let state = exemption.isExpired(at: now) ? "expired" : isUsed ? "used" : "unused"
        self.init(purl: exemption.purl, rule: exemption.rule, until: exemption.until, state: state)
    }

    func isOf(_ exemption: Exemption) -> Bool {
        (purl, rule, until) == (exemption.purl, exemption.rule, exemption.until)
    }
}

extension RunReport {
    /// The report at a path.
    static func read(_ path: String) throws(Problem) -> RunReport {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: 256 << 20) } catch {
            throw Problem(
                .notFound,
                subject: path,
                summary: "could not be read (\(error))",
                remedy: "Run the job once, or name the report of a run with --report."
            )
        }
        do throws(Malformed) { return try RunReport(parsing: bytes) } catch {
            throw Problem(
                .manifestMalformed,
                subject: path,
                summary: "is no run report: \(error)",
                remedy: "Restore the file that `purser run` wrote."
            )
        }
    }
}
