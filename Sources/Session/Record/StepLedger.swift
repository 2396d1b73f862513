internal import Core
internal import Gateway
internal import JSONText
internal import Kernel
internal import Synchronization

/// Which step of the job, and which process, a request comes from. Nothing is judged by it: a step says of itself what
/// it is called, and a process may be gone before it is looked up.
final class StepLedger: Sendable {
    private struct Process {
        let pid: Int32
        let words: [String]
        /// The step that it was started for, where that is known.
        let step: String?
    }

    private struct State {
        var mark: String?
        /// Steps that run now, by the process that runs their command.
        var running: [Int32: String] = [:]
        /// By the number of the client's socket, which no other has while it is open. Nil for one nobody can name.
        var known: [UInt32: Process?] = [:]
        var recent: [Int32] = []
    }

    private let state = Mutex(State())
    private let secrets: [String]
    /// More open at once are looked up anew.
    private static let mostKnown = 4_096
    private static let mostBytes = 1_000

    /// `secrets` are never written down, in whose command they may stand.
    init(secrets: [String] = []) { self.secrets = secrets }

    var mark: String? { state.withLock { $0.mark } }

    /// Everything from now on belongs to this step.
    func mark(_ name: String) { state.withLock { $0.mark = name } }

    /// What this process and those below it ask for belongs to the step, whatever else runs meanwhile.
    func enter(_ step: String, process: Int32) { state.withLock { $0.running[process] = step } }

    func leave(process: Int32) { state.withLock { $0.running[process] = nil } }

    /// The journal's words for who asks now; nil where nothing is known.
    func asking() -> JSON? {
        let asker = Asker.current
        let process = asker.flatMap(process)
        var fields: [String: JSON] = [:]
        if let step = process?.step ?? mark { fields["step"] = .string(step) }
        if let agent = asker?.userAgent, !agent.isEmpty {
            fields["client"] = .string(String(Redaction.word(agent, secrets: secrets).prefix(200)))
        }
        if let process {
            fields["pid"] = .integer(Int64(process.pid))
            fields["command"] = .string(command(process.words))
        }
        return fields.isEmpty ? nil : .object(fields)
    }

    private func command(_ words: [String]) -> String {
        let line = Redaction.words(words, secrets: secrets).joined(separator: " ")
        return line.utf8.count > StepLedger.mostBytes ? String(line.prefix(StepLedger.mostBytes)) + "…" : line
    }

    private func process(_ asker: Asker) -> Process? {
        guard let client = asker.clientPort, let server = asker.serverPort,
            let number = SocketOwner.number(ofPeerPort: client, localPort: server)
        else { return nil }
        let (known, recent) = state.withLock { ($0.known[number], $0.recent) }
        if let known { return known }
        let found = ProcessTable.holder(ofSocket: number, likely: recent).flatMap(look)
        state.withLock { state in
            if state.known.count >= StepLedger.mostKnown { state.known = [:] }
            state.known[number] = .some(found)
            if let pid = found?.pid {
                state.recent = ([pid] + state.recent.filter { $0 != pid }).prefix(8).map(\.self)
            }
        }
        return found
    }

    private func look(_ pid: Int32) -> Process? {
        guard let words = ProcessTable.words(of: pid) else { return nil }
        let running = state.withLock { $0.running }
        let step =
            running.isEmpty ? nil : ([pid] + ProcessTable.ancestors(of: pid)).lazy.compactMap { running[$0] }.first
        return Process(pid: pid, words: words, step: step)
    }
}
