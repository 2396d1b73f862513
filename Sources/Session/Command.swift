internal import Core
internal import Kernel

/// The job's command: started with the session's environment, given our signals, waited for.
enum Command {
    /// What became of it.
    enum Ending: Sendable {
        case ended(ChildExit)
        case notStarted(Problem)

        var status: Int32 {
            switch self {
            case .ended(let exit): exit.status
            case .notStarted(let problem): problem.reason == "not-executable" ? 126 : 127
            }
        }
    }

    /// Runs it to its end. Interrupts reach it through the terminal or are passed on; a second one ends it at once.
    static func run(_ words: [String], environment: [String: String], folder: String) async -> Ending {
        var command = ChildCommand(words, environment: environment, workingDirectory: folder)
        command.closeOthers = true
        do throws(SpawnError) {
            let signals = try? Signals.stream(of: [1, 2, 15])
            let child = try ChildProcess.spawn(command)
            // Ends with the stream of signals, which ends when the command has ended.
            let passing = Task {
                var interrupts = 0
                for await signal in signals ?? AsyncStream(unfolding: { nil }) {
                    interrupts += 1
                    // A terminal sends SIGINT to the whole group, the child too.
                    let isFromTerminal = signal == 2 && ProcessIdentity.isTerminal(0)
                    if !isFromTerminal || interrupts > 1 { _ = try? child.signal(interrupts > 1 ? 9 : signal) }
                }
            }
            let exit = await child.wait()
            passing.cancel()
            return .ended(exit)
        } catch {
            return .notStarted(problem(error, words[0]))
        }
    }

    private static func problem(_ error: SpawnError, _ name: String) -> Problem {
        switch error {
        case .notFound:
            Problem(
                .commandNotStarted,
                subject: name,
                summary: "was not found",
                remedy: "Check the name and PATH.",
                reason: "not-found"
            )
        case .notExecutable:
            Problem(
                .commandNotStarted,
                subject: name,
                summary: "cannot be executed",
                remedy: "Give the file the x bit, or name its interpreter.",
                reason: "not-executable"
            )
        case .failed(let error):
            Problem(
                .commandNotStarted,
                subject: name,
                summary: "could not be started (\(error))",
                remedy: "Free memory or processes on this machine, then run the job again.",
                reason: "not-executable"
            )
        }
    }
}
