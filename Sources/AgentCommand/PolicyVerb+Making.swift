internal import ArgumentParser
internal import Session

extension PolicyVerb {
    struct Learn: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the smallest policy that lets in what the last run got.",
            discussion: "From purser.lock and purser-run.json; `purser run --mode learn` does the same at its end."
        )

        @Option(help: "Where it is written (default: stdout).") var out: String?
        @OptionGroup var session: SessionOptions
        @OptionGroup var common: ConsoleOptions

        func run() throws {
            throw ExitCode(PolicyLearn.perform(common.invocation(flags: session.flags), out: out))
        }
    }

    struct Snapshots: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "data",
            abstract: "Makes and fetches the snapshots that rules look into.",
            subcommands: [Import.self, List.self, Update.self]
        )

        struct Import: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Makes one snapshot of files of OSV records, at once or not at all."
            )

            @Argument(help: "JSON, JSON lines, folders of them, or zips as OSV publishes them.") var files: [String]
            @Option(help: "Where it is written (default: where data.osv of the policy looks).") var out: String?
            @OptionGroup var session: SessionOptions
            @OptionGroup var common: ConsoleOptions

            func run() throws {
                let invocation = common.invocation(flags: session.flags)
                throw ExitCode(PolicySnapshots.load(invocation, files: files, out: out))
            }
        }

        struct List: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Says what data the policy names, and its digest."
            )

            @OptionGroup var session: SessionOptions
            @OptionGroup var common: ConsoleOptions

            func run() throws { throw ExitCode(PolicySnapshots.list(common.invocation(flags: session.flags))) }
        }

        struct Update: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Fetches the registry's snapshot.")

            @Option(help: "Where it is written (default: where data.osv of the policy looks).") var out: String?
            @OptionGroup var session: SessionOptions
            @OptionGroup var common: ConsoleOptions

            mutating func run() async throws {
                throw ExitCode(await PolicySnapshots.update(common.invocation(flags: session.flags), out: out))
            }
        }
    }
}
