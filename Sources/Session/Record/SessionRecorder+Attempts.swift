internal import Core
internal import Isolation
internal import JSONText

extension SessionRecorder {
    /// Somebody inside tried to get out. The first of a kind is written down at once, the others are counted.
    func note(_ attempt: Attempt) {
        guard attempt.what != Attempt.loopback else { return noteLoopback(attempt.destination) }
        guard attempts.isNew(attempt) else { return }
        keep(event(attempt, count: 1, steps.asking(process: attempt.process), at: Clock.now))
    }

    /// The same from a step that has a fence of its own: `told` is what it wrote down.
    func note(told: JSON) {
        for one in (told.array ?? []).prefix(AttemptLedger.most) {
            guard let what = one["what"]?.string, let destination = one["destination"]?.string else { continue }
            guard what != Attempt.loopback else {
                noteLoopback(String(destination.prefix(300)))
                continue
            }
            let attempt = Attempt(String(what.prefix(100)), to: String(destination.prefix(300)), by: 0)
            let count = min(max(one["count"]?.integer ?? 1, 1), 1 << 32)
            keep(event(attempt, count: count, one["asked"], at: Clock.now))
        }
    }

    /// Somebody inside a fence used what listens on the machine's loopback: who that is, and where it leads, nobody knows.
    private func noteLoopback(_ place: String) {
        guard attempts.isNewWay(place) else { return }
        let detail = "answered outside the fence"
        keep(JournalEvent.gap(kind: SessionRecorder.loopbackGap, host: place, detail: detail, at: Clock.now))
    }

    static let loopbackGap = "loopback-service"

    /// Steps were to run behind a wall, and none did.
    func noteStepsOutside() {
        guard steps.wasNeverEntered else { return }
        let detail = "no step ran through purser exec"
        keep(JournalEvent.gap(kind: StepLedger.gap, host: "localhost", detail: detail, at: Clock.now))
    }

    /// What was only counted.
    func settleAttempts(at time: Timestamp) throws(Problem) {
        let (again, others) = attempts.settle()
        for (attempt, count) in again {
            try write(event(attempt, count: count, steps.asking(process: attempt.process), at: time))
        }
        guard others > 0 else { return }
        try write(event(Attempt("others", by: 0), count: others, nil, at: time))
    }

    private func event(_ attempt: Attempt, count: Int64, _ asked: JSON?, at time: Timestamp) -> JSON {
        JournalEvent.entry(
            "attempt",
            time,
            [
                "what": .string(attempt.what),
                "destination": .string(String(attempt.destination.prefix(300))),
                "count": .integer(count),
                "asked": asked ?? .null,
            ]
        )
    }
}
