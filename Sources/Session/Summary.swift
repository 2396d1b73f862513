internal import Core
internal import JSONText
internal import Manifest
internal import Policy
internal import Storage

/// The end of `purser run`: what a person reads in ten seconds.
struct Summary: Sendable {
    let papers: Papers
    let old: BuildManifest?
    let files: PaperFiles
    let plan: Plan
    /// The build's name at the registry, once it is there.
    let build: String?

    func print(to console: Console) {
        console.event("summary", event)
        console.line("")
        console.line("purser: \(headline)")
        for row in table(arrivals) { console.line("  " + row) }
        for line in changes { console.line("  " + line) }
        denials(papers.report.blocked, "blocked", console)
        denials(papers.report.wouldBlock, "would block", console)
        denials(papers.book.hidden, "hidden from an index", console, limit: 3)
        for warning in papers.warnings { console.line("  warning   \(warning)") }
        for gap in papers.report.gaps { console.line("  gap       \(gap.kind) \(gap.host) (\(gap.count)×)") }
        for artifact in papers.artifacts {
            let digest = artifact.output.digests.first?.hex.prefix(16) ?? ""
            console.line("  artifact  \(artifact.output.path)  sha256:\(digest)…")
        }
        console.line("  policy    \(plan.policy.mode.rawValue), \(plan.policySource)")
        console.line(
            "  manifest  \(relative(files.manifest))  statement \(relative(files.statement))\(papers.isSigned ? " (signed)" : " (not signed: no key)")"
        )
        if let kept = files.kept, !plan.isLocked {
            console.line("  kept      \(relative(kept)) as it was: this run did not get all that the build needs")
        }
        if let build { console.line("  pushed    build \(build), channel dev") }
        console.line(
            "  covered   the clients that follow settings; --isolation seal will cover the rest once it is offered"
        )
    }

    private var event: [String: JSON] {
        let report = papers.report
        return [
            "status": report.status.map { .integer(Int64($0)) } ?? .null,
            "inputs": .integer(Int64(papers.manifest.inputs.count)),
            "hits": .integer(report.traffic.hits),
            "requests": .integer(report.traffic.requests),
            "denied": .integer(Int64(report.blocked.count)),
            "would-deny": .integer(Int64(report.wouldBlock.count)),
            "warned": .integer(Int64(papers.book.warned)),
            "gaps": .integer(Int64(report.gaps.count)),
            "mode": .string(report.policy.mode),
            "signed": .bool(papers.isSigned),
            "manifest": .string(files.manifest),
            "manifest-digest": .string(Digest.sha256(of: papers.manifestBytes).description),
            "statement": .string(files.statement),
            "report": .string(files.report),
            "build": build.map(JSON.string) ?? .null,
            "warnings": .strings(papers.warnings),
        ]
    }

    private var headline: String {
        let count = papers.manifest.inputs.count
        let hits = papers.report.traffic.hits
        let bytes = papers.book.arrivals.values.reduce(0) { $0 + $1.bytes }
        return "\(count) input\(count == 1 ? "" : "s"), \(size(bytes)), \(hits) from caches"
    }

    private var arrivals: [[String]] {
        papers.book.arrivals.sorted { $0.key < $1.key }
            .map { [$0.key, "\($0.value.inputs)", size($0.value.bytes), "\($0.value.hits) cached"] }
    }

    /// Against the manifest that lay there before.
    private var changes: [String] {
        guard let old else {
            return papers.manifest.inputs.isEmpty ? [] : ["new       everything: there was no manifest before"]
        }
        let known = Set(old.inputs.map(\.purl))
        let fresh = papers.manifest.inputs.filter { !known.contains($0.purl) }
        return fresh.prefix(10).map { "new       \($0.purl)" }
            + (fresh.count > 10 ? ["new       and \(fresh.count - 10) more"] : [])
    }

    private func denials(_ denials: [RunReport.Denial], _ title: String, _ console: Console, limit: Int = 20) {
        var seen: Set<String> = []
        let unique = denials.filter { seen.insert("\($0.subject) \($0.rule)").inserted }
        for denial in unique.prefix(limit) {
            console.line("  \(title): \(denial.subject) \(denial.message) [\(denial.rule)]")
            for (label, text) in denial.explanation.rows where title != "hidden from an index" {
                console.line("      \(label)\(label == "to exempt it" ? ":" : "") \(text)")
            }
        }
        if unique.count > limit {
            console.line("  \(title): and \(unique.count - limit) more, see \(relative(files.report))")
        }
    }

    private func relative(_ path: String) -> String {
        path.hasPrefix(plan.folder + "/") ? String(path.dropFirst(plan.folder.count + 1)) : path
    }

    private func size(_ bytes: Int64) -> String {
        if bytes < 10_000 { return "\(bytes) B" }
        return bytes < 10_000_000 ? "\(bytes / 1_000) kB" : "\(bytes / 1_000_000) MB"
    }

    private func table(_ rows: [[String]]) -> [String] {
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
