internal import Synchronization

/// Something to wait for until a test opens it. Once open it stays open.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var arrived = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// How many have come to wait so far.
    public var arrived: Int { state.withLock(\.arrived) }

    public func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    public func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    deinit { open() }
}

/// Waits until something becomes true, for at most ten seconds.
public func eventually(_ isTrue: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<2_000 {
        if try await isTrue() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}
