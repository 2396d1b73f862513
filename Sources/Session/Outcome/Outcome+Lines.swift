internal import Core
internal import Manifest
internal import Policy

extension Outcome {
    /// What a person reads in ten seconds.
    var lines: [Line] {
        let report = papers.report
        var lines = [Line(""), Line("purser: \(headline)", .strong)]
        lines.append(Line("  verdict   \(verdict.text)", verdict.tone))
        lines += Outcome.table(arrivals).map { Line("  " + $0) }
        if let savings { lines.append(Line("  saved     \(savings)")) }
        lines += changes.map { Line("  " + $0) }
        lines += denials(report.blocked, "blocked", .bad)
        lines += denials(report.wouldBlock, "would block", .doubtful)
        lines += denials(papers.book.hidden, "hidden from an index", .quiet, limit: 3)
        lines += papers.warnings.map { Line("  warning   \($0)", .doubtful) }
        lines += report.gaps.map { Line("  gap       \($0.kind) \($0.host) (\($0.count)×)", .doubtful) }
        for artifact in papers.artifacts {
            let digest = artifact.output.digests.first?.hex.prefix(16) ?? ""
            lines.append(Line("  artifact  \(artifact.output.path)  sha256:\(digest)…"))
        }
        return lines + closing + difference.map { Line($0) }
    }

    private var closing: [Line] {
        let signed = papers.isSigned ? "signed" : "not signed: no key"
        var lines = [
            Line("  policy    \(plan.policy.mode.rawValue), \(plan.policySource)"),
            Line("  manifest  \(relative(files.manifest))  statement \(relative(files.statement)) (\(signed))"),
        ]
        if let kept = files.kept, !plan.isLocked {
            lines.append(
                Line("  kept      \(relative(kept)) as it was: this run did not get all that the build needs")
            )
        }
        if let build { lines.append(Line("  pushed    build \(build), channel dev")) }
        let rest = "--isolation seal will cover the rest once it is offered"
        lines.append(Line("  covered   the clients that follow settings; \(rest)", .quiet))
        return lines
    }

    private var arrivals: [[String]] {
        papers.book.arrivals.sorted { $0.key < $1.key }
            .map { [$0.key, "\($0.value.inputs)", Outcome.size($0.value.bytes), "\($0.value.hits) cached"] }
    }

    private var changes: [String] {
        guard let basis = news.basis else {
            return papers.manifest.inputs.isEmpty ? [] : ["new       everything: there was no manifest before"]
        }
        guard !news.fresh.isEmpty else { return [] }
        return ["new       \(news.fresh.count) since \(basis)"] + news.fresh.prefix(10).map { "new       \($0)" }
            + (news.fresh.count > 10 ? ["new       and \(news.fresh.count - 10) more"] : [])
    }

    private func denials(
        _ denials: [RunReport.Denial],
        _ title: String,
        _ tone: Line.Tone,
        limit: Int = 20
    ) -> [Line] {
        let unique = Outcome.unique(denials)
        var lines: [Line] = []
        for denial in unique.prefix(limit) {
            lines.append(Line("  \(title): \(denial.subject) \(denial.message) [\(denial.rule)]", tone))
            if let time = denial.allowedFrom { lines.append(Line("      allowed from \(time)")) }
            if let line = denial.exemption, title != "hidden from an index" {
                lines.append(Line("      to exempt it: \(line)"))
            }
        }
        if unique.count > limit {
            lines.append(Line("  \(title): and \(unique.count - limit) more, see \(relative(files.report))", tone))
        }
        return lines
    }

    private func relative(_ path: String) -> String {
        path.hasPrefix(plan.folder + "/") ? String(path.dropFirst(plan.folder.count + 1)) : path
    }

    static func table(_ rows: [[String]]) -> [String] {
        guard let first = rows.first else { return [] }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }
    }
}
