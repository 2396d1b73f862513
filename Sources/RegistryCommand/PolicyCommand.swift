internal import ArgumentParser
internal import Core
internal import Registry

/// `purser-registry policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Sets the organisation's policy, which agents put above their repository's.",
        subcommands: [Set.self, Show.self]
    )

    /// `purser-registry policy set`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks, signs and serves a policy file.",
            discussion: """
                Agents that were given the key (--policy-trust) take it from then on, a running server included. The key \
                never gets into the data directory.
                """
        )

        @OptionGroup var data: FolderOptions

        @Option(help: "The private key, as `purser keygen --use policies` makes it.")
        var signingKey: String

        @Option(help: "How many days agents may use their copy while the registry cannot be asked.")
        var staleDays: Int64 = 7

        @Argument(help: "The policy keys of a purser.yml.")
        var file: String

        func run() async throws {
            try await reporting {
                guard (0...3_650).contains(staleDays) else {
                    throw Problem(
                        .usageInvalid,
                        subject: "--stale-days \(staleDays)",
                        summary: "is no number of days",
                        remedy: "Give 0 to 3650."
                    )
                }
                let set = try await data.administration.setPolicy(
                    file,
                    keyFile: signingKey,
                    maximumStaleness: staleDays * 86_400
                )
                print("policy \(set.serial) is served, signed by key \(set.keyID)")
                print(set.digest)
            }
        }
    }

    /// `purser-registry policy show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the policy that is served.")

        @OptionGroup var data: FolderOptions

        func run() async throws {
            try await reporting {
                guard let policy = try data.administration.policy() else {
                    print("# no policy is served")
                    return
                }
                print("# \(policy.line)")
                print(policy.text, terminator: policy.text.hasSuffix("\n") ? "" : "\n")
            }
        }
    }
}

/// `purser-registry data`: what agents fetch with
/// `purser policy data update` is set here.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Sets the data that agents fetch with `purser policy data update`.",
        subcommands: [Set.self]
    )

    /// `purser-registry data set`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Checks and serves a snapshot.")

        @OptionGroup var data: FolderOptions

        @Argument(help: ArgumentHelp(stringLiteral: Administration.dataNames.joined(separator: ", ") + "."))
        var name: String

        @Argument(help: "A file, as `purser policy data import` makes it, or of OSV records.")
        var file: String

        func run() async throws {
            try await reporting {
                let set = try await data.administration.setData(name, file: file)
                print("\(name) is served: \(set.words)")
                print(set.digest)
            }
        }
    }
}
