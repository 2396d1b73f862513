internal import Core
internal import Gateway
internal import JSONText
internal import Policy
internal import Proxy
internal import Storage
internal import Synchronization

/// Writes what happens into the journal before anybody is answered. One that cannot write makes the answer fail.
final class SessionRecorder: Recorder {
    private let journal: Journal
    private let stores: Gateway.Stores
    private let now: @Sendable () -> Timestamp
    private let lost = Mutex<Problem?>(nil)
    private let exemptions = Mutex<Set<Exemption>>([])

    init(journal: Journal, stores: Gateway.Stores, now: @escaping @Sendable () -> Timestamp) {
        self.journal = journal
        self.stores = stores
        self.now = now
    }

    func record(_ event: GatewayEvent) async throws(Problem) {
        let time = now()
        switch event {
        case .fetched(let input):
            exemptions.withLock { $0.formUnion(input.verdict.exemptions) }
            try write(JournalEvent.fetched(input, at: time))
        case .answered(let answer):
            try write(JournalEvent.answered(answer, size: try await size(of: answer.body), at: time))
        case .refused(let refusal): try write(JournalEvent.refused(refusal, at: time))
        case .traffic(let ecosystem, let client): try write(JournalEvent.traffic(ecosystem, client: client, at: time))
        case .gap(let kind, let host, let detail):
            try write(JournalEvent.gap(kind: kind.rawValue, host: host, detail: detail, at: time))
        case .published(let output): try write(JournalEvent.published(output, at: time))
        case .credentialExchange(let host):
            try write(JournalEvent.entry("credential", time, ["host": .string(host)]))
        }
    }

    /// What the listener saw. It has no client to fail, so a journal that cannot be written fails the session's end.
    func note(_ event: ProxyEvent) {
        let time = now()
        switch event {
        case .tunnel(let host, _, let up, let down):
            keep(JournalEvent.gap(kind: "tunnel", host: host, detail: "opaque", bytes: up + down, at: time))
        case .refusedConnection(let reason, let host):
            keep(JournalEvent.entry("connection", time, ["host": .string(host), "reason": .string(reason)]))
        case .foreignClient(let uid):
            keep(JournalEvent.entry("connection", time, ["reason": .string("uid \(uid) is not of this session")]))
        case .clientDistrustsAuthority(let host):
            keep(
                JournalEvent.gap(
                    kind: "client-tls",
                    host: host,
                    detail: "a client does not trust the session",
                    at: time
                )
            )
        case .badRequest(let reason):
            keep(JournalEvent.entry("connection", time, ["reason": .string(reason)]))
        }
    }

    /// The first event that could not be written down.
    var failure: Problem? { lost.withLock { $0 } }

    /// The exemptions that something came in by.
    var usedExemptions: Set<Exemption> { exemptions.withLock { $0 } }

    /// For what has nobody to answer to: the session's end fails where it could not be written.
    func keep(_ event: JSON) {
        do throws(Problem) { try write(event) } catch { lost.withLock { $0 = $0 ?? error } }
    }

    func write(_ event: JSON) throws(Problem) {
        do { try journal.append(event) } catch { throw error.problem }
    }

    private func size(of body: Digest?) async throws(Problem) -> Int64 {
        guard let body else { return 0 }
        do {
            if let blob = try await stores.cache.blob(body) { return blob.size }
            return try await stores.record.blob(body)?.size ?? 0
        } catch { throw error.problem }
    }
}
