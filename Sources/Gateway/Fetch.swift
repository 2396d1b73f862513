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

    /// What a reader can see at this moment.
    struct View: Sendable {
        let length: Int64?
        let contentType: String?
        let staging: Staging?
        /// Bytes that may be given out before the whole is verified.
        let releasable: Int64
        let outcome: Outcome?
    }

    /// The last bytes of a body that wait for verification, so that no client ends up with a whole wrong file.
    static let heldBack: Int64 = 32 << 10
    /// Bodies up to this size are given out whole or not at all.
    static let smallBody: Int64 = 1 << 20

    private struct State {
        var length: Int64?
        var contentType: String?
        var staging: Staging?
        var size: Int64 = 0
        var released: Int64 = 0
        var isRestarted = false
        var outcome: Outcome?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    var view: View {
        state.withLock { state in
            let open = state.size > Fetch.smallBody ? state.size - Fetch.heldBack : 0
            return View(
                length: state.length,
                contentType: state.contentType,
                staging: state.staging,
                releasable: state.isRestarted ? state.released : open,
                outcome: state.outcome
            )
        }
    }

    /// Bytes that some reader has been given.
    var released: Int64 { state.withLock(\.released) }

    func begin(length: Int64?, contentType: String?, staging: Staging) {
        update { state in
            guard !state.isRestarted else { return }
            state.length = length
            state.contentType = contentType
            state.staging = staging
        }
    }

    func grew(to size: Int64) { update { if !$0.isRestarted { $0.size = size } } }

    /// The upstream broke. Readers keep what they have and get no more until another try is verified.
    func restart() {
        update { state in
            if state.released > 0 { state.isRestarted = true } else { (state.staging, state.size) = (nil, 0) }
        }
    }

    /// The staged file of the try whose bytes readers have, when that is not the try that was verified.
    var formerStaging: Staging? { state.withLock { $0.isRestarted ? $0.staging : nil } }

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
        while !Task.isCancelled {
            if let outcome = view.outcome { return outcome }
            await change { $0.outcome == nil }
        }
        return view.outcome
    }

    /// The next bytes for a reader at `offset`: nil at the end, a throw when the body may not be completed.
    func read(at offset: Int64) async throws(Problem) -> [UInt8]? {
        let piece = 256 << 10
        while !Task.isCancelled {
            let view = view
            do {
                switch view.outcome {
                case .committed(let blob):
                    return offset >= blob.size ? nil : try blob.read(at: offset, count: piece)
                case .failed(let problem): throw problem
                case .passed: throw Fetch.broken
                case nil: break
                }
                if view.releasable > offset, let staging = view.staging {
                    let count = Int(min(Int64(piece), view.releasable - offset))
                    let bytes = try staging.read(at: offset, count: count)
                    state.withLock { $0.released = max($0.released, offset + Int64(bytes.count)) }
                    return bytes
                }
            } catch let error as StorageError {
                throw error.problem
            } catch {
                throw error as? Problem ?? Fetch.broken
            }
            let (seen, wasRestarted) = state.withLock { ($0.size, $0.isRestarted) }
            await change { $0.outcome == nil && $0.size == seen && $0.isRestarted == wasRestarted }
        }
        throw Fetch.broken
    }

    private static let broken = Problem(
        .upstreamUnreachable,
        subject: "the download",
        summary: "ended before it was whole",
        remedy: "Run the job again; nothing incomplete was kept."
    )

    /// Waits for the next change, unless `isStale` no longer holds. Ends at once when the asker is cancelled.
    private func change(while isStale: (borrowing State) -> Bool) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    guard isStale(state), !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}
