internal import Isolation
internal import Synchronization

/// Counts what those inside tried, so that one who tries a million times, or a million places, is a bounded number of
/// lines.
final class AttemptLedger: Sendable {
    private struct State {
        var isOpen = false
        var counts: [Attempt: Int64] = [:]
        /// Those beyond what is told one by one.
        var others: Int64 = 0
        var ways: Set<String> = []
    }

    /// More than these are only counted.
    static let most = 500
    private let state = Mutex(State())

    /// From now on attempts are the command's; before they were the canary's.
    func open() { state.withLock { $0.isOpen = true } }

    /// True for one that is to be written down now.
    func isNew(_ attempt: Attempt) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            if let count = state.counts[attempt] {
                state.counts[attempt] = count + 1
                return false
            }
            guard state.counts.count < AttemptLedger.most else {
                state.others += 1
                return false
            }
            state.counts[attempt] = 0
            return true
        }
    }

    /// True the first time that a place outside is used which is not held back.
    func isNewWay(_ place: String) -> Bool {
        state.withLock { state in
            guard state.isOpen, state.ways.count < AttemptLedger.most else { return false }
            return state.ways.insert(place).inserted
        }
    }

    /// What came again since it was written down; and how many were not told one by one.
    func settle() -> (again: [(attempt: Attempt, count: Int64)], others: Int64) {
        state.withLock { state in
            defer {
                for attempt in state.counts.keys { state.counts[attempt] = 0 }
                state.others = 0
            }
            let again = state.counts.filter { $0.value > 0 }.map { (attempt: $0.key, count: $0.value) }
            return (
                again.sorted {
                    ($0.attempt.destination, $0.attempt.process) < ($1.attempt.destination, $1.attempt.process)
                }, state.others
            )
        }
    }
}
