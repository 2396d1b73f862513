internal import CLinux
internal import Synchronization

/// Feeds and reads a child's pipes on a thread of its own until they end.
final class OutputCollector: Sendable {
    private struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var isCut = false
        var isLate = false
        var hasEnded = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let child: ChildProcess
    private let input: [UInt8]
    private let limits: RunLimits
    private let streams: [SharedFile?]

    init(_ child: ChildProcess, input: [UInt8], limits: RunLimits) {
        self.child = child
        self.input = input
        self.limits = limits
        streams = [child.standardOutput, child.standardError]
    }

    func start() throws(SystemError) { try BlockingThread.start { self.collect() } }

    func finished() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiting = continuation }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    func report(_ exit: ChildExit) -> ChildReport {
        state.withLock { state in
            ChildReport(
                exit: exit,
                output: state.output,
                errors: state.errors,
                isCut: state.isCut,
                isLate: state.isLate
            )
        }
    }

    private func collect() {
        var reading = streams.map { $0?.rawDescriptor ?? -1 }
        var feed = InputFeed(input, descriptor: input.isEmpty ? -1 : child.standardInput?.rawDescriptor ?? -1)
        let began = ProcessIdentity.monotonicNanoseconds()
        var quiet = 0
        while reading != [-1, -1] {
            // A grandchild may keep our pipe open after the child has ended: two quiet rounds are an end then.
            let ready = unsafe clinux_poll(reading, feed.descriptor, 100)
            if ready < 0 { break }
            quiet = ready == 0 && child.exit != nil ? quiet + 1 : 0
            if quiet >= 2 { break }
            for index in 0..<2 where ready & (1 << Int32(index)) != 0 {
                if !keep(index) { reading[index] = -1 }
            }
            if ready & 4 != 0 { feed.advance(child) }
            killIfLate(since: began)
        }
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// `false` at the end of the stream.
    private func keep(_ index: Int) -> Bool {
        guard let bytes = try? streams[index]?.readNext(), !bytes.isEmpty else { return false }
        state.withLock { state in
            let room = max(0, limits.outputBytes - (index == 0 ? state.output.count : state.errors.count))
            // What is too much is read and dropped: a full pipe would stop the child.
            if bytes.count > room { state.isCut = true }
            if index == 0 { state.output += bytes.prefix(room) } else { state.errors += bytes.prefix(room) }
        }
        return true
    }

    private func killIfLate(since began: UInt64) {
        guard let seconds = limits.seconds else { return }
        let passed = Double(ProcessIdentity.monotonicNanoseconds() - began) / 1e9
        guard passed > seconds, child.exit == nil, (try? child.signal(SIGKILL)) == true else { return }
        state.withLock { $0.isLate = true }
    }
}

/// The bytes a child reads, given in parts that never block once the pipe is ready.
private struct InputFeed {
    private(set) var descriptor: Int32
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8], descriptor: Int32) {
        rest = bytes[...]
        self.descriptor = descriptor
    }

    mutating func advance(_ child: ChildProcess) {
        let part = Array(rest.prefix(4096))
        rest = rest.dropFirst(part.count)
        // A child that reads no more is no error of ours.
        let isTaken = (try? child.standardInput?.append(part)) != nil
        if rest.isEmpty || !isTaken {
            descriptor = -1
            child.closeInput()
        }
    }
}
