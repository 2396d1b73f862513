internal import CLinux
internal import Synchronization

/// How a child ended.
public enum ChildExit: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    /// As a shell says it: 128 plus the signal's number.
    public var status: Int32 {
        switch self {
        case .exited(let status): status
        case .signalled(let signal): 128 + signal
        }
    }
}

/// A running program. Letting go of it neither ends nor forgets the child: it is reaped whoever waits.
public final class ChildProcess: Sendable {
    private struct State {
        var exit: ChildExit?
        var waiting: [CheckedContinuation<Void, Never>] = []
        var relay: (@Sendable (Int32) -> Void)?
    }

    public let pid: Int32
    /// Our end of each stream that was asked to be a pipe.
    public let standardOutput: SharedFile?
    public let standardError: SharedFile?
    private let input: Mutex<SharedFile?>
    private let state = Mutex(State())

    init(pid: Int32, ends: [SharedFile?]) {
        self.pid = pid
        input = Mutex(ends[0])
        standardOutput = ends[1]
        standardError = ends[2]
    }

    public var standardInput: SharedFile? { input.withLock { $0 } }

    /// Lets go of our end of its input: the child then reads an end, once nobody else holds that file.
    public func closeInput() { input.withLock { $0 = nil } }

    /// How it ended, or `nil` while it runs.
    public var exit: ChildExit? { state.withLock { $0.exit } }

    /// Waits for the end; cancelling the task does not end the child.
    public func wait() async -> ChildExit {
        while true {
            if let exit { return exit }
            await withCheckedContinuation { continuation in
                let hasEnded = state.withLock { state in
                    if state.exit == nil { state.waiting.append(continuation) }
                    return state.exit != nil
                }
                if hasEnded { continuation.resume() }
            }
        }
    }

    /// Signals go this way from now on: to a child that stands for a program which signals of ours do not reach.
    public func relaySignals(_ relay: @escaping @Sendable (Int32) -> Void) { state.withLock { $0.relay = relay } }

    /// Sends a signal; `false` when the child has ended already.
    @discardableResult
    public func signal(_ number: Int32) throws(SystemError) -> Bool {
        let (relay, hasEnded) = state.withLock { ($0.relay, $0.exit != nil) }
        if let relay, !hasEnded {
            relay(number)
            return true
        }
        // Under the lock the child is not reaped, so its number cannot belong to another by now.
        let status = state.withLock { state in state.exit == nil ? clinux_kill(pid, number) : -ESRCH }
        if status == -ESRCH { return false }
        try SystemError.check(status, "kill")
        return true
    }

    /// Blocks its own thread until the child has ended.
    func reap() {
        _ = clinux_await_end(pid)
        let waiting = state.withLock { state in
            let status = clinux_reap(pid)
            state.exit = status >= 1000 ? .signalled(status - 1000) : .exited(status < 0 ? 255 : status)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
