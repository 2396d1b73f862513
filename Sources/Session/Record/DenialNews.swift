internal import Core
internal import Gateway
internal import Policy
internal import Synchronization
internal import Transfer
internal import Webhook

/// Tells a webhook of denials while the job runs: of each release and rule once, and without anybody waiting for it.
final class DenialNews: Sendable {
    private let webhook: Webhook?
    private let place: String
    private let now: @Sendable () -> Timestamp
    private let told = Mutex<Set<String>>([])

    /// How long the end of a job waits at most for what is still on its way.
    private static let patience = Duration.seconds(1)

    static let silent = DenialNews(nil, place: "", now: { Timestamp(seconds: 0) })

    private init(_ webhook: Webhook?, place: String, now: @escaping @Sendable () -> Timestamp) {
        self.webhook = webhook
        self.place = place
        self.now = now
    }

    /// The webhook that the options name; one that tells nobody where they name none.
    convenience init(_ plan: Plan, now: @escaping @Sendable () -> Timestamp) throws(Problem) {
        guard let text = plan.options.text("webhook") else {
            self.init(nil, place: "", now: now)
            return
        }
        let url: HTTPURL
        do { url = try HTTPURL(text) } catch { throw DenialNews.unusable(error.what, plan) }
        let secret = plan.environment["PURSER_WEBHOOK_SECRET"].flatMap { $0.isEmpty ? nil : Secret($0) }
        do throws(TransferError) {
            let transfer = TransferConfiguration(userAgent: "purser", environment: plan.environment)
            let configuration = Webhook.Configuration(url, secret: secret, now: now)
            let webhook = Webhook(configuration, engine: try TransferEngine(transfer))
            self.init(webhook, place: DenialNews.place(plan), now: now)
        } catch { throw DenialNews.unusable("cannot be reached: \(error)", plan) }
    }

    /// Never shows the address: it is a secret itself.
    private static func unusable(_ what: String, _ plan: Plan) -> Problem {
        Problem(
            .usageInvalid,
            subject: "--webhook",
            summary: what,
            remedy: "Give an absolute http or https URL without user and password.",
            details: ["from": plan.options.source("webhook").description]
        )
    }

    /// Where the job can be found.
    private static func place(_ plan: Plan) -> String {
        guard let ci = plan.ci else { return plan.folder }
        return [ci.name, ci.repository, ci.ref, ci.run].compactMap(\.self).joined(separator: " ")
    }

    func tell(_ refusal: Refusal) {
        guard refusal.verdict != nil, !refusal.isHidden else { return }
        offer(refusal.explanation, isAudit: false)
    }

    /// What came in, and would not have under `enforce`.
    func tell(_ input: FetchedInput) {
        guard webhook != nil, input.verdict.wouldBlock else { return }
        offer(input.verdict.explanation(subject: input.purl.release.description), isAudit: true)
    }

    private func offer(_ explanation: Explanation, isAudit: Bool) {
        guard let webhook else { return }
        let isNew = told.withLock { $0.insert("\(explanation.subject)\n\(explanation.rule)").inserted }
        guard isNew else { return }
        webhook.offer(Notice(explanation, isAudit: isAudit, place: place, time: now()))
    }

    /// What could not be told, in words; nil where everything was, or there was nothing to tell.
    func end() async -> String? {
        guard let webhook else { return nil }
        let tally = await webhook.finish(within: DenialNews.patience)
        guard !tally.isWhole else { return nil }
        return "webhook: \(tally.failed + tally.dropped) of \(tally.failed + tally.dropped + tally.delivered) "
            + "notices were not delivered"
    }
}
