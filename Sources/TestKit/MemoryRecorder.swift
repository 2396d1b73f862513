public import Core
public import Gateway
internal import Policy
internal import Synchronization

/// Keeps what a gateway recorded; fails at an event where the test says so.
public final class MemoryRecorder: Recorder {
    private struct State {
        var events: [GatewayEvent] = []
        var asked = 0
        var failing: Int?
    }

    private let state = Mutex(State())

    public init() {}

    /// From its n-th event (from 0) on, this recorder fails once.
    public func fail(at event: Int?) {
        state.withLock { state in
            state.failing = event
            state.asked = 0
        }
    }

    public func record(_ event: GatewayEvent) async throws(Problem) {
        // Like a disk, it takes its time: whoever does not wait would be seen.
        await Task.yield()
        let isKept = state.withLock { state in
            defer { state.asked += 1 }
            guard state.asked != state.failing else { return false }
            state.events.append(event)
            return true
        }
        guard isKept else {
            throw Problem(.storageFull, subject: "the journal", summary: "is full", remedy: "Free space.")
        }
    }

    /// As the session's recorder does it, but with an event for each, so that tests see every request.
    public func countAgain(ecosystem: String, client: String) -> Bool {
        state.withLock { state in
            let isKnown = state.events.contains { event in
                if case .traffic(ecosystem, client) = event { true } else { false }
            }
            guard isKnown, state.failing == nil else { return false }
            state.events.append(.traffic(ecosystem: ecosystem, client: client))
            return true
        }
    }

    public var events: [GatewayEvent] { state.withLock(\.events) }

    public var fetched: [FetchedInput] { events.compactMap { if case .fetched(let input) = $0 { input } else { nil } } }
    public var answers: [RecordedAnswer] {
        events.compactMap { if case .answered(let answer) = $0 { answer } else { nil } }
    }
    public var refusals: [Refusal] { events.compactMap { if case .refused(let refusal) = $0 { refusal } else { nil } } }
    public var outputs: [PublishedOutput] {
        events.compactMap { if case .published(let out) = $0 { out } else { nil } }
    }
    /// `kind host` of each gap.
    public var gaps: [String] {
        events.compactMap { if case .gap(let kind, let host, _) = $0 { "\(kind.rawValue) \(host)" } else { nil } }
    }
}

extension GatewayEvent {
    /// One line, as transcripts spell it.
    public var line: String {
        switch self {
        case .fetched(let input):
            "fetched \(input.purl)\(input.isUnclaimed ? " unclaimed" : "") from \(input.source)"
                + (input.verdict.wouldBlock ? " would-block" : "")
        case .answered(let answer): "answered \(answer.request.method) \(answer.request.url.redacted) \(answer.status)"
        case .refused(let refusal):
            "\(refusal.isHidden ? "hidden" : "refused") \(refusal.subject) \(refusal.problem.code.rawValue)"
                + (refusal.problem.rule.map { " \($0)" } ?? "")
        case .traffic(let ecosystem, _): "traffic \(ecosystem)"
        case .gap(let kind, let host, _): "gap \(kind.rawValue) \(host)"
        case .published(let output): "published \(output.url.redacted) \(output.status)"
        case .credentialExchange(let host): "credential \(host)"
        }
    }
}
