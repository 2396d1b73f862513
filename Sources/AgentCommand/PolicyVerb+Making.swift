internal import ArgumentParser
internal import Session

extension PolicyVerb {
    struct Learn: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the smallest policy that lets in what the last run got.",
            discussion: "From purser.lock and purser-run.json; `purser run --mode learn` does the same at its end."
        )

        @Option(help: "Where it is written (default: stdout).") var out: String?
        @OptionGroup var session: SessionOptions
        @OptionGroup var common: ConsoleOptions

        func run() async throws {
            throw ExitCode(await PolicyLearn.perform(common.invocation(flags: session.flags), out: out))
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
                abstract: "Takes files as the policy's data: advisories, lists, keys; at once or not at all."
            )

            @Argument(
                help: "OSV records (JSON, lines, folders, zips), .txt lists of purls, trusted_root.json, npm's keys."
            )
            var files: [String]
            @Option(help: ArgumentHelp(stringLiteral: "What they are, if they do not tell: \(Self.kinds)."))
            var kind: String?
            @Option(help: "Where it is written (default: where the policy looks for it).") var out: String?
            @OptionGroup var session: SessionOptions
            @OptionGroup var common: ConsoleOptions

            func run() throws {
                let invocation = common.invocation(flags: session.flags)
                throw ExitCode(PolicySnapshots.load(invocation, files: files, kind: kind, out: out))
            }

            private static let kinds = PolicySnapshots.kinds.joined(separator: ", ")
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
