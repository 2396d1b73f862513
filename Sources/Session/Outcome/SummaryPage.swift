internal import Core
internal import Manifest
internal import Storage

/// The step's summary as Markdown: the same as the lines in the log, in the order in which people ask. What comes from
/// outside is text and never markup.
struct SummaryPage: Sendable {
    let report: RunReport
    let failures: [Problem]
    var verdict = Line("")
    var headline = ""
    var savings: String?
    /// A title and what is new.
    var news: (title: String, fresh: [String])?
    /// Inputs by ecosystem: name, inputs, bytes, from our caches, from stores of the clients.
    var arrivals: [[String]] = []
    /// What policy hid from a command that failed.
    var missed: [RunReport.Denial] = []
    /// What policy warned of.
    var warned: [String] = []
    var warnings: [String] = []
    /// How far the record can be trusted to hold everything.
    var covered = ""
    /// Name, digest and where it can be had.
    var artifacts: [(name: String, digest: String, link: String?)] = []
    /// Names of the papers.
    var papers: [String] = []

    /// Rows of one table; the run report has all.
    private static let rowLimit = 50

    var text: String {
        var text = title
        for problem in failures {
            text += "- **\(cell(problem.code.rawValue))** \(cell("\(problem.subject) \(problem.summary)"))"
            text += " — \(cell(problem.remedy))\n"
        }
        if !failures.isEmpty { text += "\n" }
        text += counts + denials + list(warned, "policy warned of") + newcomers
        text += list(report.gaps.map(GapWords.line), "gap:") + list(warnings, "warning:")
        return text + products + "\n"
    }

    private func list(_ lines: [String], _ title: String) -> String {
        guard !lines.isEmpty else { return "" }
        let more = lines.count - SummaryPage.rowLimit
        return lines.prefix(SummaryPage.rowLimit).map { "- \(title) \(cell($0))\n" }.joined()
            + (more > 0 ? "- \(title) \(more) more, see the run report\n" : "") + "\n"
    }

    private var title: String {
        let requests = "\(report.traffic.requests) request\(report.traffic.requests == 1 ? "" : "s")"
        let mark = verdict.tone == .good ? "✅ " : verdict.tone == .bad ? "❌ " : verdict.tone == .doubtful ? "⚠️ " : ""
        var text = "### Purser: \(mark)\(cell(verdict.text.isEmpty ? requests : verdict.text))\n\n"
        var facts = [headline, savings.map { "saved \($0)" } ?? "", requests].filter { !$0.isEmpty }.map(cell)
        facts.append("policy \(cell(report.policy.mode))")
        facts.append("isolation \(cell(report.isolation.tier))")
        if !covered.isEmpty { facts.append("covers \(cell(covered))") }
        if let job = report.job, let url = job.url { facts.append("[\(cell(job.name ?? "run"))](\(link(url)))") }
        text += facts.joined(separator: " · ") + "\n\n"
        return text
    }

    private var counts: String {
        guard !arrivals.isEmpty else { return "" }
        let rows = arrivals.map { "| " + $0.map(cell).joined(separator: " | ") + " |\n" }.joined()
        return "| ecosystem | inputs | bytes | from caches | from stores of the clients |\n|---|---:|---:|---:|---:|\n"
            + "\(rows)\n"
    }

    private var denials: String {
        let rows =
            RefusedPackage.gather(report.blocked).map { ("denied", $0) }
            + RefusedPackage.gather(report.wouldBlock).map { ("would be denied", $0) }
            + RefusedPackage.gather(missed).prefix(5).map { ("hidden from the command, which failed", $0) }
        guard !rows.isEmpty else { return "" }
        var text = "| | what | rule | why | allowed from | step |\n|---|---|---|---|---|---|\n"
        for (word, package) in rows.prefix(SummaryPage.rowLimit) {
            let denial = package.told
            let newest = denial.newestAllowed.map { "newest allowed: \($0)" }
            let known = [denial.evidence, newest, package.others].compactMap(\.self)
            let columns = [
                word, denial.subject, denial.rule, ([denial.message] + known).joined(separator: "; "),
                denial.allowedFrom.map { "\($0)" } ?? "–", denial.asked?.step ?? "–",
            ]
            text += "| \(columns.map(cell).joined(separator: " | ")) |\n"
        }
        text += "\n"
        if rows.count > SummaryPage.rowLimit {
            text += "\(rows.count - SummaryPage.rowLimit) more stand in the run report.\n\n"
        }
        return text + exemptions(rows.flatMap(\.1.denials))
    }

    /// Ready to be pasted into the policy.
    private func exemptions(_ denials: [RunReport.Denial]) -> String {
        let lines = denials.compactMap(\.exemption).prefix(SummaryPage.rowLimit).map(code)
        guard !lines.isEmpty else { return "" }
        return "<details><summary>to exempt them, put this into the policy file with your reason</summary>\n\n"
            + "```yaml\nexempt:\n"
            + lines.map { "  \($0)\n" }.joined() + "```\n\n</details>\n\n"
    }

    private var newcomers: String {
        guard let news, !news.fresh.isEmpty else { return "" }
        let more = news.fresh.count - SummaryPage.rowLimit
        return "<details><summary>\(news.fresh.count) new since \(cell(news.title))</summary>\n\n"
            + news.fresh.prefix(SummaryPage.rowLimit).map { "- \(cell($0))\n" }.joined()
            + (more > 0 ? "- and \(more) more\n" : "") + "\n</details>\n\n"
    }

    private var products: String {
        let attempts = report.attempts.prefix(SummaryPage.rowLimit).map { "- held back: \(cell($0.words))\n" }
        var text = attempts.joined()
        for artifact in artifacts.prefix(SummaryPage.rowLimit) {
            let name = artifact.link.map { "[\(cell(artifact.name))](\(link($0)))" } ?? cell(artifact.name)
            text += "- artifact: \(name) `\(code(artifact.digest))`\n"
        }
        for paper in papers { text += "- \(cell(paper))\n" }
        return text.isEmpty ? "" : "\n" + text
    }

    /// Text inside a table or list: nothing of it may be markup.
    private func cell(_ text: String) -> String { GitHubSurface.cell(text) }

    /// Text within a fence or between backticks, which knows no other markup.
    private func code(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "`" && $0.value >= 0x20 }))
    }

    /// An address between brackets.
    private func link(_ text: String) -> String {
        text.replacing(" ", with: "%20").replacing("(", with: "%28").replacing(")", with: "%29")
            .replacing("<", with: "%3C").replacing(">", with: "%3E").filter { !$0.isNewline }
    }
}

extension Outcome {
    var page: String {
        var page = SummaryPage(report: papers.report, failures: failures)
        page.verdict = verdict
        page.headline = headline
        page.savings = savings
        if let basis = news.basis { page.news = (basis, news.fresh.map(\.description)) }
        page.arrivals = arrived.map {
            [$0.type, "\($0.inputs)", Outcome.size($0.bytes), "\($0.hits)", "\($0.restored)"]
        }
        page.missed = missed
        page.warned = warned
        page.warnings =
            notices
            + RefusedPackage.gather(hiddenByPolicy).prefix(missed.isEmpty ? 20 : 0).map { package in
                let others = package.others.map { "; \($0)" } ?? ""
                return "hidden \(package.told.subject): \(package.told.message)\(others)"
            }
        page.covered = covered
        page.artifacts = papers.artifacts.map { artifact in
            let digest = artifact.output.digests.first.map { "\($0)" } ?? ""
            return (artifact.output.path, digest, link(to: artifact.output))
        }
        let signed = papers.isSigned ? "signed" : "not signed: no key"
        page.papers = [
            "manifest \(relative(files.manifest)) \(Digest.sha256(of: papers.manifestBytes))",
            "statement \(relative(files.statement)) (\(signed)), report \(relative(files.report))",
        ]
        if let kept = files.kept, !plan.isLocked {
            page.papers.append("\(relative(kept)) stays as it was: this run did not get all that the build needs")
        }
        if let build { page.papers.append("pushed as build \(build), channel dev") }
        page.papers += difference
        return page.text
    }

    var annotations: [String] { GitHubSurface.annotations(papers.report, failures) }
}
