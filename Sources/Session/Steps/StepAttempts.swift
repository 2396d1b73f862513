internal import Isolation
internal import JSONText
internal import Kernel
internal import Synchronization

/// What one step tried to get round us by; the agent is told when the step ends.
final class StepAttempts: Sendable {
    private struct First {
        let attempt: Attempt
        let asked: JSON?
    }

    private let counts = AttemptLedger()
    private let processes: StepLedger
    private let first = Mutex<[First]>([])

    /// `secrets` are never written down, in whose command they may stand.
    init(step: String?, secrets: [String]) {
        processes = StepLedger(secrets: secrets)
        if let step { processes.mark(step) }
        counts.open()
    }

    func note(_ attempt: Attempt) {
        guard counts.isNew(attempt) else { return }
        let asked = processes.asking(process: attempt.process)
        first.withLock { $0.append(First(attempt: attempt, asked: asked)) }
    }

    /// The step runs inside a seal, which holds back without us.
    func watch(_ file: SharedFile, _ environment: [String: String]) throws(ConfinementError) {
        let rules = SealWatch.Rules(
            addresses: [],
            sockets: Set(Outside.sockets(environment)),
            names: Outside.names()
        ) { _, _ in (nil, true) }
        do throws(SystemError) { try SealWatch.open(file, rules) { [self] in note($0) } } catch {
            throw ConfinementError("\(error)")
        }
    }

    /// For the control socket; nil where nothing was tried.
    var told: JSON? {
        let (again, others) = counts.settle()
        let more = Dictionary(again.map { ($0.attempt, $0.count) }) { $1 }
        var told = first.withLock { $0 }.map { one in
            JSON.object(present: [
                "what": .string(one.attempt.what),
                "destination": .string(one.attempt.destination),
                "count": .integer(1 + (more[one.attempt] ?? 0)),
                "asked": one.asked,
            ])
        }
        if others > 0 { told.append(["what": "others", "destination": "", "count": .integer(others)]) }
        return told.isEmpty ? nil : .array(told)
    }
}
