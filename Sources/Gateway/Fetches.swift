internal import Core
internal import Storage
internal import Synchronization
internal import Upstream

/// The fetches under way, so that a hundred askers of one cold artifact cause one.
final class Fetches: Sendable {
    struct Key: Hashable, Sendable {
        let url: HTTPURL
        let accept: String
        let credential: String?
        /// Askers that were promised other bytes wait for another verification.
        let claims: [DigestClaim]
    }

    private struct Running {
        let fetch: Fetch
        let task: Task<Void, Never>
        var askers = 1
    }

    private struct State {
        var running: [Key: Running] = [:]
        /// What failed in this session: the next asker waits for the whole verification, so that it can be told the reason.
        var broken: Set<HTTPURL> = []
    }

    private let state = Mutex(State())

    /// A seat at the running fetch, or at a new one that `run` fills.
    func join(_ key: Key, run: @escaping @Sendable (Fetch) async -> Fetch.Outcome) -> Seat {
        let fetch = state.withLock { state in
            if let running = state.running[key] {
                state.running[key]?.askers += 1
                return running.fetch
            }
            let fetch = Fetch()
            // Ends by itself: every wait in it has a deadline. It belongs to all its askers and ends early only when
            // the last of them has left.
            let task = Task {
                let outcome = await run(fetch)
                self.finish(key, fetch, outcome)
                fetch.settle(outcome)
            }
            state.running[key] = Running(fetch: fetch, task: task)
            return fetch
        }
        return Seat(fetch) { [weak self] in self?.leave(key, fetch) }
    }

    func hasBroken(_ url: HTTPURL) -> Bool { state.withLock { $0.broken.contains(url) } }

    private func finish(_ key: Key, _ fetch: Fetch, _ outcome: Fetch.Outcome) {
        state.withLock { state in
            // An abandoned fetch has made room for another already.
            guard state.running[key]?.fetch === fetch else { return }
            state.running[key] = nil
            switch outcome {
            case .failed: state.broken.insert(key.url)
            case .committed: state.broken.remove(key.url)
            case .passed: break
            }
        }
    }

    /// Ends a fetch that nobody waits for any more, unless so much of it is there that the next asker gains by it.
    private func leave(_ key: Key, _ fetch: Fetch) {
        let abandoned: Task<Void, Never>? = state.withLock { state in
            guard var running = state.running[key], running.fetch === fetch else { return nil }
            running.askers -= 1
            state.running[key] = running
            guard running.askers == 0, fetch.isBarelyBegun else { return nil }
            state.running[key] = nil
            return running.task
        }
        abandoned?.cancel()
    }
}

/// An asker's place at a fetch; it leaves when it says so or is let go.
final class Seat: Sendable {
    let fetch: Fetch
    private let leave: Mutex<(@Sendable () -> Void)?>

    init(_ fetch: Fetch, leave: @escaping @Sendable () -> Void) {
        self.fetch = fetch
        self.leave = Mutex(leave)
    }

    func end() {
        let leave = self.leave.withLock { leave in
            defer { leave = nil }
            return leave
        }
        leave?()
    }

    deinit { end() }
}
