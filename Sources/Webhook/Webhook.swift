public import Core
internal import Synchronization
public import Transfer

/// Sends notices to one address, one after the other, in the background.
///
/// Nobody ever waits for it: offering is immediate, the queue is bounded, and its end has a deadline. What could not be
/// delivered is counted and told.
public final class Webhook: Sendable {
    /// How it is reached, and how hard it is tried.
    public struct Configuration: Sendable {
        /// Never printed: such addresses are secrets themselves.
        public var url: HTTPURL
        public var secret: Secret?
        /// Notices that wait at most; later ones are dropped.
        public var capacity = 256
        public var attempts = 6
        /// Waits before the n-th repetition.
        public var pause: @Sendable (Int) async -> Void = Webhook.backOff
        public var now: @Sendable () -> Timestamp
        /// For one attempt.
        public var limits = TransferLimits(bodyBytes: 64 << 10, connectSeconds: 5, responseSeconds: 10, idleSeconds: 10)

        public init(_ url: HTTPURL, secret: Secret?, now: @escaping @Sendable () -> Timestamp) {
            self.url = url
            self.secret = secret
            self.now = now
        }
    }

    /// What became of the notices.
    public struct Tally: Hashable, Sendable {
        public var delivered = 0
        /// Refused, or still not taken after every attempt.
        public var failed = 0
        /// Not even tried: the queue was full, or its end had come.
        public var dropped = 0

        public var isWhole: Bool { failed == 0 && dropped == 0 }
    }

    private let queue: AsyncStream<Notice>.Continuation
    private let worker: Task<Void, Never>
    private let state: State

    /// Counts that offering and sending share.
    private final class State: Sendable {
        let tally = Mutex(Tally())
        let waiting = Mutex(0)
    }

    /// 0.5, 1, 2 … seconds and a little at random, at most 30; less when the task is cancelled.
    public static let backOff: @Sendable (Int) async -> Void = { repetition in
        let milliseconds = min(250 << min(max(repetition, 0), 7), 30_000)
        try? await Task.sleep(for: .milliseconds(milliseconds + Int.random(in: 0...milliseconds)))
    }

    public init(_ configuration: Configuration, engine: TransferEngine) {
        let (stream, queue) = AsyncStream<Notice>.makeStream(bufferingPolicy: .bufferingOldest(configuration.capacity))
        let state = State()
        self.queue = queue
        self.state = state
        // Ended by `finish`, and with the last reference at the latest.
        worker = Task {
            for await notice in stream {
                let isDelivered = await Webhook.deliver(notice, configuration, engine)
                state.waiting.withLock { $0 -= 1 }
                state.tally.withLock { if isDelivered { $0.delivered += 1 } else { $0.failed += 1 } }
            }
        }
    }

    deinit { worker.cancel() }

    /// Puts a notice in the queue, or drops it where the queue is full. Never waits.
    public func offer(_ notice: Notice) {
        state.waiting.withLock { $0 += 1 }
        guard case .enqueued = queue.yield(notice) else {
            state.waiting.withLock { $0 -= 1 }
            state.tally.withLock { $0.dropped += 1 }
            return
        }
    }

    /// Takes no more, and gives what waits a last while to be delivered.
    public func finish(within patience: Duration) async -> Tally {
        queue.finish()
        let worker = worker
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.value }
            group.addTask {
                try? await Task.sleep(for: patience)
                worker.cancel()
            }
            _ = await group.next()
            group.cancelAll()
        }
        let left = state.waiting.withLock { $0 }
        var tally = state.tally.withLock { $0 }
        tally.dropped += left
        return tally
    }

    private static func deliver(_ notice: Notice, _ configuration: Configuration, _ engine: TransferEngine) async
        -> Bool
    {
        let body = notice.body
        for attempt in 0..<configuration.attempts {
            if attempt > 0 { await configuration.pause(attempt) }
            if Task.isCancelled { return false }
            let transfer = engine.start(request(body, configuration))
            guard let head = try? await transfer.head() else { continue }
            transfer.cancel()
            if (200..<300).contains(head.status) { return true }
            // What is refused for what it is will be refused again.
            if (400..<500).contains(head.status), ![408, 429].contains(head.status) { return false }
        }
        return false
    }

    private static func request(_ body: [UInt8], _ configuration: Configuration) -> TransferRequest {
        var headers = [
            HeaderField(name: "Content-Type", value: "application/json"),
            HeaderField(name: "User-Agent", value: "purser-webhook"),
        ]
        if let secret = configuration.secret {
            let value = WebhookSignature.value(of: body, at: configuration.now(), secret: secret)
            headers.append(HeaderField(name: WebhookSignature.header, value: value))
        }
        return TransferRequest(
            url: configuration.url.description,
            method: "POST",
            headers: headers,
            body: .bytes(body),
            limits: configuration.limits
        )
    }
}
