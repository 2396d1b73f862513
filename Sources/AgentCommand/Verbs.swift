internal import ArgumentParser
internal import Session

/// `purser run`.
struct RunVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs COMMAND behind the agent and leaves purser.lock, statement and report.",
        usage: "purser run [options] -- COMMAND…"
    )

    @OptionGroup var session: SessionOptions
    @OptionGroup var common: ConsoleOptions
    @Argument(parsing: .postTerminator, help: "The command and its words.") var command: [String] = []

    mutating func run() async throws {
        throw ExitCode(await Run.perform(common.invocation(flags: session.flags, command: command)))
    }
}

/// `purser push`.
struct PushVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Uploads a finished run to the registry; goes on where an earlier push stopped."
    )

    @Argument(help: "The build manifest.") var manifest = "purser.lock"
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var common: ConsoleOptions

    mutating func run() async throws {
        throw ExitCode(await Push.perform(common.invocation(flags: registry.flags), manifest: manifest))
    }
}

/// `purser verify`.
struct VerifyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks signature, artifacts and inputs of a build manifest."
    )

    @Argument(help: "The build manifest.") var manifest = "purser.lock"
    @Option(help: "File with the keys that are trusted (default: purser-trust.json).") var trust: String?
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var common: ConsoleOptions

    mutating func run() async throws {
        throw ExitCode(await Verify.perform(common.invocation(flags: registry.flags), manifest: manifest, trust: trust))
    }
}

/// `purser replay`.
struct ReplayVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs COMMAND with the recorded network only and compares the artifacts.",
        usage: "purser replay MANIFEST [options] -- COMMAND…"
    )

    @Argument(help: "The build manifest.") var manifest = "purser.lock"
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var common: ConsoleOptions
    @Argument(parsing: .postTerminator, help: "The command and its words.") var command: [String] = []

    mutating func run() async throws {
        throw ExitCode(
            await Replay.perform(common.invocation(flags: registry.flags, command: command), manifest: manifest)
        )
    }
}

/// `purser diff`.
struct DiffVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Says what changed between two manifests."
    )

    @Argument var first: String
    @Argument var second: String
    @OptionGroup var common: ConsoleOptions

    func run() throws { throw ExitCode(PaperVerbs.diff(common.invocation(), first, second)) }
}

/// `purser show`.
struct ShowVerb: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Prints a manifest as a table.")

    @Argument(help: "The build manifest.") var manifest = "purser.lock"
    @OptionGroup var common: ConsoleOptions

    func run() throws { throw ExitCode(PaperVerbs.show(common.invocation(), manifest: manifest)) }
}

/// `purser export`.
struct ExportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints a run's papers in a form that others read.",
        discussion: """
            cyclonedx     a bill of materials (CycloneDX 1.6 JSON) of what came in and what was built
            codequality   denials, problems and warnings as GitLab's Code Quality report
            dotenv        verdict, digest and counts as NAME=value lines
            """
    )

    @Argument(help: "The build manifest (default: the last run's).") var manifest: String?
    @Option(help: "cyclonedx, codequality or dotenv.") var format: String
    @Option(name: .shortAndLong, help: "The file to write (default: standard output).") var output: String?
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var common: ConsoleOptions

    func run() throws {
        let invocation = common.invocation(flags: registry.flags)
        throw ExitCode(Export.perform(invocation, manifest: manifest, format: format, output: output))
    }
}

/// `purser promote`.
struct PromoteVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Asks the registry to promote a build; prints each gate's verdict."
    )

    @Argument(help: "The build, as `run` printed it.") var build: String
    @Option(help: "The channel: dev, staging or prod.") var to: String
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var common: ConsoleOptions

    mutating func run() async throws {
        throw ExitCode(await PaperVerbs.promote(common.invocation(flags: registry.flags), build: build, to: to))
    }
}

/// `purser check`.
struct CheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judges what lockfiles pin against policy, without a build."
    )

    @Argument(help: "Lockfiles; all of the project's where none is named.") var lockfiles: [String] = []
    @OptionGroup var session: SessionOptions
    @OptionGroup var common: ConsoleOptions

    mutating func run() async throws {
        throw ExitCode(await Check.perform(common.invocation(flags: session.flags), lockfiles: lockfiles))
    }
}

/// `purser keygen`.
struct KeygenVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Makes a signing key and its trust file."
    )

    @Option(help: "ed25519 or p256.") var type = "ed25519"
    @Option(help: "Where the private key is written.") var out: String
    @Option(help: "builds, or policies for the key that signs an organisation's policy.") var use = "builds"
    @OptionGroup var common: ConsoleOptions

    func run() throws { throw ExitCode(PaperVerbs.keygen(common.invocation(), type: type, out: out, use: use)) }
}

/// `purser explain`.
struct ExplainVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains a problem code, offline."
    )

    @Argument(help: "For example integrity.mismatch.") var code: String

    func run() throws { throw ExitCode(Explain.perform(code)) }
}

/// `purser doctor`.
struct DoctorVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what this machine can do: clients, trust, cache, isolation, registry."
    )

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var common: ConsoleOptions

    mutating func run() async throws {
        throw ExitCode(await Doctor.perform(common.invocation(flags: registry.flags)))
    }
}

/// `purser completions`.
struct CompletionsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Prints what makes a shell complete purser's words.",
        discussion: "In bash:  source <(purser completions bash)"
    )

    /// The shells that are written for.
    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

    @Argument(help: "The shell.") var shell: Shell

    func run() {
        let script =
            switch shell {
            case .bash: Purser.completionScript(for: .bash)
            case .zsh: Purser.completionScript(for: .zsh)
            case .fish: Purser.completionScript(for: .fish)
            }
        print(script)
    }
}

/// Prints a generated page of the documentation, for `make check`.
struct DocumentsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "__docs", shouldDisplay: false)

    @Argument var page: String

    func run() throws { throw ExitCode(Explain.page(page)) }
}

/// Measures what policy costs, for the benchmarks.
struct MeasureVerb: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "__measure", shouldDisplay: false)

    @Argument var name: String
    @Argument var folder: String

    func run() throws { throw ExitCode(Measure.perform(name, folder: folder)) }
}
