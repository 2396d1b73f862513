internal import Core
internal import Kernel
internal import Synchronization

/// What SIGHUP, SIGINT and SIGTERM do to a session. While the command runs they are passed on to it, and a second one
/// ends it with everything it started; before and after that they end us, with the session's folder removed.
final class Interrupts: Sendable {
    private struct State {
        var child: ChildProcess?
        var paths: SessionPaths?
        var first: Int32?
        var isForced = false
        /// The command is being started: signals wait until it can be told.
        var waiting: [Int32]?
        /// When the command ended, by the monotonic clock.
        var ended: UInt64?
    }

    private let state = Mutex(State())
    private let listening = Mutex<Task<Void, Never>?>(nil)

    /// Catches them until `stop`.
    static func watch() -> Interrupts {
        let interrupts = Interrupts()
        guard let signals = try? Signals.stream(of: [1, 2, 15]) else { return interrupts }
        // Ends with `stop`.
        let task = Task { for await signal in signals { interrupts.take(signal) } }
        interrupts.listening.withLock { $0 = task }
        return interrupts
    }

    func stop() { listening.withLock { $0?.cancel() } }

    /// What is to be removed when a signal ends us.
    func cover(_ paths: SessionPaths) { state.withLock { $0.paths = paths } }

    func starting() { state.withLock { $0.waiting = [] } }

    func running(_ child: ChildProcess?) {
        let waiting = state.withLock { state in
            state.child = child
            state.ended = child == nil ? ProcessIdentity.monotonicNanoseconds() : nil
            defer { state.waiting = nil }
            return state.waiting ?? []
        }
        for signal in waiting { take(signal) }
    }

    /// The status of a command that was ended by force: that of the signal which came first.
    var forcedStatus: Int32? { state.withLock { $0.isForced ? $0.first.map { 128 + $0 } : nil } }

    private func take(_ signal: Int32) {
        let isKept = state.withLock { state in
            state.waiting?.append(signal)
            // The signal that ended the command may reach us after its end; the papers are still to be written.
            let isLate =
                state.first == nil
                && state.ended.map {
                    ProcessIdentity.monotonicNanoseconds() - $0 < 1_000_000_000
                } ?? false
            if isLate { state.first = signal }
            return state.waiting != nil || isLate
        }
        if isKept { return }
        let (child, paths, isSecond) = state.withLock { state in
            let isSecond = state.child != nil && state.first != nil
            if state.child != nil, state.first == nil { state.first = signal }
            if isSecond { state.isForced = true }
            return (state.child, state.paths, isSecond)
        }
        guard let child else {
            paths?.remove()
            try? Signals.raiseUsual(signal)
            return
        }
        if isSecond { return child.endTree() }
        // A terminal sends SIGINT to the whole group, the child too.
        if signal != 2 || !ProcessIdentity.isTerminal(0) { _ = try? child.signal(signal) }
    }
}
