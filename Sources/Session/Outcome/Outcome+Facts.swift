internal import Core
internal import Manifest

extension RunReport.Denial {
    /// `--locked` kept it out, and policy has nothing against it.
    var isByLock: Bool { rule == "locked" }
}

/// What the lines for people and the page for a CI system have in common.
extension Outcome {
    /// Inputs of one ecosystem, by where they came from.
    struct Arrived: Sendable {
        let type: String
        let inputs: Int
        let bytes: Int64
        let hits: Int
        /// Taken by the client from a store of its own that an earlier run had filled.
        let restored: Int
    }

    var arrived: [Arrived] {
        let (arrivals, restored) = (papers.book.arrivals, papers.book.restored)
        return Set(arrivals.keys).union(restored.keys).sorted().map { type in
            let came = arrivals[type] ?? RecordBook.Arrivals()
            let old = restored[type] ?? 0
            return Arrived(type: type, inputs: came.inputs + old, bytes: came.bytes, hits: came.hits, restored: old)
        }
    }

    /// What policy warned of, one line for each rule and message.
    var warned: [String] {
        var subjects: [String: [String]] = [:]
        var order: [String] = []
        for verdict in papers.report.verdicts where verdict.exemption == nil {
            for finding in verdict.findings where finding.action == "warn" {
                let key = "\(finding.message) [\(finding.rule)]"
                if subjects[key] == nil { order.append(key) }
                let subject = verdict.purl.release.description
                if subjects[key]?.contains(subject) != true { subjects[key, default: []].append(subject) }
            }
        }
        return order.map { key in
            let names = subjects[key] ?? []
            let more = names.count > 3 ? " and \(names.count - 3) more" : ""
            return "\(names.prefix(3).joined(separator: ", "))\(more) \(key)"
        }
    }

    /// Warnings of the papers, and one that the papers do not need.
    var notices: [String] {
        if plan.isLocked, (papers.report.status ?? 0) != 0, papers.report.blocked.isEmpty {
            return papers.warnings + [
                "indexes showed only what \(relative(files.kept ?? files.manifest)) lists, as --locked asks; the command may have missed another release"
            ]
        }
        guard papers.manifest.inputs.isEmpty, papers.report.traffic.requests == 0, papers.report.status ?? 0 == 0 else {
            return papers.warnings
        }
        return papers.warnings + [
            "nothing was asked for through the agent; if this job fetches packages, they went past it (--expect TYPE makes that a failure)"
        ]
    }

    /// What policy hid; what `--locked` keeps out is of interest only where it was missed.
    var hiddenByPolicy: [RunReport.Denial] { papers.book.hidden.filter { !$0.isByLock } }

    /// What was hidden, where the command failed: it may be what it missed.
    var missed: [RunReport.Denial] {
        guard (papers.report.status ?? 0) != 0 else { return [] }
        let hidden = papers.book.hidden
        // Every index that is asked under --locked lacks something; what the command missed it asked for last.
        let byPolicy = RefusedPackage.gather(hidden.filter { !$0.isByLock }).prefix(5)
        let byLock = RefusedPackage.gather(hidden.filter(\.isByLock)).suffix(5 - byPolicy.count)
        return (byPolicy + byLock).flatMap(\.denials)
    }

    /// How far the record can be trusted to hold everything.
    var covered: String {
        let isolation = papers.report.isolation
        if isolation.isComplete { return "everything: the command was sealed, nothing led out of it but the agent" }
        if isolation.tier == "seal" { return "the command was sealed, but for this: \(isolation.reason ?? "")" }
        if isolation.tier == "fence" {
            return "the command was fenced: it reached loopback and nothing else; --isolation seal covers loopback too"
        }
        if isolation.tier == "fence-port" {
            return "TCP to other ports than the agent's was refused; --isolation seal covers all clients"
        }
        return "the clients that follow settings; --isolation seal covers those too that go another way"
    }

    /// A path as somebody in the working folder would write it.
    func relative(_ path: String) -> String {
        path.hasPrefix(plan.folder + "/") ? String(path.dropFirst(plan.folder.count + 1)) : path
    }
}
