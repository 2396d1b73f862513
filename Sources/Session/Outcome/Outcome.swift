internal import Core
internal import JSONText
internal import Manifest
internal import Policy
internal import Storage

/// What a closed job says: to people as text and as a page, to scripts as an event.
struct Outcome: Sendable {
    let papers: Papers
    let files: PaperFiles
    let plan: Plan
    let news: News
    /// The build's name at the registry, once it is there.
    let build: String?
    /// What went wrong beside denials.
    let failures: [Problem]
    /// How the run differs from the manifest that it had to obey.
    let difference: [String]

    var isDenied: Bool { !papers.report.blocked.isEmpty }
    var isWhole: Bool { !isDenied && failures.isEmpty }

    /// The first thing that a person wants to know.
    var verdict: Line {
        let report = papers.report
        let denied = Set(report.blocked.map(\.subject)).count
        let problems = failures.isEmpty ? nil : "\(failures.count) problem\(failures.count == 1 ? "" : "s")"
        let wrong = [denied > 0 ? "\(denied) denied" : nil, problems].compactMap(\.self).joined(separator: ", ")
        if !wrong.isEmpty { return Line("failed: \(wrong)", .bad) }
        if let status = report.status, status != 0 { return Line("the command ended with \(status)", .bad) }
        let would = Set(report.wouldBlock.map(\.subject)).count
        guard would == 0 else { return Line("passed, but enforce would deny \(would)", .doubtful) }
        return Line("passed", .good)
    }

    var headline: String {
        let count = papers.manifest.inputs.count
        let hits = papers.report.traffic.hits
        let bytes = papers.book.arrivals.values.reduce(0) { $0 + $1.bytes }
        return "\(count) input\(count == 1 ? "" : "s"), \(Outcome.size(bytes)), \(hits) from caches"
    }

    /// What did not have to be fetched; nil where everything had.
    var savings: String? {
        let traffic = papers.report.traffic
        guard traffic.hits > 0 else { return nil }
        let bytes = max(0, traffic.bytesServed - traffic.bytesFetched)
        return "\(traffic.hits) fetch\(traffic.hits == 1 ? "" : "es") and \(Outcome.size(bytes)) by caches"
    }

    /// Where an artifact can be had once it is pushed.
    func link(to output: Output) -> String? {
        guard build != nil, let registry = plan.registry,
            let digest = output.digests.first(where: { $0.algorithm == .sha256 })
        else { return nil }
        return "\(registry.base.redacted)api/v1/blobs/sha256/\(digest.hex)"
    }

    static func size(_ bytes: Int64) -> String {
        if bytes < 10_000 { return "\(bytes) B" }
        return bytes < 10_000_000 ? "\(bytes / 1_000) kB" : "\(bytes / 1_000_000) MB"
    }

    /// One of each (subject, rule), in the order in which they came.
    static func unique(_ denials: [RunReport.Denial]) -> [RunReport.Denial] {
        var seen: Set<String> = []
        return denials.filter { seen.insert("\($0.subject) \($0.rule)").inserted }
    }

    /// For scripts.
    var event: [String: JSON] {
        let report = papers.report
        return [
            "status": report.status.map { .integer(Int64($0)) } ?? .null,
            "verdict": .string(verdict.text),
            "inputs": .integer(Int64(papers.manifest.inputs.count)),
            "hits": .integer(report.traffic.hits),
            "requests": .integer(report.traffic.requests),
            "bytes-fetched": .integer(report.traffic.bytesFetched),
            "bytes-served": .integer(report.traffic.bytesServed),
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
            "new": .array(news.fresh.prefix(1_000).map { .string($0.description) }),
            "blocked": .array(Outcome.unique(report.blocked).prefix(1_000).map(Outcome.event)),
            "would-block": .array(Outcome.unique(report.wouldBlock).prefix(1_000).map(Outcome.event)),
            "artifacts": .array(papers.artifacts.map { .string($0.output.path) }),
            "build": build.map(JSON.string) ?? .null,
            "warnings": .strings(papers.warnings),
        ]
    }

    private static func event(_ denial: RunReport.Denial) -> JSON {
        .object([
            "subject": .string(denial.subject),
            "rule": .string(denial.rule),
            "message": .string(denial.message),
            "allowed-from": denial.allowedFrom.map { .string("\($0)") } ?? .null,
            "exemption": denial.exemption.map(JSON.string) ?? .null,
            "step": (denial.asked?.step).map(JSON.string) ?? .null,
        ])
    }
}
