internal import ArgumentParser
internal import Session

/// `purser policy`.
struct PolicyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Looks at the policy in force, tests it, and keeps its lists short.",
        subcommands: [Show.self, Check.self, Explain.self, Test.self, Learn.self, Snapshots.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints every value in force and where it comes from."
        )

        @OptionGroup var session: SessionOptions
        @OptionGroup var common: ConsoleOptions

        mutating func run() async throws {
            throw ExitCode(await PolicyShow.perform(common.invocation(flags: session.flags)))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads the policy and names exemptions that have ended or were not needed.",
            discussion: "Ends with 3 where there are such exemptions and --prune is not given."
        )

        @Flag(help: "Remove them from the file; comments and order of everything else stay.") var prune = false
        @Option(name: .customLong("report-of"), help: "Report of a job that the policy is for; repeatable.")
        var reports: [String] = []
        @OptionGroup var session: SessionOptions
        @OptionGroup var common: ConsoleOptions

        mutating func run() async throws {
            let invocation = common.invocation(flags: session.flags)
            throw ExitCode(await PolicyCheck.perform(invocation, prune: prune, reports: reports))
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells what policy said of a package in the last run, and why."
        )

        @Argument(help: "A purl, with or without version.") var purl: String
        @OptionGroup var session: SessionOptions
        @OptionGroup var common: ConsoleOptions

        mutating func run() async throws {
            throw ExitCode(await VerdictVerb.perform(common.invocation(flags: session.flags), purl))
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a policy's own cases: facts, and the verdict that they must get.",
            discussion: "Ends with 0 where every case holds, else with 3."
        )

        @Argument(help: "A folder of .yml and .json files, or one of them.") var folder: String
        @Option(help: "tap or table.") var format = "tap"
        @OptionGroup var session: SessionOptions
        @OptionGroup var common: ConsoleOptions

        mutating func run() async throws {
            let invocation = common.invocation(flags: session.flags)
            throw ExitCode(await PolicyTest.perform(invocation, folder: folder, format: format))
        }
    }
}
