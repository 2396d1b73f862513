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

    /// Waits for blocking work; `nil` when no thread could be had for it.
    static func run<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer? {
        await withCheckedContinuation { continuation in
            do throws(SystemError) {
                try start { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(returning: nil)
            }
        }
    }

    /// Blocks the thread that calls it, which must be one of ours.
    static func sleep(milliseconds: Int32) {
        let nothing: [Int32] = [-1, -1]
        _ = unsafe nothing.withUnsafeBufferPointer { unsafe clinux_poll($0.baseAddress, -1, milliseconds) }
    }
}
