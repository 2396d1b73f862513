internal import CLinux
internal import Synchronization

/// Signals as values. All C state of signals is reached from this file only.
public enum Signals {
    /// The signals of these numbers as they come, instead of their usual effect, until the stream is let go. One that
    /// our parent wants ignored (`nohup`) stays ignored.
    public static func stream(of numbers: [Int32]) throws(SystemError) -> AsyncStream<Int32> {
        if let error = SignalRelay.failure { throw error }
        let (stream, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let id = SignalRelay.shared.add(Set(numbers), continuation)
        continuation.onTermination = { _ in
            for number in SignalRelay.shared.remove(id) { _ = clinux_set_usual(number) }
        }
        for number in numbers {
            let status = clinux_catch(number)
            if status == 1 { SignalRelay.shared.noteCaught(number) }
            if status < 0 {
                continuation.finish()
                try SystemError.check(status, "sigaction")
            }
        }
        return stream
    }

    /// Writing to a peer that has gone is then an error of the write, not our end.
    public static func ignoreBrokenPipes() throws(SystemError) {
        try SystemError.check(clinux_ignore(SIGPIPE), "signal")
    }

    /// Gives the signal its usual effect again and sends it to ourselves: the way to end as if it had not been caught.
    public static func raiseUsual(_ number: Int32) throws(SystemError) {
        try SystemError.check(clinux_set_usual(number), "signal")
        try SystemError.check(clinux_raise(number), "kill")
    }
}

/// Reads the pipe the handler writes into and hands each number to those who asked for it.
private final class SignalRelay: Sendable {
    private struct Listener {
        let numbers: Set<Int32>
        let continuation: AsyncStream<Int32>.Continuation
    }

    private struct State {
        var lastID = 0
        var listeners: [Int: Listener] = [:]
        /// Without those our parent wants ignored: their effect is not ours to restore.
        var caught: Set<Int32> = []
    }

    static let shared = SignalRelay()
    private let state = Mutex(State())

    /// Why signals cannot be caught in this process; starts the one reading thread when first asked.
    static let failure: SystemError? = {
        var ends: [Int32] = [-1, -1]
        let status = unsafe ends.withUnsafeMutableBufferPointer { unsafe clinux_pipe($0.baseAddress) }
        guard status == 0 else { return SystemError(call: "pipe", errno: -status) }
        clinux_signals_into(ends[1])
        let reading = SharedFile(adopting: ends[0])
        do throws(SystemError) {
            try BlockingThread.start { shared.relay(reading) }
            return nil
        } catch {
            return error
        }
    }()

    func add(_ numbers: Set<Int32>, _ continuation: AsyncStream<Int32>.Continuation) -> Int {
        state.withLock { state in
            state.lastID += 1
            state.listeners[state.lastID] = Listener(numbers: numbers, continuation: continuation)
            return state.lastID
        }
    }

    func noteCaught(_ number: Int32) { state.withLock { _ = $0.caught.insert(number) } }

    /// The caught numbers nobody listens to any more.
    func remove(_ id: Int) -> Set<Int32> {
        state.withLock { state in
            guard let gone = state.listeners.removeValue(forKey: id) else { return [] }
            let free = state.listeners.values.reduce(gone.numbers) { $0.subtracting($1.numbers) }
            defer { state.caught.subtract(free) }
            return free.intersection(state.caught)
        }
    }

    private func relay(_ pipe: SharedFile) {
        while let bytes = try? pipe.readNext(upTo: 64), !bytes.isEmpty {
            for byte in bytes {
                let number = Int32(byte)
                let asked = state.withLock { state in
                    state.listeners.values.filter { $0.numbers.contains(number) }.map(\.continuation)
                }
                for continuation in asked { continuation.yield(number) }
            }
        }
    }
}
