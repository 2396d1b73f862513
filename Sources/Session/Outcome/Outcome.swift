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
        let codes = Set(failures.map(\.code.rawValue)).sorted()
        let more = codes.count > 3 ? ["and \(codes.count - 3) kinds more"] : []
        let wrong = (denied > 0 ? ["\(denied) denied"] : []) + codes.prefix(3) + more
        if !wrong.isEmpty { return Line("failed: \(wrong.joined(separator: ", "))", .bad) }
        if let status = report.status, status != 0 { return Line(Outcome.ending(status) + afterHiding, .bad) }
        let would = Set(report.wouldBlock.map(\.subject)).count
        guard would == 0 else { return Line("passed, but enforce would deny \(would)", .doubtful) }
        return Line("passed", .good)
    }

    /// A client that misses what an index did not show says that it is not there, and not why.
    private var afterHiding: String {
        let count = Set(papers.book.hidden.filter { $0.rule != "locked" }.map(\.subject)).count
        return count == 0 ? "" : "; policy had hidden \(count) release\(count == 1 ? "" : "s") from it"
    }

    private static func ending(_ status: Int32) -> String {
        switch status {
        case 127: "the command was not found, or did not find one of its own (127)"
        case 130: "the command was interrupted (130)"
        case 137: "the command was killed (137)"
        case 143: "the command was told to end (143)"
        default: "the command ended with \(status)"
        }
    }

    var headline: String {
        let count = papers.manifest.inputs.count
        let hits = papers.report.traffic.hits
        let bytes = papers.book.arrivals.values.reduce(0) { $0 + $1.bytes }
        let restored = papers.book.restored.values.reduce(0, +)
        return "\(count) input\(count == 1 ? "" : "s"), \(Outcome.size(bytes)), \(hits) from caches"
            + (restored > 0 ? ", \(restored) from stores of the clients" : "")
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

    /// For scripts.
    var event: [String: JSON] {
        let report = papers.report
        let heldBack = report.attempts.reduce(Int64(0)) { $0 + Int64($1.count) }
        let event: [String: JSON] = [
            "status": report.status.map { .integer(Int64($0)) } ?? .null,
            "verdict": .string(verdict.text),
            "inputs": .integer(Int64(papers.manifest.inputs.count)),
            "hits": .integer(report.traffic.hits),
            "requests": .integer(report.traffic.requests),
            "bytes-fetched": .integer(report.traffic.bytesFetched),
            "bytes-served": .integer(report.traffic.bytesServed),
            "denied": .integer(Int64(report.blocked.count)),
            "would-deny": .integer(Int64(papers.book.wouldDeny)),
            "warned": .integer(Int64(papers.book.warned)),
            "gaps": .integer(Int64(report.gaps.count)),
            "held-back": .integer(heldBack),
            "mode": .string(report.policy.mode),
            "signed": .bool(papers.isSigned),
            "manifest": .string(files.manifest),
            "manifest-digest": .string(Digest.sha256(of: papers.manifestBytes).description),
            "statement": .string(files.statement),
            "report": .string(files.report),
            "new": .array(news.fresh.prefix(1_000).map { .string($0.description) }),
            "blocked": .array(RefusedPackage.gather(report.blocked).prefix(1_000).map(Outcome.event)),
            "would-block": .array(RefusedPackage.gather(report.wouldBlock).prefix(1_000).map(Outcome.event)),
            "artifacts": .array(papers.artifacts.map { .string($0.output.path) }),
            "build": build.map(JSON.string) ?? .null,
            "warnings": .strings(notices),
        ]
        return event.merging(coverage) { first, _ in first }
    }

    /// What came in by ecosystem, and what the record may lack.
    private var coverage: [String: JSON] {
        let report = papers.report
        return [
            "gap-list": .array(report.gaps.map(Outcome.event)),
            "ecosystems": .object(Dictionary(arrived.map { ($0.type, Outcome.event($0)) }) { first, _ in first }),
            "isolation": .string(report.isolation.tier),
            "complete": .bool(report.isolation.isComplete),
            "warned-of": .strings(warned),
        ]
    }

    private static func event(_ gap: RunReport.GapCount) -> JSON {
        .object(["kind": .string(gap.kind), "host": .string(gap.host), "count": .integer(gap.count)])
    }

    private static func event(_ arrived: Arrived) -> JSON {
        .object([
            "inputs": .integer(Int64(arrived.inputs)), "bytes": .integer(arrived.bytes),
            "hits": .integer(Int64(arrived.hits)), "restored": .integer(Int64(arrived.restored)),
        ])
    }

    private static func event(_ package: RefusedPackage) -> JSON {
        let denial = package.told
        return .object([
            "releases": .array(package.denials.prefix(1_000).map { .string($0.subject) }),
            "subject": .string(denial.subject),
            "rule": .string(denial.rule),
            "message": .string(denial.message),
            "allowed-from": denial.allowedFrom.map { .string("\($0)") } ?? .null,
            "evidence": denial.evidence.map(JSON.string) ?? .null,
            "newest-allowed": denial.newestAllowed.map(JSON.string) ?? .null,
            "exemption": denial.exemption.map(JSON.string) ?? .null,
            "step": (denial.asked?.step).map(JSON.string) ?? .null,
        ])
    }
}
