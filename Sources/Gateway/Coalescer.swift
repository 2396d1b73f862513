internal import Core

/// Many askers, one answer in the making. An asker that leaves does not end it.
actor Coalescer<Key: Hashable & Sendable, Value: Sendable> {
    private var running: [Key: Task<Result<Value, Problem>, Never>] = [:]

    /// The answer for `key`, made by the first asker's `make` and shared by all who ask while it runs.
    func value(
        for key: Key,
        make: @escaping @Sendable () async -> Result<Value, Problem>
    ) async throws(Problem) -> Value {
        if let task = running[key] { return try await task.value.get() }
        // The task ends by itself: everything it waits for has a deadline. Nobody cancels it, since it belongs to all.
        let task = Task { await make() }
        running[key] = task
        let result = await task.value
        running[key] = nil
        return try result.get()
    }
}
