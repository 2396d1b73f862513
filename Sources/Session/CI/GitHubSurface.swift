internal import Core
internal import Kernel
internal import Manifest

/// What a GitHub job shows of a session: a masked secret, one annotation a rule, a page in the job's summary.
/// Everything that comes from outside is escaped, so that no package name can give the runner a command.
struct GitHubSurface: Sendable {
    let environment: [String: String]

    /// Nil outside GitHub.
    init?(_ environment: [String: String]) {
        guard environment["GITHUB_ACTIONS"] == "true" else { return nil }
        self.environment = environment
    }

    /// The runner removes the secret from everything the job prints.
    func mask(_ secret: Secret) { write("::add-mask::\(GitHubSurface.data(secret.reveal()))\n") }

    func tell(_ papers: Papers, failures: [Problem]) {
        write(GitHubSurface.annotations(papers.report, failures).map { $0 + "\n" }.joined())
        guard let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
        // A summary that cannot be written takes nothing from the run.
        try? Files.openAppending(path, mode: 0o644).append(Array(GitHubSurface.page(papers.report, failures).utf8))
    }

    private func write(_ text: String) { StandardStreams.error(Array(text.utf8)) }

    /// One line for each rule and each problem.
    static func annotations(_ report: RunReport, _ failures: [Problem]) -> [String] {
        let denied = lines(report.blocked, level: "error", "denied")
        let would = lines(report.wouldBlock, level: "warning", "would be denied")
        return denied + would
            + failures.map { problem in
                "::error title=\(property("purser \(problem.code.rawValue)"))::"
                    + data("\(problem.subject) \(problem.summary)\n\(problem.remedy)")
            }
    }

    private static func lines(_ denials: [RunReport.Denial], level: String, _ word: String) -> [String] {
        Dictionary(grouping: denials, by: \.rule).sorted { $0.key < $1.key }.map { rule, denials in
            let subjects = Set(denials.map(\.subject)).sorted()
            let more = subjects.count > 5 ? " and \(subjects.count - 5) more" : ""
            let first = denials.first?.explanation
            let rows = (first?.rows ?? []).map { "\n\($0.label): \($0.text)" }.joined()
            return "::\(level) title=\(property("purser \(rule)"))::"
                + data(
                    "\(subjects.count) \(word): \(subjects.prefix(5).joined(separator: ", "))\(more); "
                        + "\(first?.message ?? "")\(rows)"
                )
        }
    }

    /// The page in the job's summary, as Markdown.
    static func page(_ report: RunReport, _ failures: [Problem]) -> String {
        var text = "### Purser: \(report.traffic.requests) requests, \(report.traffic.hits) from caches\n\n"
        text += "policy \(cell(report.policy.mode)), isolation \(cell(report.isolation.tier))\n\n"
        for problem in failures {
            text += "- **\(cell(problem.code.rawValue))** \(cell("\(problem.subject) \(problem.summary)"))\n"
        }
        let rows = report.blocked.map { ("denied", $0) } + report.wouldBlock.map { ("would be denied", $0) }
        if !rows.isEmpty { text += "\n| | what | rule | why |\n|---|---|---|---|\n" }
        for (word, denial) in rows.prefix(50) {
            let why = [denial.message] + denial.explanation.rows.map { "\($0.label): \($0.text)" }
            let lines = why.map(cell).joined(separator: "<br>")
            text += "| \(word) | \(cell(denial.subject)) | \(cell(denial.rule)) | \(lines) |\n"
        }
        if rows.count > 50 { text += "\n\(rows.count - 50) more stand in the run report.\n" }
        for gap in report.gaps { text += "- gap: \(cell(gap.kind)) \(cell(gap.host)), \(gap.count)×\n" }
        return text + "\n"
    }

    /// The text behind the second `::`.
    static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    /// A value between the command's name and the second `::`.
    static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }

    /// Text inside a Markdown table: nothing of it may be markup.
    static func cell(_ text: String) -> String {
        var cell = ""
        for letter in text.unicodeScalars {
            switch letter {
            case "&": cell += "&amp;"
            case "<": cell += "&lt;"
            case ">": cell += "&gt;"
            case "|", "`", "*", "_", "[", "]", "\\", "!", "#", "~", "@": cell += "&#\(letter.value);"
            case _ where letter.properties.generalCategory == .control: cell += " "
            default: cell.unicodeScalars.append(letter)
            }
        }
        return cell
    }
}
