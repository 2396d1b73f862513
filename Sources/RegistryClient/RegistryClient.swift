public import Core
public import Transfer

/// Speaks `/api/v1` of a central registry.
///
/// Questions are asked again after faults of the wire; a problem that the registry itself names is thrown as it is.
public final class RegistryClient: Sendable {
    let base: HTTPURL
    private let engine: TransferEngine
    private let token: Secret?
    let pause: @Sendable (Int) async -> Void

    /// How often a question is asked before the registry counts as unreachable.
    static let attempts = 4
    /// How often an upload waits for another one of the same bytes: some minutes.
    static let longestWaiting = 40

    /// `base` is where `/api/v1` begins. `pause` waits before the n-th repetition.
    public init(
        _ base: HTTPURL,
        token: Secret?,
        engine: TransferEngine,
        pause: @escaping @Sendable (Int) async -> Void = RegistryClient.backOff
    ) {
        self.base = base
        self.token = token
        self.engine = engine
        self.pause = pause
    }

    /// 0.2, 0.4, 0.8 seconds and a little at random; less when the task is cancelled.
    public static let backOff: @Sendable (Int) async -> Void = { repetition in
        let milliseconds = 100 << min(max(repetition, 0), 6)
        try? await Task.sleep(for: .milliseconds(milliseconds + Int.random(in: 0...milliseconds)))
    }

    /// One question of ours.
    struct Question {
        var method = "GET"
        var path: String
        var query: [(name: String, value: String)] = []
        var headers: [HeaderField] = []
        var body: [UInt8]?
        /// False for a change that must not be made twice: it is repeated only where it cannot have arrived.
        var mayRepeat = true
        var accepted: Set<Int> = [200]

        init(_ path: String) { self.path = path }
    }

    /// An answer with one of the accepted statuses, its body still to come.
    func ask(_ question: Question) async throws(Problem) -> (head: TransferHead, transfer: Transfer) {
        var last: Problem?
        for attempt in 0..<RegistryClient.attempts {
            if attempt > 0 { await pause(attempt) }
            let transfer = engine.start(try request(for: question))
            let head: TransferHead
            do { head = try await transfer.head() } catch {
                last = unreachable(error)
                guard question.mayRepeat || RegistryClient.cannotHaveArrived(error) else { break }
                continue
            }
            if question.accepted.contains(head.status) { return (head, transfer) }
            let problem = await refusal(head, transfer)
            guard [408, 429, 502, 503, 504].contains(head.status), question.mayRepeat else { throw problem }
            last = problem
        }
        throw last ?? unreachable(.cancelled)
    }

    /// The whole of a small answer.
    func answer(to question: Question, limit: Int = 64 << 20) async throws(Problem) -> (TransferHead, [UInt8]) {
        let (head, transfer) = try await ask(question)
        return (head, try await collect(transfer, limit: limit))
    }

    func collect(_ transfer: Transfer, limit: Int) async throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(TransferError) {
            while let chunk = try await transfer.next() {
                bytes += chunk
                guard bytes.count <= limit else { throw TransferError.tooLarge(limit: Int64(limit)) }
            }
        } catch { throw unreachable(error) }
        return bytes
    }

    private func request(for question: Question) throws(Problem) -> TransferRequest {
        let query = question.query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        let target = question.path + (query.isEmpty ? "" : "?" + query)
        let url: HTTPURL
        do { url = try HTTPURL(origin: base.origin, target: target, maximumBytes: 16_384) } catch {
            throw Problem(.usageInvalid, subject: base.redacted, summary: error.what, remedy: "Check --registry.")
        }
        var headers = question.headers
        if let token { headers.append(HeaderField(name: "Authorization", value: "Bearer \(token.reveal())")) }
        // Hashing a large artifact again takes the registry a while.
        let limits = TransferLimits(bodyBytes: 16 << 30, responseSeconds: 300)
        return TransferRequest(
            url: url.description,
            method: question.method,
            headers: headers,
            body: question.body.map { .bytes($0) },
            limits: limits
        )
    }

    private static func cannotHaveArrived(_ error: TransferError) -> Bool {
        switch error {
        case .couldNotResolve, .couldNotConnect, .tls, .timedOut(.connect), .proxy: true
        default: false
        }
    }
}
