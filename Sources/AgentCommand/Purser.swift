internal import ArgumentParser
internal import Session

/// The agent's command line: words in, exit status out. What the words do is the session's business.
@main
struct Purser: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "purser",
        abstract: "Runs a build behind a recording, checking, caching proxy and keeps its papers.",
        discussion: """
            Start with:  purser run -- make
            It records every dependency the command fetches, holds it against policy, and writes purser.lock.
            """,
        version: version,
        subcommands: [
            RunVerb.self, StartVerb.self, EnvironmentVerb.self, MarkVerb.self, ExecVerb.self, StatusVerb.self,
            FinishVerb.self, CheckVerb.self, PushVerb.self, VerifyVerb.self, ReplayVerb.self, DiffVerb.self,
            ShowVerb.self,
            ExportVerb.self,
            PromoteVerb.self,
            PolicyVerb.self, KeygenVerb.self, ExplainVerb.self, DoctorVerb.self, CompletionsVerb.self,
            DocumentsVerb.self,
            MeasureVerb.self,
        ]
    )

    /// Usage errors end with 2, as everywhere in Purser; the parser's own number is 64.
    static func main() async {
        let words = Process.begin(Array(CommandLine.arguments.dropFirst()))
        // A session waits for this one before it starts its command, so it does not even parse.
        if words == ["__canary"] { CanaryVerb.perform() }
        // Waited for as well, and orders come over its standard input.
        if words == ["__agent"] { exit(withError: ExitCode(await AgentVerb.perform())) }
        do {
            var parsed = try read(words)
            if var verb = parsed as? any AsyncParsableCommand { try await verb.run() } else { try parsed.run() }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Process.write(error: fullMessage(for: error) + "\n")
            exit(withError: ExitCode(2))
        }
    }
}

extension Purser {
    /// The parser describes all verbs to itself before it reads one. What jobs wait for is read without the others; what
    /// cannot be read that way, help among it, is read as all the rest, which words it as part of the whole.
    private static func read(_ words: [String]) throws -> any ParsableCommand {
        let waited: [any ParsableCommand.Type] = [RunVerb.self, StartVerb.self, ExecVerb.self, MarkVerb.self]
        let verb = waited.first { $0.configuration.commandName == words.first }
        if let verb, let parsed = try? verb.parse(Array(words.dropFirst())) { return parsed }
        return try parseAsRoot(words)
    }
}

/// What every verb takes.
struct ConsoleOptions: ParsableArguments {
    @Flag(help: "Print problems as one JSON object a line.") var json = false
    @Flag(name: .shortAndLong, help: "Print nothing but problems and results.") var quiet = false
    @Flag(name: .shortAndLong, help: "Print more.") var verbose = false
    @Option(help: "Colours: auto (on a terminal, unless NO_COLOR is set), always or never.") var color = ColorChoice
        .auto
    @Flag(name: .customLong("no-progress"), help: "Nothing of progress while the command runs.") var hidesProgress =
        false

    var console: Console {
        var console = Console()
        console.isJSON = json
        console.isQuiet = quiet
        console.isVerbose = verbose
        let environment = Process.environment()
        let isTerminal = Process.isTerminal && environment["TERM"] != "dumb"
        let mayColor = (environment["NO_COLOR"] ?? "").isEmpty
        console.isColored = color == .always || color == .auto && isTerminal && mayColor
        let wantsProgress = !hidesProgress && !quiet && !json
        let isJob = !(environment["CI"] ?? "").isEmpty
        console.showsProgress = wantsProgress && isTerminal && !isJob
        console.logsProgress = wantsProgress && isJob
        return console
    }

    func invocation(flags: [String: [String]] = [:], command: [String] = []) -> Invocation {
        Invocation(
            flags: flags,
            command: command,
            environment: Process.environment(),
            folder: Process.folder(),
            program: Process.program(),
            version: Purser.version,
            console: console
        )
    }
}

/// When colours are used.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
