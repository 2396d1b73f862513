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
        let refused = denials(report.blocked, "blocked", .bad) + denials(report.wouldBlock, "would block", .doubtful)
        lines += refused + hidden
        if (report.blocked + report.wouldBlock + missed).contains(where: { $0.exemption != nil }) {
            lines.append(
                Line("  exempt    such a line goes under exempt: in the policy file, with your reason", .quiet)
            )
        }
        let shown = warned
        lines += shown.prefix(10).map { Line("  warned    \($0)", .doubtful) }
        if shown.count > 10 { lines.append(Line("  warned    \(shown.count - 10) times more, see the report")) }
        lines += changes.map { Line("  " + $0) }
        lines += notices.map { Line("  warning   \($0)", .doubtful) }
        lines += report.gaps.map { Line("  gap       \(GapWords.line($0))", .doubtful) }
        if let savings { lines.append(Line("  saved     \(savings)")) }
        for artifact in papers.artifacts {
            let digest = artifact.output.digests.first?.hex.prefix(16) ?? ""
            lines.append(Line("  artifact  \(artifact.output.path)  sha256:\(digest)…"))
        }
        return lines + heldBack + closing + difference.map { Line($0) }
    }

    /// Quiet where the command did well without it, else with all that helps.
    private var hidden: [Line] {
        guard missed.isEmpty else { return denials(missed, "hidden from an index", .doubtful, limit: 5) }
        return denials(hiddenByPolicy, "hidden from an index", .quiet, limit: 3, isBrief: true)
    }

    private var closing: [Line] {
        let signed = papers.isSigned ? "signed" : "not signed: no key"
        var lines = [
            Line("  policy    \(plan.policy.mode.rawValue), \(plan.policySource)"),
            Line("  manifest  \(relative(files.manifest))  statement \(relative(files.statement)) (\(signed))"),
            Line("  report    \(relative(files.report)) has every verdict, fetch and gap"),
        ]
        if let kept = files.kept, !plan.isLocked {
            lines.append(
                Line("  kept      \(relative(kept)) as it was: this run did not get all that the build needs")
            )
        }
        if let build {
            let place = plan.registry.map { " to \($0.base.redacted)\($0.repository)" } ?? ""
            lines.append(Line("  pushed    build \(build)\(place), channel dev"))
            lines.append(Line("  next      purser promote \(build) --to staging", .quiet))
        }
        if plan.wantsPush, build == nil, failures.isEmpty {
            lines.append(Line("  pushed    nothing: the command failed", .doubtful))
        }
        lines.append(Line("  covered   " + covered, .quiet))
        return lines
    }

    private var arrivals: [[String]] {
        arrived.map { row in
            var columns = [row.type.padding(8), "\(row.inputs) input\(row.inputs == 1 ? " " : "s")"]
            columns += [Outcome.size(row.bytes), "\(row.hits) from caches"]
            if arrived.contains(where: { $0.restored > 0 }) {
                columns.append("\(row.restored) from a store of the client's")
            }
            return columns
        }
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
        limit: Int = 20,
        isBrief: Bool = false
    ) -> [Line] {
        let packages = RefusedPackage.gather(denials)
        var lines: [Line] = []
        for package in packages.prefix(limit) {
            let denial = package.told
            let others = package.others.map { "; \($0)" } ?? ""
            lines.append(Line("  \(title): \(denial.subject) \(denial.message) [\(denial.rule)]\(others)", tone))
            for (label, text) in isBrief ? [] : denial.explanation.rows {
                lines.append(Line("      \(label)\(label == "to exempt it" ? ":" : "") \(text)"))
            }
        }
        if packages.count > limit {
            let more = "and \(packages.count - limit) packages more, see \(relative(files.report))"
            lines.append(Line("  \(title): \(more)", tone))
        }
        return lines
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

extension String {
    /// With spaces up to a width.
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
