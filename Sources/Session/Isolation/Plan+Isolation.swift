internal import Core
internal import Isolation
internal import Policy

extension Plan {
    /// What was asked for.
    enum Isolation: Hashable, Sendable {
        case none, auto, fence, seal
    }

    /// The option; where nobody gave it, what an enforced policy demands.
    static func isolation(_ options: Options, _ policy: Policy) throws(Problem) -> Isolation {
        let word = try options.choice("isolation", of: ["none", "auto", "fence", "seal"])
        if options.source("isolation") == .fallback, policy.mode == .enforce, policy.session.isolation > .none {
            // What is weaker than policy wants is refused before the command starts.
            return policy.session.isolation == .seal ? .seal : .auto
        }
        switch word {
        case "auto": return .auto
        case "seal": return .seal
        case "fence": return .fence
        default: return .none
        }
    }

    /// What `--reach` names.
    struct Service: Hashable, Sendable {
        let host: String
        let port: UInt16
    }

    static func services(_ options: Options) throws(Problem) -> [Service] {
        var services: [Service] = []
        for text in options.list("reach") {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]), port > 0 else {
                throw options.invalid("reach", "is not HOST:PORT", "Give a name or an IPv4 address, and a port.")
            }
            services.append(Service(host: parts[0].lowercased(), port: port))
        }
        return services
    }

    /// Better no job than one that is thought to be isolated.
    func check(_ confinement: Confinement) throws(Problem) {
        let wanted = policy.session.isolation
        guard policy.mode == .enforce, !wanted.isMet(by: confinement.tier) else { return }
        throw Problem(
            .policyDenied,
            subject: "session.isolation: \(wanted.rawValue)",
            summary: "is more than this run has (\(confinement.tier.rawValue)), so the command was not started",
            remedy: "Run with --isolation \(wanted.rawValue), or have session.isolation in \(policySource) lowered.",
            rule: "session.isolation"
        )
    }
}

extension Confinement {
    /// Of either strength.
    var isFence: Bool { tier == .fence || tier == .fencePort }

    /// Of a session of several steps: nobody can tell which steps went without it.
    var ofSteps: Confinement {
        guard tier != .none else { return self }
        var confinement = self
        confinement.isComplete = false
        let word = tier == .seal ? "sealed" : "fenced"
        let steps = "only steps that ran through purser exec were \(word)"
        confinement.reason = reason.map { "\(steps); \($0)" } ?? steps
        return confinement
    }

    /// Of a session of which a step ran outside.
    static let outside = Confinement(.none, reason: "a step ran outside: not through purser exec")
}

extension Session {
    /// What was reached, as far as the journal bears it out.
    func confinement(_ book: RecordBook) -> Confinement {
        book.hasStepOutside && confinement.tier != .none ? .outside : confinement
    }
}

extension SessionRules.Isolation {
    func isMet(by tier: Tier) -> Bool { tier >= (Tier(rawValue: rawValue) ?? .seal) }
}
