internal import Core
internal import Storage
internal import Synchronization
internal import Upstream

/// One upstream fetch and its readers. The fetch belongs to nobody: it runs at the upstream's pace into a staged file,
/// and every asker, the first too, reads that file at its own pace and may leave.
final class Fetch: Sendable {
    /// How a fetch ended.
    enum Outcome: Sendable {
        /// Verified, committed and recorded.
        case committed(Blob)
        /// The upstream answered with another status than 200; its answer goes to the client.
        case passed(Reply)
        case failed(Problem)
    }

    /// The head of what is being staged, as the first reader can know it.
    struct Head: Sendable {
        let length: Int64?
        let label: FileLabel?
        /// False while nothing is staged, and for bodies that go out whole or not at all.
        let mayStream: Bool
    }

    /// The last bytes of a body that wait for verification, so that no client ends up with a whole wrong file.
    static let heldBack: Int64 = 32 << 10
    /// Bodies up to this size are given out whole or not at all.
    static let smallBody: Int64 = 1 << 20

    private struct Waiter {
        let continuation: CheckedContinuation<Void, Never>
        let wantsOutcome: Bool
    }

    private struct State {
        var length: Int64?
        var label: FileLabel?
        var staging: Staging?
        var isHeld = false
        var size: Int64 = 0
        /// Bytes that some reader has been given or is about to be.
        var released: Int64 = 0
        /// A head with this length went out.
        var isPromised = false
        var isRestarted = false
        var outcome: Outcome?
        var version = 0
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0

        var releasable: Int64 {
            if isRestarted { return released }
            return isHeld || size <= Fetch.smallBody ? 0 : size - Fetch.heldBack
        }
    }

    private let state = Mutex(State())

    /// What the upstream announced. `promising` says that a reader tells a client so.
    func head(promising: Bool = false) -> Head {
        state.withLock { state in
            let mayStream = state.staging != nil && !state.isHeld
            if promising, mayStream { state.isPromised = true }
            return Head(length: state.length, label: state.label, mayStream: mayStream)
        }
    }

    /// True while less than half is there. A body of no known length may have no end, so it is never half there.
    var isBarelyBegun: Bool {
        state.withLock { state in
            state.outcome == nil && (state.length.map { state.size < $0 / 2 } ?? true)
        }
    }

    /// `isHeld` for bodies that have to be changed before anybody may see them.
    func begin(length: Int64?, label: FileLabel, staging: Staging, isHeld: Bool) {
        update { state in
            guard !state.isRestarted else { return }
            (state.length, state.label) = (length, label)
            (state.staging, state.isHeld) = (staging, isHeld)
        }
    }

    func grew(to size: Int64) { update { if !$0.isRestarted { $0.size = size } } }

    /// The upstream broke. Readers keep what they have and get no more until another try is verified.
    func restart() {
        update { state in
            if state.released > 0 || state.isPromised {
                state.isRestarted = true
            } else {
                (state.staging, state.size) = (nil, 0)
            }
        }
    }

    /// What clients have of an earlier try than the one that was verified: the length they were told, the staged bytes
    /// and how many of them went out.
    var given: (length: Int64?, staging: Staging?, count: Int64)? {
        state.withLock { $0.isRestarted ? ($0.length, $0.staging, $0.released) : nil }
    }

    func settle(_ outcome: Outcome) { update { $0.outcome = outcome } }

    /// The outcome, or nil when it is not there before the deadline or the asker was cancelled.
    func outcome(within limit: Duration?) async -> Outcome? {
        guard let limit else { return await outcome() }
        return await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await self.outcome() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func outcome() async -> Outcome? {
        while true {
            let (outcome, version) = state.withLock { ($0.outcome, $0.version) }
            if outcome != nil || Task.isCancelled { return outcome }
            await change(since: version, wantsOutcome: true)
        }
    }

    private enum Piece {
        case staged(Staging, count: Int)
        case ended(Outcome)
        case notYet(version: Int)
    }

    /// The next bytes for a reader at `offset`: nil at the end, a throw when the body may not be completed.
    func read(at offset: Int64) async throws(Problem) -> [UInt8]? {
        let limit: Int64 = 256 << 10
        while !Task.isCancelled {
            do {
                switch piece(at: offset, limit) {
                case .staged(let staging, let count): return try staging.read(at: offset, count: count)
                case .ended(.committed(let blob)):
                    return offset >= blob.size ? nil : try blob.read(at: offset, count: Int(limit))
                case .ended(.failed(let problem)): throw problem
                case .ended(.passed): throw Fetch.broken
                case .notYet(let version): await change(since: version, wantsOutcome: false)
                }
            } catch let error as StorageError {
                throw error.problem
            } catch {
                throw error as? Problem ?? Fetch.broken
            }
        }
        throw Fetch.broken
    }

    /// Counts the bytes as given out in the same step, so that a restart cannot slip in between.
    private func piece(at offset: Int64, _ limit: Int64) -> Piece {
        state.withLock { state in
            if let outcome = state.outcome { return .ended(outcome) }
            guard let staging = state.staging, state.releasable > offset else { return .notYet(version: state.version) }
            let count = min(limit, state.releasable - offset)
            state.released = max(state.released, offset + count)
            return .staged(staging, count: Int(count))
        }
    }

    private static let broken = Problem(
        .upstreamUnreachable,
        subject: "the download",
        summary: "ended before it was whole",
        remedy: "Run the job again; nothing incomplete was kept."
    )

    /// Waits until something changed after `version`, or for the outcome alone. Ends at once when the asker is cancelled.
    private func change(since version: Int, wantsOutcome: Bool) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isNews = wantsOutcome ? state.outcome != nil : state.version != version
                    if isNews || Task.isCancelled { return true }
                    state.waiters[id] = Waiter(continuation: continuation, wantsOutcome: wantsOutcome)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            state.version += 1
            let isOver = state.outcome != nil
            let woken = state.waiters.filter { isOver || !$0.value.wantsOutcome }
            for id in woken.keys { state.waiters[id] = nil }
            return Array(woken.values)
        }
        for waiter in waiters { waiter.continuation.resume() }
    }
}
