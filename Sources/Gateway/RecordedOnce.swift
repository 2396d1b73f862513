internal import Core

/// What was recorded already in this session, so that equal events are recorded once.
actor RecordedOnce {
    private var done: Set<String> = []
    private var running: [String: Task<Problem?, Never>] = [:]

    /// Records under this key unless that was done. Nobody returns before it is really recorded, and a failure is told
    /// to all who waited and forgotten, so that the next one tries again.
    func once(_ key: String, _ record: @escaping @Sendable () async throws(Problem) -> Void) async throws(Problem) {
        if done.contains(key) { return }
        let isOwn = running[key] == nil
        let task =
            running[key]
            ?? Task {
                do throws(Problem) {
                    try await record()
                    return nil
                } catch { return error }
            }
        running[key] = task
        let failure = await task.value
        if isOwn {
            running[key] = nil
            if failure == nil { done.insert(key) }
        }
        if let failure { throw failure }
    }
}
