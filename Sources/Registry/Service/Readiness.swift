internal import Core

/// Remembers for some seconds whether the disk can be written to: to find out costs it a sync, and anybody may ask.
actor Readiness {
    private let seconds: Int64
    private var last: (at: Timestamp, problem: Declined?)?
    private var isTrying = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(seconds: Int64) { self.seconds = seconds }

    /// What `attempt` found, now or a moment ago; those who ask meanwhile wait for the one attempt.
    func problem(at now: Timestamp, _ attempt: @Sendable () async -> Declined?) async -> Declined? {
        while isTrying { await withCheckedContinuation { waiting.append($0) } }
        // A clock that was set back makes what is known look younger than new: then it is found out again.
        if let last, 0..<seconds ~= now.seconds - last.at.seconds { return last.problem }
        isTrying = true
        let problem = await attempt()
        last = (now, problem)
        isTrying = false
        for continuation in waiting { continuation.resume() }
        waiting = []
        return problem
    }
}
