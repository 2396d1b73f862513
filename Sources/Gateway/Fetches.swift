internal import Core
internal import Storage
internal import Upstream

/// The fetches under way, so that a hundred askers of one cold artifact cause one.
actor Fetches {
    struct Key: Hashable, Sendable {
        let url: HTTPURL
        let accept: String
        let credential: String?
    }

    private var running: [Key: Fetch] = [:]
    /// What failed in this session: the next asker waits for the whole verification, so that it can be told the reason.
    private var broken: [HTTPURL: Problem] = [:]

    /// The running fetch, or a new one that `run` fills.
    func join(_ key: Key, run: @escaping @Sendable (Fetch) async -> Fetch.Outcome) -> Fetch {
        if let fetch = running[key] { return fetch }
        let fetch = Fetch()
        running[key] = fetch
        // Ends by itself: every wait in it has a deadline. It belongs to all its askers, so none of them cancels it.
        Task {
            let outcome = await run(fetch)
            finish(key, outcome)
            fetch.settle(outcome)
        }
        return fetch
    }

    func hasBroken(_ url: HTTPURL) -> Bool { broken[url] != nil }

    private func finish(_ key: Key, _ outcome: Fetch.Outcome) {
        running[key] = nil
        switch outcome {
        case .failed(let problem): broken[key.url] = problem
        case .committed: broken[key.url] = nil
        case .passed: break
        }
    }
}
