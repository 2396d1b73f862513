internal import Core
internal import Synchronization

/// Reads owning indexes of releases that a lockfile names next, so that their facts are there when somebody asks for
/// their files. A client that obeys a lockfile asks for no index, and without this each of its files would wait for two
/// answers one after the other.
final class LookAhead: Sendable {
    private struct State {
        /// Packages that were taken up in this session.
        var begun: Set<Purl> = []
        /// Those of them that nobody asked for yet, so that the record does not have them.
        var unclaimed: Set<Purl> = []
        var waiting: [Purl] = []
        var running = 0
    }

    /// How many are read at once, and how far from the file that was asked for. What lies further may never be wanted.
    static let atOnce = 16
    static let reach = 32

    private let state = Mutex(State())

    /// True for a package that was taken up and that the record does not have.
    func isUnclaimed(_ package: Purl) -> Bool { state.withLock { $0.unclaimed.contains(package) } }

    /// The record has it now.
    func claim(_ package: Purl) { state.withLock { _ = $0.unclaimed.remove(package) } }

    /// Takes up those packages that are new, as far as there is room; the others wait for the readers at work.
    func begin(_ packages: [Purl], read: @escaping @Sendable (Purl) async -> Void) {
        let readers = state.withLock { state in
            for package in packages where state.begun.insert(package).inserted {
                state.waiting.append(package)
                state.unclaimed.insert(package)
            }
            let count = min(state.waiting.count, Self.atOnce - state.running)
            state.running += count
            return count
        }
        // They end by themselves: every wait in a reading has a deadline. What they read belongs to all who ask for it.
        for _ in 0..<readers {
            Task { while let package = self.next() { await read(package) } }
        }
    }

    private func next() -> Purl? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
