internal import Core
internal import Ecosystems
internal import Evidence
internal import Gateway
internal import Manifest
internal import Policy
internal import Synchronization

/// `purser policy explain PURL`: what every rule makes of a release now, on which facts, from which documents; and what
/// the last run said of it.
public enum VerdictVerb {
    public static func perform(_ invocation: Invocation, _ text: String) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try await Plan.prepare(invocation)
            let purl = try purl(text)
            let last = lastRun(purl, plan)
            if purl.version != nil {
                for line in try await explained(purl, plan) { console.result(line) }
            } else if last.isEmpty {
                throw Problem(
                    .notFound,
                    subject: purl.description,
                    summary: "is not among the verdicts of the last run, and names no version to judge now",
                    remedy: "Add a version: purser policy explain \(purl)@VERSION"
                )
            }
            for line in last { console.result(line) }
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func purl(_ text: String) throws(Problem) -> Purl {
        do throws(Malformed) { return try Purl(parsing: text) } catch {
            throw Problem(
                .usageInvalid,
                subject: text,
                summary: "is no purl: \(error)",
                remedy: "Write it as pkg:TYPE/NAME@VERSION, for example pkg:pypi/requests@2.32.3."
            )
        }
    }

    /// Judges the release as if it were asked for now; nothing of it is fetched but documents.
    private static func explained(_ purl: Purl, _ plan: Plan) async throws(Problem) -> [String] {
        let ground = try Ground.prepare(plan, isReplay: false)
        defer { ground.paths.remove() }
        let reading = ReadingList()
        let gateway = Gateway(
            try Session.gatewayConfiguration(plan, nil, ground),
            upstream: try SessionUpstream.make(plan, nil),
            stores: ground.stores,
            recorder: reading
        )
        guard let explained = try await gateway.explain(purl) else {
            throw Problem(
                .usageInvalid,
                subject: purl.description,
                summary: "is of a type that is not read here",
                remedy: "Types: \(Catalog.all.map(\.type).joined(separator: ", "))."
            )
        }
        let verdict = explained.verdict
        let word = verdict.isDenied ? "denied" : verdict.wouldBlock ? "would be denied" : verdict.outcome.word
        return ["\(purl)  \(word)  (mode \(plan.policy.mode.rawValue))"] + facts(explained.facts)
            + ["rules"] + rules(explained) + ["from"] + sources(reading, plan)
    }

    private static func facts(_ facts: Facts) -> [String] {
        let published = facts.artifact?.published ?? facts.release.published
        let claims = facts.claims.map { "\($0.digest.algorithm.rawValue) (\($0.by))" }
        let origin = "\(facts.origin)\(facts.isPublicOrigin ? " (public)" : "")"
        let advisories = facts.advisories.map { $0.isEmpty ? "none" : $0.map(\.id).joined(separator: ", ") }
        var rows: [(String, String)] = []
        rows.append(("published", published.map { "\($0.time) (\($0.basis.rawValue))" } ?? "not known"))
        rows.append(("origin", origin))
        rows.append(("digests", claims.isEmpty ? "none known beforehand" : claims.joined(separator: ", ")))
        rows.append(("publisher", facts.release.evidence?.kind.rawValue ?? "no evidence"))
        rows.append(("licence", facts.release.license ?? "not known"))
        rows.append(("advisories", advisories ?? "no data"))
        if let file = facts.artifact?.file, !file.isEmpty { rows.insert(("file", file), at: 0) }
        if let yanked = facts.artifact?.yanked ?? facts.release.yanked { rows.append(("yanked", yanked.reason)) }
        return rows.map { "  \(padded($0.0, 11)) \($0.1)" }
    }

    private static func rules(_ explained: Gateway.Explained) -> [String] {
        let width = explained.views.map(\.rule.count).max() ?? 0
        return explained.views.flatMap { view -> [String] in
            guard let finding = view.finding else { return ["  \(padded(view.rule, width))  –"] }
            var lines = ["  \(padded(view.rule, width))  \(finding.action.word)  \(finding.message)"]
            let space = String(repeating: " ", count: width + 4)
            if !finding.evidence.isEmpty { lines.append("\(space)\(finding.evidence)") }
            if let time = finding.allowedFrom { lines.append("\(space)allowed from \(time)") }
            if finding.action == .block { lines.append("\(space)to exempt it: \(finding.exemption)") }
            return lines
        }
    }

    /// The documents that were read, and the data, each with its digest.
    private static func sources(_ reading: ReadingList, _ plan: Plan) -> [String] {
        let documents = reading.documents.map { "  \($0.url)  \($0.digest)" }
        let data = plan.datasets.snapshots.map { set in
            "  \(set.name) \(PolicyFile.Dataset(rawValue: set.name).flatMap(plan.path(of:)) ?? "")  \(set.digest)"
        }
        let layers = plan.policyFile.layers.map { "  policy \($0.name)  \($0.digest)" }
        let all = documents + data + layers
        return all.isEmpty ? ["  nothing: every fact is as the name says"] : all
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// What the report of the last run says; empty where there is none, or nothing in it.
    private static func lastRun(_ purl: Purl, _ plan: Plan) -> [String] {
        guard let report = try? RunReport.read(plan.path(plan.options.text("report") ?? "purser-run.json")) else {
            return []
        }
        let lines = explanation(of: purl, in: report)
        guard !lines.isEmpty else { return [] }
        let isSame = report.policy.digest == plan.policy.digest
        return ["the last run (mode \(report.policy.mode)\(isSame ? "" : "; the policy has changed since"))"]
            + lines.map { "  \($0)" }
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
                lines += denial.explanation.rows.map { "  \($0.label): \($0.text)" }
            }
        }
        return lines
    }
}

/// Takes down which documents were read.
private final class ReadingList: Recorder {
    private let found = Mutex<[(url: String, digest: String)]>([])

    var documents: [(url: String, digest: String)] { found.withLock { $0 } }

    func record(_ event: GatewayEvent) async throws(Problem) {
        guard case .answered(let answer) = event else { return }
        let digest = answer.body.map { "\($0)" } ?? "status \(answer.status)"
        found.withLock { $0.append((answer.finalURL.redacted, digest)) }
    }
}
