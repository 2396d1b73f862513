internal import Core
internal import JSONText
internal import Kernel

/// `purser mark`: the step that begins now has a name.
public enum Mark {
    public static func perform(_ invocation: Invocation, session named: String?, name: String) async -> Int32 {
        do throws(Problem) {
            let session = try StartedSession.find(named, invocation)
            _ = try await session.ask("mark", ["name": .string(name)])
            return 0
        } catch {
            invocation.console.problem(error)
            return error.code.exitStatus
        }
    }
}

/// `purser status`: whether a session runs, and what came in so far.
public enum Status {
    public static func perform(_ invocation: Invocation, session named: String?) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let session = try StartedSession.find(named, invocation)
            if let result = session.result {
                show(["state": "finished", "result": .integer(Int64(result.status))], session, console)
                return 0
            }
            show(try await session.ask("status").members ?? [:], session, console)
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func show(_ status: [String: JSON], _ session: StartedSession, _ console: Console) {
        var status = status
        let note = session.note
        status["session"] = .string(session.folder)
        status["address"] = .string(note.address)
        status["started"] = .string("\(note.started)")
        status["until"] = .string("\(note.until)")
        if console.isJSON {
            return console.result(String(decoding: JSON.object(status).canonicalBytes(), as: UTF8.self))
        }
        let order = [
            "state", "result", "session", "address", "started", "until", "step", "steps", "inputs", "hits", "denied",
            "would-deny", "gaps",
        ]
        for key in order {
            guard let value = status[key], let text = text(value), !text.isEmpty else { continue }
            console.result(key.padded(to: 12) + text)
        }
    }

    private static func text(_ value: JSON) -> String? {
        value.string ?? value.integer.map { "\($0)" } ?? value.array?.compactMap(\.string).joined(separator: ", ")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}

/// `purser exec`: one command within a started session, as a step of its own.
public enum Exec {
    /// What a session's death makes of a command that went well.
    private static let lost: Int32 = 125

    public static func perform(_ invocation: Invocation, session named: String?, step: String?) async -> Int32 {
        let console = invocation.console
        guard !invocation.command.isEmpty else {
            let problem = Problem(
                .usageInvalid,
                subject: "purser exec",
                summary: "has no command",
                remedy: "Write it behind two dashes: purser exec [--mark NAME] -- COMMAND …"
            )
            console.problem(problem)
            return problem.code.exitStatus
        }
        do throws(Problem) {
            try? Signals.ignoreBrokenPipes()
            let session = try StartedSession.find(named, invocation)
            let own: JSON = .integer(Int64(ProcessIdentity.pid))
            let entering: [String: JSON?] = ["name": step.map(JSON.string), "process": own]
            _ = try await session.ask("enter", entering.compactMapValues(\.self))
            let secrets = Redaction.secrets(in: invocation.environment) + [session.note.mask.reveal()]
            let attempts = StepAttempts(step: step, secrets: secrets)
            let enclosure = try await Enclosure.step(session.note, invocation, attempts)
            let ending = await run(invocation, session, enclosure)
            if case .notStarted(let problem) = ending { console.problem(problem) }
            let leaving: [String: JSON?] = ["process": own, "attempts": attempts.told]
            do throws(Problem) { _ = try await session.ask("leave", leaving.compactMapValues(\.self)) } catch {
                console.problem(error)
                return ending.status == 0 ? lost : ending.status
            }
            return ending.status
        } catch {
            console.problem(error)
            return error.code == .usageInvalid ? error.code.exitStatus : lost
        }
    }

    /// The one place where a step's command is started.
    private static func run(
        _ invocation: Invocation,
        _ session: StartedSession,
        _ enclosure: Enclosure
    ) async -> Command.Ending {
        let interrupts = Interrupts.watch()
        defer { interrupts.stop() }
        return await Command.run(
            invocation.command,
            environment: EnvironmentText(note: session.note, current: invocation.environment).whole,
            folder: invocation.folder,
            interrupts: interrupts,
            enclosure: enclosure
        )
    }
}
