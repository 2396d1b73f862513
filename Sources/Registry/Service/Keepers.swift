internal import Core
internal import Synchronization

/// Keeps the sweep and those who keep blobs apart: nothing is dropped while an upload or a push is under way, nor what a
/// client was told lately that it need not send.
final class Keepers: Sendable {
    private struct State {
        var active = 0
        var begun = 0
        var promises: [Digest: Int64] = [:]
    }

    private let state = Mutex(State())
    private static let mostPromises = 200_000

    /// How long a client may rely on what it was told.
    static let lifetime: Int64 = 24 * 3_600

    func begin() {
        state.withLock {
            $0.active += 1
            $0.begun += 1
        }
    }

    func end() { state.withLock { $0.active -= 1 } }

    /// A blob that a client leaves out of its upload because it is here.
    func promise(_ digest: Digest, at now: Timestamp) {
        state.withLock { state in
            if state.promises.count >= Keepers.mostPromises {
                state.promises = state.promises.filter { now.seconds - $0.value < Keepers.lifetime }
            }
            state.promises[digest] = now.seconds
        }
    }

    func isPromised(_ digest: Digest, at now: Timestamp) -> Bool {
        state.withLock { now.seconds - ($0.promises[digest] ?? .min / 2) < Keepers.lifetime }
    }

    /// A mark of this moment, in which nobody keeps anything; nil while somebody does.
    var quietMoment: Int? { state.withLock { $0.active == 0 ? $0.begun : nil } }

    /// Does `change` unless somebody began to keep blobs since the moment.
    func ifQuiet(since moment: Int, _ change: () throws -> Void) rethrows -> Bool {
        try state.withLock { state in
            guard state.active == 0, state.begun == moment else { return false }
            try change()
            return true
        }
    }
}
