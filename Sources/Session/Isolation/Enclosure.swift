internal import Core
internal import Isolation
internal import Kernel
internal import Policy

/// What the session's command runs in: nothing, a fence or a seal. It is begun before the session, settled when the
/// session is up, and starts the command.
struct Enclosure: Sendable {
    /// What holds the command back.
    enum Wall: Sendable {
        case none
        case fence(Fence)
        case seal(Seal, SealedCanary?)

        var link: WardenLink? {
            switch self {
            case .none: nil
            case .fence(let fence): fence.link
            case .seal(let seal, _): seal.link
            }
        }
    }

    let confinement: Confinement
    private let wall: Wall
    /// The first process inside a seal, by which steps enter.
    private(set) var entrance: Int32?
    /// What steps need to make the fence once more.
    private(set) var fence: FenceNote?
    /// Who may begin something else where this cannot be had.
    private var program: OwnProgram?
    /// Steps make their walls themselves.
    private var isForSteps = false
    /// Why nothing stronger was taken.
    private var notices: [String] = []

    init(_ wall: Wall, _ confinement: Confinement = .none) {
        self.wall = wall
        self.confinement = confinement
    }

    /// Settings only.
    static let none = Enclosure(.none)

    /// Begins what the plan wants. `auto` that cannot have it goes on with what is weaker and says why.
    /// Steps enter a seal as the user, so that theirs cannot be root's.
    static func begin(_ plan: Plan, _ program: OwnProgram, forSteps: Bool = false) async throws(Problem) -> Enclosure {
        guard plan.isolation != .none else { return .none }
        if case .fence = plan.isolation { return try fenced(plan, program, [], forSteps: forSteps) }
        do throws(ConfinementError) {
            let seal = try Seal.begin(program, plan.environment)
            let canary = try await SealedCanary.start(in: seal.link)
            var enclosure = Enclosure(.seal(seal, canary))
            enclosure.program = program
            enclosure.isForSteps = forSteps
            return enclosure
        } catch { return try weaker(plan, program, error, forSteps: forSteps) }
    }

    /// Nil where root does not help either, or does not want to.
    private static func beginAsRoot(_ plan: Plan, _ program: OwnProgram) async -> Enclosure? {
        do throws(ConfinementError) {
            guard let seal = try Seal.beginAsRoot(program, plan.environment) else { return nil }
            let canary = try await SealedCanary.start(in: seal.link)
            return Enclosure(.seal(seal, canary))
        } catch { return nil }
    }

    private static func fenced(
        _ plan: Plan,
        _ program: OwnProgram,
        _ notices: [String],
        forSteps: Bool
    ) throws(Problem) -> Enclosure {
        do throws(ConfinementError) {
            var enclosure = Enclosure(.fence(try Fence.begin(program, plan.environment)))
            enclosure.program = program
            enclosure.isForSteps = forSteps
            enclosure.notices = notices
            return enclosure
        } catch { return try unfenced(plan, error, notices) }
    }

    /// Finishes it around the session, and proves that it leads to us.
    func settle(_ session: Session) async throws(Problem) -> Enclosure {
        switch wall {
        case .none: return self
        case .fence(let fence): return try await settle(session, fence)
        case .seal(let seal, let canary): return try await settle(session, seal, canary)
        }
    }

    private func settle(_ session: Session, _ seal: Seal, _ canary: SealedCanary?) async throws(Problem) -> Enclosure {
        let plan = session.plan
        let sealed: (confinement: Confinement, entrance: Int32)
        do throws(ConfinementError) { sealed = try await session.surround(seal) } catch {
            await seal.link.end()
            guard let program else { return try Enclosure.withoutSeal(plan, error) }
            if !isForSteps, let other = await Enclosure.beginAsRoot(plan, program) {
                return try await other.settle(session)
            }
            return try await Enclosure.weaker(plan, program, error, forSteps: isForSteps).settle(session)
        }
        try await canary?.check(session, Tier.seal.rawValue)
        session.recorder.attempts.open()
        var enclosure = Enclosure(.seal(seal, nil), sealed.confinement)
        enclosure.entrance = sealed.entrance
        return enclosure
    }

    private func settle(_ session: Session, _ fence: Fence) async throws(Problem) -> Enclosure {
        let plan = session.plan
        var confinement: Confinement
        let note: FenceNote
        do throws(ConfinementError) {
            (confinement, note) = try await session.enclose(fence)
            if confinement.tier == .fencePort, plan.isolation != .auto {
                let reason = confinement.notices.first ?? "connects cannot be watched"
                throw ConfinementError("\(reason); what is left is fence-port, which --isolation auto takes")
            }
        } catch {
            await fence.link.end()
            return try Enclosure.unfenced(plan, error, notices)
        }
        let canary: SealedCanary
        do throws(ConfinementError) {
            canary = try await SealedCanary.start(in: fence.link)
        } catch { throw Canary.failed("\(error)") }
        try await canary.check(session, confinement.tier.rawValue)
        session.recorder.attempts.open()
        confinement.notices = notices + confinement.notices
        if isForSteps { await fence.link.end() }
        var enclosure = Enclosure(isForSteps ? .none : .fence(fence), confinement)
        enclosure.fence = note
        return enclosure
    }

    var isWalled: Bool { wall.link != nil }

    /// Around one more step of a started session: its seal entered, or a fence like its own. What the step tries is
    /// kept in `attempts`.
    static func step(
        _ note: SessionNote,
        _ invocation: Invocation,
        _ attempts: StepAttempts
    ) async throws(Problem) -> Enclosure {
        do throws(ConfinementError) {
            let (program, environment) = (invocation.program, invocation.environment)
            if let entrance = note.entrance {
                let (seal, watch) = try await Seal.join(entrance, program, environment)
                if let watch { try attempts.watch(watch, environment) }
                return Enclosure(.seal(seal, nil))
            }
            guard let fence = note.fence else { return .none }
            let wall = try Fence.begin(program, environment)
            let confinement = try await fence.close(wall, environment) { attempts.note($0) }
            guard confinement.tier.rawValue == note.tier else {
                await wall.link.end()
                throw ConfinementError(confinement.notices.first ?? "it is another one now")
            }
            return Enclosure(.fence(wall), confinement)
        } catch {
            throw Problem(
                .commandNotStarted,
                subject: "purser exec",
                summary: "cannot enter the session's isolation (\(error))",
                remedy: "Run `purser start` again; a step outside it would not be covered.",
                reason: "not-executable"
            )
        }
    }

    /// Outside a wall, which proves itself, the canary asks.
    func prove(_ session: Session, _ canary: Canary?, _ program: OwnProgram) async throws(Problem) {
        guard confinement.tier == .none else { return }
        if let canary { return try await canary.check(session) }
        try await Canary.start(program).check(session)
    }

    /// Starts the session's command.
    func start(_ command: ChildCommand) async throws(SpawnError) -> ChildProcess {
        guard let link = wall.link else { return try ChildProcess.spawn(command) }
        return try await link.start(command)
    }

    func end() async { await wall.link?.end() }
}

extension Enclosure {
    /// `auto` goes on with a fence.
    private static func weaker(
        _ plan: Plan,
        _ program: OwnProgram,
        _ error: ConfinementError,
        forSteps: Bool
    ) throws(Problem) -> Enclosure {
        guard case .auto = plan.isolation else { return try withoutSeal(plan, error) }
        return try fenced(
            plan,
            program,
            ["isolation is not seal, which cannot be had here (\(error))"],
            forSteps: forSteps
        )
    }

    private static func withoutSeal(_ plan: Plan, _ error: ConfinementError) throws(Problem) -> Enclosure {
        guard case .auto = plan.isolation else { throw unavailable(.seal, error) }
        var confinement = Confinement.none
        confinement.notices = ["isolation is none: seal cannot be had here (\(error))"]
        return Enclosure(.none, confinement)
    }

    private static func unfenced(
        _ plan: Plan,
        _ error: ConfinementError,
        _ notices: [String]
    ) throws(Problem) -> Enclosure {
        guard case .auto = plan.isolation else { throw unavailable(.fence, error) }
        var confinement = Confinement.none
        confinement.notices = notices + ["isolation is none: fence cannot be had here either (\(error))"]
        return Enclosure(.none, confinement)
    }

    private static func unavailable(_ tier: Tier, _ error: ConfinementError) -> Problem {
        Problem(
            .usageInvalid,
            subject: "--isolation \(tier.rawValue)",
            summary: "cannot be had on this machine: \(error)",
            remedy: "Run `purser doctor` for what works here, or use --isolation auto, which takes the strongest."
        )
    }
}
