internal import CCurl
internal import Synchronization

/// The one way to reach an engine's thread: orders are left here and the thread is woken.
final class EngineMailbox: Sendable {
    enum Order: Sendable {
        case start(Departure)
        case resume(UInt64)
        case cancel(UInt64)
        case stop
    }

    /// A request that was checked and now waits for the thread.
    struct Departure: Sendable {
        let number: UInt64
        let request: TransferRequest
        let url: RequestURL
        let channel: TransferChannel
    }

    private struct State {
        var orders: [Order] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    private let multi: MultiHandle

    init(multi: MultiHandle) {
        self.multi = multi
    }

    /// `false` when the thread has ended and nobody will read this order.
    @discardableResult
    func post(_ order: Order) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            state.orders.append(order)
            multi.wake()
            return true
        }
    }

    func takeOrders() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }

    /// After this nobody wakes the handle any more, so it may be freed; the orders not yet read come back.
    func close() -> [Order] {
        state.withLock { state in
            state.isOpen = false
            defer { state.orders = [] }
            return state.orders
        }
    }
}

/// The multi handle as two threads see it: the engine's thread uses and frees it, others may only wake it, and only
/// under the mailbox's lock, which the engine's thread closes before it frees.
@safe struct MultiHandle: @unchecked Sendable {
    let raw: UnsafeMutableRawPointer

    init() {
        guard let raw = unsafe curl_multi_init() else { fatalError("out of memory") }
        unsafe self.raw = unsafe UnsafeMutableRawPointer(raw)
    }

    func wake() { _ = unsafe curl_multi_wakeup(raw) }
}
