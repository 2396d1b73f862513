internal import Core
internal import Isolation
internal import Kernel
internal import Policy

/// What the session's command runs in: nothing, or a seal. It is begun before the session, settled when the session is
/// up, and starts the command.
struct Enclosure: Sendable {
    let confinement: Confinement
    private let seal: Seal?
    private let canary: SealedCanary?
    /// The first process inside, by which steps enter.
    private(set) var entrance: Int32?
    /// Who may begin it once more by root's hand; nil where that was tried or is not to be.
    private var executable: String?

    /// Settings only.
    static let none = Enclosure(confinement: .none, seal: nil, canary: nil)

    /// Begins what the plan wants. `auto` that cannot have it goes on without and says why.
    /// Steps enter a seal as the user, so that theirs cannot be root's.
    static func begin(_ plan: Plan, executable: String, forSteps: Bool = false) async throws(Problem) -> Enclosure {
        guard plan.isolation != .none else { return .none }
        do throws(ConfinementError) {
            let seal = try Seal.begin(executable, plan.environment)
            let canary = try await SealedCanary.start(in: seal, executable, plan.environment)
            let again = forSteps ? nil : executable
            return Enclosure(confinement: .none, seal: seal, canary: canary, executable: again)
        } catch { return try without(plan, error) }
    }

    /// Nil where root does not help either, or does not want to.
    private static func beginAsRoot(_ plan: Plan, _ executable: String) async -> Enclosure? {
        do throws(ConfinementError) {
            guard let seal = try Seal.beginAsRoot(executable, plan.environment) else { return nil }
            let canary = try await SealedCanary.start(in: seal, executable, plan.environment)
            return Enclosure(confinement: .none, seal: seal, canary: canary)
        } catch { return nil }
    }

    /// Finishes it around the session, and proves that it leads to us.
    func settle(_ session: Session) async throws(Problem) -> Enclosure {
        guard let seal, let canary else { return self }
        let sealed: (confinement: Confinement, entrance: Int32)
        do throws(ConfinementError) { sealed = try await session.surround(seal) } catch {
            await seal.end()
            guard let executable, let other = await Enclosure.beginAsRoot(session.plan, executable) else {
                return try Enclosure.without(session.plan, error)
            }
            return try await other.settle(session)
        }
        try await canary.check(session)
        return Enclosure(confinement: sealed.confinement, seal: seal, canary: nil, entrance: sealed.entrance)
    }

    var isSealed: Bool { seal != nil }

    /// Outside a seal, which proves itself, the canary asks.
    func prove(_ session: Session, _ canary: Canary?, _ executable: String) async throws(Problem) {
        guard !isSealed else { return }
        if let canary { return try await canary.check(session) }
        try await Canary.start(executable, session.plan.environment).check(session)
    }

    /// Starts the session's command.
    func start(_ command: ChildCommand) async throws(SpawnError) -> ChildProcess {
        guard let seal else { return try ChildProcess.spawn(command) }
        return try await seal.start(command)
    }

    func end() async { await seal?.end() }

    /// The seal of a started session, by its first process, for one more step.
    static func entering(_ entrance: Int32, _ invocation: Invocation) throws(Problem) -> Enclosure {
        do throws(ConfinementError) {
            let seal = try Seal.join(entrance, invocation.executable, invocation.environment)
            return Enclosure(confinement: .none, seal: seal, canary: nil, entrance: entrance)
        } catch {
            throw Problem(
                .commandNotStarted,
                subject: "purser exec",
                summary: "cannot enter the session's seal (\(error))",
                remedy: "Run `purser start` again; a step outside the seal would not be covered.",
                reason: "not-executable"
            )
        }
    }

    private static func without(_ plan: Plan, _ error: ConfinementError) throws(Problem) -> Enclosure {
        guard case .auto = plan.isolation else {
            throw Problem(
                .usageInvalid,
                subject: "--isolation \(Tier.seal.rawValue)",
                summary: "cannot be had on this machine: \(error)",
                remedy: "Run `purser doctor` for what works here, or use --isolation auto, which takes the strongest."
            )
        }
        var confinement = Confinement.none
        confinement.notices = ["isolation is none: seal cannot be had here (\(error))"]
        return Enclosure(confinement: confinement, seal: nil, canary: nil)
    }
}

extension Plan {
    /// What was asked for.
    enum Isolation: Hashable, Sendable {
        case none, auto, seal
    }

    /// The option; where nobody gave it, what an enforced policy demands.
    static func isolation(_ options: Options, _ policy: Policy) throws(Problem) -> Isolation {
        let word = try options.choice("isolation", of: ["none", "auto", "fence", "seal"])
        if options.source("isolation") == .fallback, policy.mode == .enforce, policy.session.isolation > .none {
            return .seal
        }
        switch word {
        case "auto": return .auto
        case "seal": return .seal
        case "fence":
            throw options.invalid(
                "isolation",
                "is not offered by this build of Purser",
                "Use --isolation seal, which holds back more, or auto."
            )
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
    /// Of a session of several steps: nobody can tell which steps went without it.
    var ofSteps: Confinement {
        guard tier != .none else { return self }
        var confinement = self
        confinement.isComplete = false
        let steps = "only steps that ran through purser exec were sealed"
        confinement.reason = reason.map { "\(steps); \($0)" } ?? steps
        return confinement
    }
}

extension SessionRules.Isolation {
    func isMet(by tier: Tier) -> Bool { tier >= (Tier(rawValue: rawValue) ?? .seal) }
}
