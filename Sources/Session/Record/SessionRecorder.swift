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
    let news: DenialNews
    private let now: @Sendable () -> Timestamp
    let steps: StepLedger
    let attempts = AttemptLedger()
    private let lost = Mutex<Problem?>(nil)
    private let counts = Mutex(Progress())
    private let exemptions = Mutex<Set<Exemption>>([])
    private let speakers = Mutex<[Speaker: Int64]>([:])
    /// More than these speak only where somebody makes up names; each of their requests is a line of its own.
    private static let mostSpeakers = 1_000

    /// A client and the protocol it spoke.
    private struct Speaker: Hashable {
        let ecosystem: String
        let client: String
    }

    init(
        journal: Journal,
        stores: Gateway.Stores,
        news: DenialNews = .silent,
        steps: StepLedger = StepLedger(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.journal = journal
        self.stores = stores
        self.news = news
        self.steps = steps
        self.now = now
    }

    func record(_ event: GatewayEvent) async throws(Problem) {
        let time = now()
        switch event {
        case .fetched(let input):
            exemptions.withLock { $0.formUnion(input.verdict.exemptions) }
            try write(asked(JournalEvent.fetched(input, at: time), from: input.origin.host, at: time))
            news.tell(input)
            count(input)
        case .answered(let answer):
            try write(JournalEvent.answered(answer, size: try await size(of: answer.body), at: time))
        case .refused(let refusal):
            try write(asked(JournalEvent.refused(refusal, at: time)))
            news.tell(refusal)
            if !refusal.isHidden { counts.withLock { $0.denied += 1 } }
        case .traffic(let ecosystem, let client): try recordTraffic(ecosystem, client, at: time)
        case .gap(let kind, let host, let detail):
            try write(JournalEvent.gap(kind: kind.rawValue, host: host, detail: detail, at: time))
        case .published(let output): try write(JournalEvent.published(output, at: time))
        case .credentialExchange(let host):
            try write(JournalEvent.entry("credential", time, ["host": .string(host)]))
        }
    }

    /// What came in so far.
    var progress: Progress { counts.withLock { $0 } }

    private func count(_ input: FetchedInput) {
        counts.withLock { counts in
            counts.inputs += 1
            counts.bytes += input.size
            counts.hits += input.source == "network" ? 0 : 1
            counts.last = input.purl.release.description
        }
    }

    /// The event with who asked; where that was a step outside the session's wall, that too.
    private func asked(_ event: JSON, from host: String? = nil, at time: Timestamp? = nil) -> JSON {
        guard case .object(var fields) = event else { return event }
        let (asking, isOutside) = steps.asking()
        if isOutside, let host, let time {
            keep(JournalEvent.gap(kind: StepLedger.gap, host: host, detail: "not by purser exec", at: time))
        }
        fields["asked"] = asking
        return .object(fields)
    }

    /// A step of the job begins.
    func mark(_ name: String) throws(Problem) {
        try write(JournalEvent.entry("mark", now(), ["name": .string(name)]))
        steps.mark(name)
    }

    /// The first request of each client is written down at once, the others are counted until `settle`: a line for each
    /// would cost more than the answer.
    private func recordTraffic(_ ecosystem: String, _ client: String, at time: Timestamp) throws(Problem) {
        if countAgain(ecosystem: ecosystem, client: client) { return }
        try write(JournalEvent.traffic(ecosystem, client: client, requests: 1, at: time))
        speakers.withLock { speakers in
            guard speakers.count < Self.mostSpeakers else { return }
            speakers[Speaker(ecosystem: ecosystem, client: client), default: 0] += 0
        }
    }

    func countAgain(ecosystem: String, client: String) -> Bool {
        let speaker = Speaker(ecosystem: ecosystem, client: client)
        return speakers.withLock { speakers in
            guard let count = speakers[speaker] else { return false }
            speakers[speaker] = count + 1
            return true
        }
    }

    /// Writes down what was only counted; before the journal is read.
    func settle() throws(Problem) {
        let counted = speakers.withLock { speakers in
            defer { for speaker in speakers.keys { speakers[speaker] = 0 } }
            return speakers.filter { $0.value > 0 }
        }
        let sorted = counted.sorted { ($0.key.ecosystem, $0.key.client) < ($1.key.ecosystem, $1.key.client) }
        let time = now()
        for (speaker, count) in sorted {
            try write(JournalEvent.traffic(speaker.ecosystem, client: speaker.client, requests: count, at: time))
        }
        try settleAttempts(at: time)
    }

    /// What the listener saw. It has no client to fail, so a journal that cannot be written fails the session's end.
    func note(_ event: ProxyEvent) {
        let time = now()
        switch event {
        case .tunnel(let host, _, let up, let down):
            keep(JournalEvent.gap(kind: "opaque-tunnel", host: host, detail: "unread", bytes: up + down, at: time))
        case .service(let host, let port, let up, let down):
            keep(
                JournalEvent.gap(
                    kind: "declared-service",
                    host: "\(host):\(port)",
                    detail: "unread",
                    bytes: up + down,
                    at: time
                )
            )
        case .failedTunnel(let host, let reason):
            keep(JournalEvent.gap(kind: "upstream-error", host: host, detail: reason, at: time))
        case .unreadProtocol(let name, let host):
            keep(JournalEvent.gap(kind: "unread-protocol", host: host, detail: name, at: time))
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
