internal import Core
internal import JSONText
internal import Manifest

/// What a journal adds up to: the manifest, the replay record and the outcome part of the report. Built from the
/// journal alone, so that nothing can stand in a manifest that was not written down when it happened.
struct RecordBook: Sendable {
    private(set) var inputs: [Input] = []
    private(set) var answers: [ReplayRecord.Entry] = []
    private(set) var verdicts: [RunReport.InputVerdict] = []
    private(set) var fetches: [RunReport.Fetch] = []
    /// The marks of the job's steps, in order.
    private(set) var steps: [String] = []
    private(set) var blocked: [RunReport.Denial] = []
    /// One for each rule.
    private(set) var wouldBlock: [RunReport.Denial] = []
    /// How many files these are about.
    private(set) var wouldDeny = 0
    private(set) var hidden: [RunReport.Denial] = []
    private(set) var failures: [Problem] = []
    private(set) var gaps: [String: RunReport.GapCount] = [:]
    private(set) var attempts: [RunReport.Attempt] = []
    private(set) var publications: [RunReport.Published] = []
    private(set) var traffic = RunReport.Traffic()
    private(set) var ecosystems: [String: Int] = [:]
    private(set) var warned = 0
    /// The clients that named themselves.
    private(set) var tools: Set<Tool> = []
    private var agents: Set<String> = []
    /// Inputs and bytes by ecosystem, and how many came from a cache.
    private(set) var arrivals: [String: Arrivals] = [:]

    /// By ecosystem, how many a client took from a store of its own that an earlier run had filled.
    private(set) var restored: [String: Int] = [:]

    struct Arrivals: Sendable {
        var inputs = 0
        var bytes: Int64 = 0
        var hits = 0
    }

    /// Throws `Malformed` for an event that the journal's own writer would not have written.
    init(_ events: [JSON]) throws(Malformed) {
        for event in events { try add(event) }
    }

    private mutating func add(_ event: JSON) throws(Malformed) {
        switch event["event"]?.string {
        case "fetched": try addInput(event)
        case "restored": try addRestored(event)
        case "answered": try addAnswer(event)
        case "refused": addRefusal(event)
        case "gap": addGap(event)
        case "traffic":
            let requests = min(max(event["requests"]?.integer ?? 1, 0), 1 << 32)
            traffic.requests += requests
            ecosystems[event["ecosystem"]?.string ?? "", default: 0] += Int(requests)
            if let client = event["client"]?.string, agents.insert(client).inserted {
                tools.formUnion(ClientNames.tools(in: client))
            }
        case "published": try addPublication(event)
        case "attempt": addAttempt(event)
        case "mark": if let name = event["name"]?.string, steps.last != name { steps.append(name) }
        case "credential", "connection", "start", "end": break
        default: throw Malformed("the journal has an event that is not known")
        }
    }

    /// It came in before the job, so it is no traffic of the run.
    private mutating func addRestored(_ event: JSON) throws(Malformed) {
        var input = try bare(event, HTTPURL(origin: Origin(.https, "restored.invalid"), target: "/"))
        input.origin = "restored"
        inputs.append(input)
        restored[input.purl.type, default: 0] += 1
        addVerdict(event, input)
    }

    /// Name, bytes and claims.
    private func bare(_ event: JSON, _ url: HTTPURL) throws(Malformed) -> Input {
        var input = Input(
            purl: try Purl(parsing: event.text("purl")),
            file: try event.text("file"),
            size: try event.number("size"),
            digests: (event["digests"]?.array ?? []).compactMap { $0.string.flatMap { Digest($0) } },
            url: url
        )
        input.url = try event.text("url")
        input.claimed = (event["claims"]?.array ?? []).compactMap { claim in
            guard let by = claim["by"]?.string, let digest = claim["digest"]?.string.flatMap({ Digest($0) }) else {
                return nil
            }
            // Bytes that disagreed with a claim were never committed, so no such input exists.
            return Input.Claim(by: by, digest: digest, agrees: true)
        }
        return input
    }

    private mutating func addInput(_ event: JSON) throws(Malformed) {
        var input = try bare(event, HTTPURL(event.text("url")))
        if let time = event["published"]?["time"]?.integer,
            let basis = event["published"]?["basis"]?.string.flatMap(PublishTime.Basis.init(rawValue:))
        {
            input.published = PublishTime(Timestamp(seconds: time), basis: basis)
        }
        if let kind = event["evidence"]?["kind"]?.string.flatMap(PublisherEvidence.Kind.init(rawValue:)) {
            input.evidence = PublisherEvidence(kind, isVerified: event["evidence"]?["verified"]?.bool ?? false)
        }
        input.license = event["license"]?.string
        inputs.append(input)
        let isHit = event["source"]?.string != "network"
        var arrived = arrivals[input.purl.type] ?? Arrivals()
        arrived.inputs += 1
        arrived.bytes += input.size
        arrived.hits += isHit ? 1 : 0
        arrivals[input.purl.type] = arrived
        traffic.hits += isHit ? 1 : 0
        traffic.bytesFetched += isHit ? 0 : input.size
        traffic.bytesServed += input.size
        var fetch = RunReport.Fetch(purl: input.purl, file: input.file, source: event["source"]?.string ?? "")
        fetch.sha256 = input.sha256
        fetch.asked = RecordBook.asked(event) ?? RunReport.Asked()
        fetches.append(fetch)
        addVerdict(event, input)
    }

    /// One line for what one command tried at one place, whatever its processes were numbered.
    private mutating func addAttempt(_ event: JSON) {
        var attempt = RunReport.Attempt(
            what: event["what"]?.string ?? "",
            destination: event["destination"]?.string ?? "",
            count: min(max(event["count"]?.integer ?? 1, 0), 1 << 40)
        )
        attempt.asked = RecordBook.asked(event) ?? RunReport.Asked()
        let same = attempts.firstIndex {
            $0.what == attempt.what && $0.destination == attempt.destination
                && $0.asked.command == attempt.asked.command
                && $0.asked.step == attempt.asked.step
        }
        if let same { attempts[same].count += attempt.count } else { attempts.append(attempt) }
    }

    private static func asked(_ event: JSON) -> RunReport.Asked? {
        guard let asked = event["asked"] else { return nil }
        return RunReport.Asked(
            step: asked["step"]?.string,
            client: asked["client"]?.string,
            pid: asked["pid"]?.integer.map { max(0, $0) },
            command: asked["command"]?.string
        )
    }

    private mutating func addVerdict(_ event: JSON, _ input: Input) {
        let findings = event["verdict"]?["findings"]?.array ?? []
        guard !findings.isEmpty, let outcome = event["verdict"]?["outcome"]?.string else { return }
        var verdict = RunReport.InputVerdict(purl: input.purl, file: input.file, sha256: input.sha256, outcome: outcome)
        verdict.findings = findings.map { finding in
            RunReport.Remark(
                rule: finding["rule"]?.string ?? "",
                action: finding["action"]?.string ?? "",
                message: finding["message"]?.string ?? ""
            )
        }
        if let exempt = event["verdict"]?["exempt"]?.string, !exempt.isEmpty { verdict.exemption = exempt }
        verdicts.append(verdict)
        if outcome == "warn" { warned += 1 }
        guard event["verdict"]?["would-block"]?.bool == true else { return }
        wouldDeny += 1
        // Each of them would refuse it alone: who is exempt from one is not from the next.
        for finding in findings where finding["action"]?.string == "block" {
            var denial = denial(finding, subject: input.purl.release.description)
            denial.asked = RecordBook.asked(event)
            wouldBlock.append(denial)
        }
    }

    private mutating func addRefusal(_ event: JSON) {
        let denial = denial(event, subject: event["subject"]?.string ?? "")
        if event["policy"]?.bool == true || event["code"]?.string == "policy.denied" {
            if event["hidden"]?.bool == true { hidden.append(denial) } else { blocked.append(denial) }
        } else {
            failures.append(
                Problem(
                    event["code"]?.string.flatMap(Problem.Code.init(rawValue:)) ?? .bug,
                    subject: denial.subject,
                    summary: denial.message,
                    remedy: event["remedy"]?.string ?? "Run the job again.",
                    reason: event["reason"]?.string
                )
            )
        }
    }

    private func denial(_ event: JSON, subject: String) -> RunReport.Denial {
        var denial = RunReport.Denial(
            subject: subject,
            rule: event["rule"]?.string ?? "",
            message: event["message"]?.string ?? "",
            allowedFrom: event["allowed-from"]?.integer.map { Timestamp(seconds: $0) },
            exemption: event["exemption"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        )
        denial.evidence = event["evidence"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        denial.newestAllowed = event["newest-allowed"]?.string
        denial.asked = RecordBook.asked(event)
        return denial
    }

    private mutating func addGap(_ event: JSON) {
        let kind = event["kind"]?.string ?? "unknown"
        let host = event["host"]?.string ?? ""
        var gap = gaps["\(kind) \(host)"] ?? RunReport.GapCount(kind: kind, host: host)
        gap.count += 1
        gap.bytes += event["bytes"]?.integer ?? 0
        gaps["\(kind) \(host)"] = gap
    }

    private mutating func addAnswer(_ event: JSON) throws(Malformed) {
        let query = event["query"]?.string.map { "?" + $0 } ?? ""
        let url = try HTTPURL(event.text("origin") + event.text("path") + query)
        var key = ReplayKey(method: try event.text("method"), url: url, accept: try event.text("accept"))
        key.bodyDigest = event["asking"]?.string.flatMap { Digest($0) }
        let body = event["body"]?.string.flatMap { Digest($0) }
        let size = event["size"]?.integer ?? 0
        answers.append(
            ReplayRecord.Entry(
                key: key,
                status: Int(try event.number("status")),
                headers: [ReplayRecord.Header(name: "content-type", value: try event.text("type"))],
                body: body.map { ($0, size) },
                finalURL: try HTTPURL(event.text("final"))
            )
        )
    }

    private mutating func addPublication(_ event: JSON) throws(Malformed) {
        publications.append(
            RunReport.Published(
                url: try event.text("url"),
                status: try event.number("status"),
                digest: event["digest"]?.string.flatMap { Digest($0) }
            )
        )
    }
}

extension RecordBook {
    /// A step ran without the session's wall.
    var hasStepOutside: Bool { gaps.values.contains { $0.kind == StepLedger.gap } }

    /// Gaps have a rule of their own where a store of an earlier run is one.
    var restoredGaps: [RunReport.GapCount] { gaps.values.filter { $0.kind == RestoredCheck.gap } }
    var ordinaryGaps: [RunReport.GapCount] { gaps.values.filter { $0.kind != RestoredCheck.gap } }
}

extension JSON {
    func text(_ key: String) throws(Malformed) -> String {
        guard let text = self[key]?.string else { throw Malformed("the journal's event has no '\(key)'") }
        return text
    }

    func number(_ key: String) throws(Malformed) -> Int64 {
        guard let number = self[key]?.integer else { throw Malformed("the journal's event has no '\(key)'") }
        return number
    }
}
