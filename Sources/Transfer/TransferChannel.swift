internal import Synchronization

/// What the engine's thread and the reader of one transfer share: the head, the bytes not yet taken, the end.
///
/// Bytes wait here up to `capacity`; past it the engine holds the peer back until the reader has taken them.
final class TransferChannel: Sendable {
    enum End {
        case finished
        case failed(TransferError)
    }

    private struct State {
        var head: TransferHead?
        var pending: [UInt8] = []
        var isHeldBack = false
        var end: End?
        var waiting: [CheckedContinuation<Void, Never>] = []

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waiting = [] }
            return waiting
        }
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    // MARK: the engine's side

    func deliver(_ head: TransferHead) {
        change { $0.head = head }
    }

    /// Takes the bytes, or answers `false` when the reader must catch up first.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var isTaken = true
        change { state in
            guard state.end == nil else { return }
            if !state.pending.isEmpty, state.pending.count + bytes.count > capacity {
                state.isHeldBack = true
                isTaken = false
            } else {
                unsafe state.pending.append(contentsOf: bytes)
            }
        }
        return isTaken
    }

    /// The first end counts. A cancelled transfer gives out nothing more.
    func finish(_ end: End) {
        change { state in
            guard state.end == nil else { return }
            state.end = end
            if case .failed(.cancelled) = end { state.pending = [] }
        }
    }

    // MARK: the reader's side

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    var bufferedBytes: Int { state.withLock { $0.pending.count } }

    /// The head, or `nil` while it is not known.
    func peekHead() throws(TransferError) -> TransferHead? {
        let (head, end) = state.withLock { ($0.head, $0.end) }
        if let head { return head }
        switch end {
        case .failed(let error): throw error
        case .finished: throw .badResponse("the answer has no head")
        case nil: return nil
        }
    }

    enum Taking {
        case bytes([UInt8], wasHeldBack: Bool)
        case end
        case nothingYet
    }

    func take() throws(TransferError) -> Taking {
        let (taken, wasHeldBack, end): ([UInt8], Bool, End?) = state.withLock { state in
            guard !state.pending.isEmpty else { return ([], false, state.end) }
            var taken: [UInt8] = []
            swap(&taken, &state.pending)
            defer { state.isHeldBack = false }
            return (taken, state.isHeldBack, nil)
        }
        guard taken.isEmpty else { return .bytes(taken, wasHeldBack: wasHeldBack) }
        switch end {
        case .failed(let error): throw error
        case .finished: return .end
        case nil: return .nothingYet
        }
    }

    /// Returns when something may have changed since the caller looked: bytes, the end or (when asked) the head.
    func change(forHead: Bool) async {
        await withCheckedContinuation { continuation in
            let isChanged = state.withLock { state in
                if state.end != nil || !state.pending.isEmpty && !forHead || state.head != nil && forHead {
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isChanged { continuation.resume() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }
}
