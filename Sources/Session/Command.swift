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

    /// Runs it to its end.
    static func run(
        _ words: [String],
        environment: [String: String],
        folder: String,
        interrupts: Interrupts,
        enclosure: Enclosure
    ) async -> Ending {
        var command = ChildCommand(words, environment: environment, workingDirectory: folder)
        command.closeOthers = true
        do throws(SpawnError) {
            interrupts.starting()
            let child = try await enclosure.start(command)
            interrupts.running(child)
            CodePages.giveBack()
            let exit = await child.wait()
            interrupts.running(nil)
            return interrupts.forcedStatus.map { .ended(.exited($0)) } ?? .ended(exit)
        } catch {
            interrupts.running(nil)
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
