import Glibc
import Kernel
import Testing

/// Signals as values; one at a time, since they belong to the whole process.
@Suite(.serialized) struct SignalTests {
    @Test func givesSignalsToAllWhoAsked() async throws {
        let first = try Signals.stream(of: [SIGUSR1, SIGUSR2])
        let second = try Signals.stream(of: [SIGUSR2])
        kill(getpid(), SIGUSR1)
        var iterator = first.makeAsyncIterator()
        #expect(await iterator.next() == SIGUSR1)
        kill(getpid(), SIGUSR2)
        #expect(await iterator.next() == SIGUSR2)
        var other = second.makeAsyncIterator()
        #expect(await other.next() == SIGUSR2)
    }

    @Test func leavesIgnoredSignalsIgnored() throws {
        _ = signal(SIGWINCH, SIG_IGN)
        _ = try Signals.stream(of: [SIGWINCH])
        var found = sigaction()
        _ = unsafe sigaction(SIGWINCH, nil, &found)
        let handler = unsafe unsafeBitCast(found.__sigaction_handler.sa_handler, to: Int.self)
        #expect(handler == 1)
    }

    @Test func brokenPipesAreErrorsAndChildrenAreNotTold() async throws {
        try Signals.ignoreBrokenPipes()
        var ends: [Int32] = [0, 0]
        _ = unsafe ends.withUnsafeMutableBufferPointer { unsafe pipe($0.baseAddress) }
        close(ends[0])
        let writing = SharedFile(adopting: ends[1])
        let error = #expect(throws: SystemError.self) { try writing.append([1]) }
        #expect(error?.errno == EPIPE)
        let child = try ChildProcess.spawn(shell("kill -PIPE $$; exit 0"))
        #expect(await child.wait() == .signalled(SIGPIPE))
    }
}
