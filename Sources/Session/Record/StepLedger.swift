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
        /// Steps are to run behind a wall, and those that do not are to be told of.
        var isWalled = false
        var hasEntered = false
        /// By process: who tried something may be gone when it is told again.
        var tried: [Int32: Process] = [:]
    }

    /// Where the owner of a request's connection was found.
    private struct Owner {
        let process: Process?
        let isInside: Bool
    }

    /// The gap of a step that ran without the session's wall.
    static let gap = "outside-session"

    private let state = Mutex(State())
    /// Asks for sockets inside a seal.
    private let inquiry = Mutex<SharedFile?>(nil)
    private let secrets: [String]
    /// More open at once are looked up anew.
    private static let mostKnown = 4_096
    private static let mostBytes = 1_000

    /// `secrets` are never written down, in whose command they may stand.
    init(secrets: [String] = []) { self.secrets = secrets }

    var mark: String? { state.withLock { $0.mark } }

    /// Everything from now on belongs to this step.
    func mark(_ name: String) { state.withLock { $0.mark = name } }

    /// What this process and those below it ask for belongs to the step, whatever else runs meanwhile. One without a
    /// name is part of what was marked last.
    func enter(_ step: String?, process: Int32) {
        state.withLock { state in
            state.running[process] = step ?? ""
            state.hasEntered = true
        }
    }

    func leave(process: Int32) { state.withLock { $0.running[process] = nil } }

    /// From now on a step that does not `enter` is outside.
    func wall() { state.withLock { $0.isWalled = true } }

    /// Steps should have entered, and none did.
    var wasNeverEntered: Bool { state.withLock { $0.isWalled && !$0.hasEntered } }

    /// Connections may come from inside a seal, whose sockets are asked for over this.
    func look(inside file: SharedFile) { inquiry.withLock { $0 = file } }

    /// The journal's words for who asks now, nil where nothing is known; and whether it is a step outside.
    func asking() -> (words: JSON?, isOutside: Bool) {
        let asker = Asker.current
        let owner = asker.flatMap(owner)
        let words = words(owner?.process, client: asker?.userAgent)
        guard let owner, state.withLock({ $0.isWalled }) else { return (words, false) }
        let isSealed = inquiry.withLock { $0 != nil }
        return (words, isSealed ? !owner.isInside : owner.process.map { $0.step == nil } ?? false)
    }

    /// The same for a process whose number is known.
    func asking(process: Int32) -> JSON? {
        let found = state.withLock { $0.tried[process] } ?? look(process)
        if let found {
            state.withLock { state in
                if state.tried.count >= StepLedger.mostKnown { state.tried = [:] }
                state.tried[process] = found
            }
        }
        return words(found, client: nil)
    }

    private func words(_ process: Process?, client: String?) -> JSON? {
        var fields: [String: JSON] = [:]
        let step = process?.step.flatMap { $0.isEmpty ? nil : $0 }
        if let step = step ?? mark { fields["step"] = .string(step) }
        if let client, !client.isEmpty {
            fields["client"] = .string(String(Redaction.word(client, secrets: secrets).prefix(200)))
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

    private func owner(_ asker: Asker) -> Owner? {
        guard let client = asker.clientPort, let server = asker.serverPort else { return nil }
        if let number = inside(asker, client, server) { return Owner(process: holder(of: number), isInside: true) }
        guard let number = SocketOwner.number(ofPeerPort: client, localPort: server) else { return nil }
        return Owner(process: holder(of: number), isInside: false)
    }

    /// The number of a client's socket inside the seal.
    private func inside(_ asker: Asker, _ client: Int, _ server: Int) -> UInt32? {
        guard let address = asker.serverAddress.flatMap({ AddressText.number($0[...]) }) else { return nil }
        return inquiry.withLock { file in
            file.flatMap { SocketOwner.number(ofPeerPort: client, address: address, localPort: server, over: $0) }
        }
    }

    private func holder(of number: UInt32) -> Process? {
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
