internal import Core
internal import Gateway
internal import JSONText
internal import Storage
internal import Upstream

/// Moves builds from channel to channel, by pointers, through every channel in between.
extension Front {
    func promoteBuild(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let (build, repository) = try await build(match["build"], .promote, caller)
        let body = try await call.json(limit: 64 << 10)
        guard let target = body["to"]?.string, let end = repository.channels.firstIndex(of: target) else {
            throw .malformed("to", "must be one of \(repository.channels.joined(separator: ", "))")
        }
        guard let last = build.channels.last, let start = repository.channels.firstIndex(of: last), start < end else {
            throw Front.conflict(build.id, "is in \(build.channels.last ?? "no channel") already, not below \(target)")
        }
        var promoted: [JSON] = []
        for place in start..<end {
            let step = (from: repository.channels[place], to: repository.channels[place + 1])
            let (verdicts, refusal) = try await take(build, step, caller)
            let gates: JSON = ["channel": .string(step.to), "gates": .array(verdicts.map(\.json))]
            if let refusal { return try refused(refusal, promoted: promoted, failed: gates) }
            promoted.append(gates)
        }
        return Replies.json(["promoted": .array(promoted)])
    }

    private func take(
        _ build: BuildRecord,
        _ step: (from: String, to: String),
        _ caller: Caller
    ) async throws(Declined) -> ([GateVerdict], Declined?) {
        let verdicts = try await gates(build, into: step.to)
        let text = String(decoding: JSON.array(verdicts.map(\.json)).canonicalBytes(), as: UTF8.self)
        let change = PromotionStep(build: build.id, in: build.repository, from: step.from, to: step.to, gates: text)
        let now = configuration.now()
        do {
            let failed = verdicts.filter { !$0.passed }
            guard failed.isEmpty else {
                try await records.refuse(change, by: caller.actor, at: now)
                return (verdicts, Front.stopped(build.id, step.to, failed))
            }
            return (verdicts, Front.refusal(try await records.promote(change, by: caller.actor, at: now), change))
        } catch { throw Declined(error) }
    }

    /// The problem, with what was promoted before it and the verdicts of the gates that were asked.
    private func refused(_ refusal: Declined, promoted: [JSON], failed: JSON) throws(Declined) -> Reply {
        var reply = Replies.problem(refusal, in: nil)
        guard case .bytes(let bytes) = reply.body, let problem = try? JSON(parsing: bytes),
            var members = problem.members
        else { return reply }
        members["promoted"] = .array(promoted)
        members["refused"] = failed
        reply.body = .bytes(JSON.object(members).canonicalBytes() + [0x0A])
        return reply
    }

    private static func stopped(_ build: String, _ channel: String, _ failed: [GateVerdict]) -> Declined {
        let isVersion = failed.allSatisfy { $0.gate == "version" }
        return Declined(
            Problem(
                isVersion ? .versionExists : .policyDenied,
                subject: "build \(build)",
                summary: "may not enter \(channel): "
                    + failed.map { "\($0.gate): \($0.message)" }.joined(separator: "; "),
                remedy: "Mend what the gates name and build again; promotion never changes a build.",
                rule: failed.first.map { "gate.\($0.gate)" }
            )
        )
    }

    private static func refusal(_ outcome: PromotionOutcome, _ step: PromotionStep) -> Declined? {
        switch outcome {
        case .promoted: nil
        case .alreadyThere: conflict(step.build, "is in \(step.target) already")
        case .notInSource: conflict(step.build, "is not in \(step.source) any more")
        case .gone(let file): conflict(step.build, "cannot be promoted, since \(file) was deleted")
        case .clash(let file): conflict(step.build, "cannot be promoted: \(step.target) shows another \(file)")
        }
    }

    private static func conflict(_ build: String, _ summary: String) -> Declined {
        Declined(
            Problem(
                .versionExists,
                subject: "build \(build)",
                summary: summary,
                remedy: "Look at the build with `GET /api/v1/builds/\(build)`; nothing was changed."
            )
        )
    }
}
