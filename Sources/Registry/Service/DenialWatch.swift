internal import Core
internal import Gateway
internal import JSONText
internal import Storage
internal import Synchronization
internal import Webhook

/// Tells the event log, and a webhook where there is one, what policy refused to fetch. Each release and rule once while
/// the server runs: a client that asks again is no news.
final class DenialWatch: Sendable {
    private let records: Records
    private let webhook: Webhook?
    private let now: @Sendable () -> Timestamp
    private let told = Mutex<Set<String>>([])
    private static let mostTold = 100_000

    init(_ records: Records, webhook: Webhook?, now: @escaping @Sendable () -> Timestamp) {
        self.records = records
        self.webhook = webhook
        self.now = now
    }

    func tell(_ refusal: Refusal) async throws(Problem) {
        guard refusal.verdict != nil, !refusal.isHidden else { return }
        let explanation = refusal.explanation
        let isNew = told.withLock { told in
            if told.count >= DenialWatch.mostTold { told = [] }
            return told.insert("\(explanation.subject)\n\(explanation.rule)").inserted
        }
        guard isNew else { return }
        let time = now()
        webhook?.offer(Notice(explanation, isAudit: false, place: "purser-registry", time: time))
        var details: [String: JSON] = ["rule": .string(explanation.rule), "message": .string(explanation.message)]
        for (label, text) in explanation.rows { details[label] = .string(text) }
        do throws(RecordsError) {
            try await records.note(
                "policy.denied",
                subject: explanation.subject,
                details: String(decoding: JSON.object(details).canonicalBytes(), as: UTF8.self),
                by: "gateway",
                at: time
            )
        } catch { throw error.problem }
    }

    /// Gives what waits a last while.
    func end() async { _ = await webhook?.finish(within: .seconds(2)) }
}
