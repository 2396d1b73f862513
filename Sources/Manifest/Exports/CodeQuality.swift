internal import Core
internal import JSONText

/// What a run complained of, as GitLab shows it in a merge request: a Code Quality report (Code Climate's form).
public struct CodeQuality: Sendable {
    private let report: RunReport
    /// The file beside which a complaint is shown, relative to the project; no complaint is about a line of it.
    private let path: String
    /// Names a complaint, so that GitLab tells a new one from one that was there.
    private let fingerprint: @Sendable (String) -> String

    public init(_ report: RunReport, path: String, fingerprint: @escaping @Sendable (String) -> String) {
        self.report = report
        self.path = path
        self.fingerprint = fingerprint
    }

    /// A list, empty where there is nothing to complain of; the worst first, then by rule and subject.
    public func bytes() -> [UInt8] {
        var seen: Set<String> = []
        let entries = complaints.filter { seen.insert("\($0.check) \($0.subject)").inserted }
        return JSON.array(entries.map(json)).prettyBytes()
    }

    private struct Complaint {
        var check: String
        var severity: Severity
        var subject: String
        var text: String
    }

    /// GitLab's words, the worst first.
    private enum Severity: String {
        case blocker, critical, major, minor, info
    }

    private var complaints: [Complaint] {
        let blocked = report.blocked.map { complaint($0, .blocker, "denied") }
        let problems = report.problems.filter { $0.code != .policyDenied }.map { problem in
            let text = "\(problem.subject) \(problem.summary). \(problem.remedy)"
            return Complaint(check: problem.code.rawValue, severity: .critical, subject: problem.subject, text: text)
        }
        let would = report.wouldBlock.map { complaint($0, .major, "would be denied under enforce") }
        let warned = report.verdicts.flatMap { verdict in
            verdict.findings.filter { $0.action == "warn" }.map { remark in
                let subject = verdict.purl.description
                let text = "\(subject): \(remark.message)"
                return Complaint(check: remark.rule, severity: .minor, subject: subject, text: text)
            }
        }
        let gaps = report.gaps.map { gap in
            let subject = gap.host.isEmpty ? gap.kind : "\(gap.kind) \(gap.host)"
            let text = "not covered by the record: \(subject), \(gap.count) times"
            return Complaint(check: "session.gaps", severity: .info, subject: subject, text: text)
        }
        return [blocked, problems, would, warned, gaps].flatMap { group in
            group.settled(by: { SortKey($0.check, $0.subject, $0.text) }, merging: { first, _ in first })
        }
    }

    private func complaint(_ denial: RunReport.Denial, _ severity: Severity, _ word: String) -> Complaint {
        let rows = denial.explanation.rows.map { "\($0.label): \($0.text)" }
        let text = (["\(denial.subject) \(word): \(denial.message)"] + rows).joined(separator: "; ")
        return Complaint(check: denial.rule, severity: severity, subject: denial.subject, text: text)
    }

    private func json(_ complaint: Complaint) -> JSON {
        [
            "description": .string(printable(complaint.text)),
            "check_name": .string("purser \(complaint.check)"),
            "fingerprint": .string(fingerprint("\(complaint.check) \(complaint.subject)")),
            "severity": .string(complaint.severity.rawValue),
            "location": ["path": .string(path), "lines": ["begin": 1]],
        ]
    }
}
