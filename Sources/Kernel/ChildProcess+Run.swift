internal import CLinux
internal import Synchronization

/// What a short program did and said.
public struct ChildReport: Hashable, Sendable {
    public var exit: ChildExit
    public var output: [UInt8]
    public var errors: [UInt8]
    /// It said more than was kept.
    public var isCut: Bool
    /// It was killed because its time had run out.
    public var isLate: Bool
}

/// How much of a short program's words is kept, and how long it may take.
public struct RunLimits: Hashable, Sendable {
    public var outputBytes: Int
    public var seconds: Double?

    public init(outputBytes: Int = 4 << 20, seconds: Double? = nil) {
        self.outputBytes = outputBytes
        self.seconds = seconds
    }
}

extension ChildProcess {
    /// Runs a program to its end and keeps what it writes. Cancelling the task kills the program.
    public static func run(
        _ command: ChildCommand,
        input: [UInt8] = [],
        limits: RunLimits = RunLimits()
    ) async throws(SpawnError) -> ChildReport {
        var command = command
        command.standardInput = input.isEmpty ? .null : .pipe
        command.standardOutput = .pipe
        command.standardError = .pipe
        let child = try spawn(command)
        let collector = OutputCollector(child, input: input, limits: limits)
        do throws(SystemError) {
            try collector.start()
        } catch {
            _ = try? child.signal(SIGKILL)
            throw .failed(error)
        }
        await withTaskCancellationHandler {
            await collector.finished()
        } onCancel: {
            _ = try? child.signal(SIGKILL)
        }
        let exit = await child.wait()
        return collector.report(exit)
    }
}
