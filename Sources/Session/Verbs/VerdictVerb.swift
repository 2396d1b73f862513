internal import Core
internal import Manifest
internal import Policy

/// `purser policy explain PURL`: what the run report says that policy said, in full.
public enum VerdictVerb {
    public static func perform(_ invocation: Invocation, _ text: String) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try await Plan.prepare(invocation)
            let purl: Purl
            do throws(Malformed) { purl = try Purl(parsing: text) } catch {
                throw Problem(
                    .usageInvalid,
                    subject: text,
                    summary: "is no purl: \(error)",
                    remedy: "Write it as pkg:TYPE/NAME@VERSION, for example pkg:pypi/requests@2.32.3."
                )
            }
            let report = try RunReport.read(plan.path(plan.options.text("report") ?? "purser-run.json"))
            let lines = explanation(of: purl, in: report)
            guard !lines.isEmpty else {
                throw Problem(
                    .notFound,
                    subject: purl.description,
                    summary: "is not among the verdicts of the last run",
                    remedy: "Policy had nothing to say of it, or it was not asked for. Run the job, then ask again."
                )
            }
            for line in lines { console.result(line) }
            let isSame = report.policy.digest == plan.policy.digest
            console.result("policy  \(report.policy.mode)\(isSame ? "" : "; the policy has changed since that run")")
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    static func explanation(of purl: Purl, in report: RunReport) -> [String] {
        var lines: [String] = []
        func isMeant(_ subject: String) -> Bool {
            subject == purl.release.description || subject.hasPrefix(purl.release.description + "@")
        }
        for verdict in report.verdicts where isMeant(verdict.purl.release.description) {
            lines.append("\(verdict.purl)  \(verdict.outcome)  \(verdict.file)")
            lines += verdict.findings.map { "  \($0.rule): \($0.action)  \($0.message)" }
            if let exemption = verdict.exemption { lines.append("  lifted by the exemption \(exemption)") }
        }
        for (word, denials) in [("denied", report.blocked), ("would be denied", report.wouldBlock)] {
            for denial in denials where isMeant(denial.subject) {
                lines.append("\(denial.subject)  \(word)  \(denial.rule): \(denial.message)")
                if let time = denial.allowedFrom { lines.append("  allowed from \(time)") }
                if let line = denial.exemption { lines.append("  to exempt it: \(line)") }
            }
        }
        return lines
    }
}
