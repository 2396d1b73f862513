internal import CLinux

/// Work that blocks, on a thread of its own: never on the cooperative pool.
enum BlockingThread {
    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread with every signal blocked; it ends with `body`.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let context = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
        let status = unsafe clinux_start_thread(
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            context
        )
        guard status == 0 else {
            unsafe Unmanaged<Work>.fromOpaque(context).release()
            throw SystemError(call: "pthread_create", errno: -status)
        }
    }
}
