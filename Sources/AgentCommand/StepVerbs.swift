internal import ArgumentParser
internal import Session

/// Which started session is meant.
struct StartedOptions: ParsableArguments {
    @Option(help: "The session's folder (default: PURSER_SESSION, else the only session of this folder).")
    var session: String?
    @OptionGroup var common: ConsoleOptions
}

/// `purser start`.
struct StartVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts a session for several steps; returns when its listener answers.",
        discussion: """
            In a shell:   eval "$(purser start)"        then the steps, then:  purser finish
            On GitHub:    purser start                  sets the variables of later steps
            """
    )

    @OptionGroup var session: SessionOptions
    @Option(help: ArgumentHelp(stringLiteral: Options.meaning(of: "max-duration"))) var maxDuration: String?
    @Option(help: "shell, github, gitlab, dotenv, json or powershell (default: github in its jobs, else shell).")
    var format: String?
    @OptionGroup var common: ConsoleOptions

    mutating func run() async throws {
        var flags = session.flags
        if let maxDuration { flags["max-duration"] = [maxDuration] }
        throw ExitCode(await Start.perform(common.invocation(flags: flags), format: format))
    }
}

/// `purser env`.
struct EnvironmentVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Prints the settings of the session that runs."
    )

    @Option(help: "shell, github, gitlab, dotenv, json or powershell (default: github in its jobs, else shell).")
    var format: String?
    @OptionGroup var started: StartedOptions

    mutating func run() async throws {
        let invocation = started.common.invocation()
        throw ExitCode(await EnvVerb.perform(invocation, session: started.session, format: format))
    }
}

/// `purser mark`.
struct MarkVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark",
        abstract: "Names the step that begins now; the run report has it with every fetch."
    )

    @Argument(help: "The step's name.") var name: String
    @OptionGroup var started: StartedOptions

    mutating func run() async throws {
        let invocation = started.common.invocation()
        throw ExitCode(await Mark.perform(invocation, session: started.session, name: name))
    }
}

/// `purser exec`.
struct ExecVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract:
            "Runs COMMAND within the session that was started; ends with its status, or 125 if the session is dead.",
        usage: "purser exec [options] -- COMMAND…"
    )

    @Option(name: .customLong("mark"), help: "The step's name.") var step: String?
    @OptionGroup var started: StartedOptions
    @Argument(parsing: .postTerminator, help: "The command and its words.") var command: [String] = []

    mutating func run() async throws {
        let invocation = started.common.invocation(command: command)
        throw ExitCode(await Exec.perform(invocation, session: started.session, step: step))
    }
}

/// `purser status`.
struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says whether the session runs, and what came in so far."
    )

    @OptionGroup var started: StartedOptions

    mutating func run() async throws {
        throw ExitCode(await Status.perform(started.common.invocation(), session: started.session))
    }
}

/// `purser finish`.
struct FinishVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Ends the session and leaves its papers; asked again, it says the same again.",
        discussion:
            "Ends with 0, 3 for a denial under enforce, 14 when the agent died, else the first problem's number."
    )

    @Option(help: "How the job went, in its CI system's word: success, failure or cancelled (else PURSER_JOB_STATUS).")
    var jobStatus: String?
    @OptionGroup var started: StartedOptions

    mutating func run() async throws {
        let invocation = started.common.invocation()
        throw ExitCode(await Finish.perform(invocation, session: started.session, job: jobStatus))
    }
}
