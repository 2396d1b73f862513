internal import Core
internal import Kernel
internal import Manifest

/// How a session speaks to GitHub's runner: a masked secret, one annotation a rule, a page in the step's summary.
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

    /// Annotations for the runner, and the page for the step's summary.
    func tell(_ annotations: [String], page: String) {
        write(annotations.map { $0 + "\n" }.joined())
        guard let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
        let there = (try? Files.stat(path, followLink: true))?.size ?? 0
        let room = GitHubSurface.pageLimit - Int(clamping: there)
        // A summary that cannot be written takes nothing from the run.
        try? Files.openAppending(path, mode: 0o644).append(Array(GitHubSurface.cut(page, to: room).utf8))
    }

    /// GitHub shows no summary of a step at all when it is longer than 1 MiB.
    static let pageLimit = 1_000_000

    /// Whole lines of the page, with a word where some are left out.
    static func cut(_ page: String, to room: Int) -> String {
        guard page.utf8.count > room else { return page }
        let end = "\n\nThe rest does not fit; it stands in the run report.\n"
        let bytes = page.utf8.prefix(max(0, room - end.utf8.count))
        guard let last = bytes.lastIndex(of: 0x0A) else { return "" }
        return String(decoding: bytes[..<last], as: UTF8.self) + end
    }

    private func write(_ text: String) { StandardStreams.error(Array(text.utf8)) }

    /// GitHub shows this many of each kind for a step and says nothing of the others.
    private static let annotationLimit = 10

    /// One line for each rule and each problem.
    static func annotations(_ report: RunReport, _ failures: [Problem]) -> [String] {
        let errors = lines(report.blocked, level: "error", "denied") + failures.map(annotation)
        let warnings = lines(report.wouldBlock, level: "warning", "would be denied")
        return cut(errors, "error") + cut(warnings, "warning")
    }

    static func annotation(_ problem: Problem) -> String {
        "::error title=\(property("purser \(problem.code.rawValue)"))::"
            + data("\(problem.subject) \(problem.summary)\n\(problem.remedy)")
    }

    private static func cut(_ lines: [String], _ level: String) -> [String] {
        guard lines.count > annotationLimit else { return lines }
        let rest = lines.count - annotationLimit + 1
        return lines.prefix(annotationLimit - 1) + ["::\(level) title=purser::and \(rest) more, see the step's summary"]
    }

    private static func lines(_ denials: [RunReport.Denial], level: String, _ word: String) -> [String] {
        Dictionary(grouping: denials, by: \.rule).sorted { $0.key < $1.key }.map { rule, denials in
            let subjects = Set(denials.map(\.subject)).sorted()
            let more = subjects.count > 5 ? " and \(subjects.count - 5) more" : ""
            let message = denials.first?.message ?? ""
            return "::\(level) title=\(property("purser \(rule)"))::"
                + data("\(subjects.count) \(word): \(subjects.prefix(5).joined(separator: ", "))\(more); \(message)")
        }
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
