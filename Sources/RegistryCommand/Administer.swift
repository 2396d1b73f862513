internal import ArgumentParser
internal import Core
internal import Ecosystems
internal import Registry

/// `purser-registry init`.
struct Initialize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "init", abstract: "Makes a data directory.")

    @OptionGroup var data: FolderOptions

    func run() async throws {
        try await reporting {
            if let token = try await data.administration.create() {
                print("first administration token (shown once): \(token.reveal())")
            } else {
                print("\(data.folder) is a data directory already; nothing was changed")
            }
        }
    }
}

/// `purser-registry token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Makes, lists and revokes access tokens.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    /// `purser-registry token create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token and shows it once.")

        @OptionGroup var data: FolderOptions

        @Option(name: .customLong("scope"), help: "read, publish, promote or admin; several with commas.")
        var scopes: [String]

        @Option(name: .customLong("repository"), help: "Names or patterns such as team-*; several with commas.")
        var repositories: [String] = ["main"]

        @Option(help: "Days until it expires; without, it is valid until it is revoked.")
        var days: Int?

        @Option(help: "What it is for.")
        var note = ""

        func run() async throws {
            try await reporting {
                let token = try await data.administration.createToken(
                    note,
                    scopes: scopes.flatMap { $0.split(separator: ",").map(String.init) },
                    repositories: repositories.flatMap { $0.split(separator: ",").map(String.init) },
                    days: days
                )
                print(token.text.reveal())
            }
        }
    }

    /// `purser-registry token list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists tokens, without their secrets.")

        @OptionGroup var data: FolderOptions

        func run() async throws {
            try await reporting { for line in try await data.administration.tokens() { print(line) } }
        }
    }

    /// `purser-registry token revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token useless, at once.")

        @OptionGroup var data: FolderOptions

        @Argument(help: "The token's id, the part behind psr_.")
        var id: String

        func run() async throws {
            try await reporting {
                try await data.administration.revokeToken(id)
                print("revoked \(id)")
            }
        }
    }
}

/// `purser-registry repository`.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository",
        abstract: "Makes and lists repositories.",
        subcommands: [Create.self, List.self]
    )

    /// `purser-registry repository create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a repository with dev, staging and prod.")

        @OptionGroup var data: FolderOptions

        @Argument(help: "Lower-case letters, digits and hyphens.")
        var name: String

        @Flag(help: "Anybody may read it without a token.")
        var `public` = false

        @Flag(help: "Names that it does not host are not asked of the public index.")
        var hostedOnly = false

        func run() async throws {
            try await reporting {
                let isPublic = `public`
                try await data.administration.createRepository(name, isPublic: isPublic, pullsThrough: !hostedOnly)
                print("made \(name): dev > staging > prod")
            }
        }
    }

    /// `purser-registry repository list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists repositories and their channels.")

        @OptionGroup var data: FolderOptions

        func run() async throws {
            try await reporting { for line in try await data.administration.repositories() { print(line) } }
        }
    }
}

/// `purser-registry add`.
struct AddFile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Hosts files that lie on this machine."
    )

    @OptionGroup var data: FolderOptions

    @Option(help: "The repository, in whose first channel they appear.")
    var repository = "main"

    @Argument(help: "Wheels, source distributions and other files of an ecosystem that is hosted.")
    var files: [String]

    func run() async throws {
        try await reporting {
            for file in files {
                print(try await data.administration.add(file, to: repository, ecosystems: Catalog.all))
            }
        }
    }
}

/// `purser-registry fsck`.
struct CheckFiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Hashes every blob again and checks the records and the event log."
    )

    @OptionGroup var data: FolderOptions

    func run() async throws {
        try await reporting {
            let report = try await data.administration.check()
            for complaint in report.complaints { print("wrong: \(complaint)") }
            print(
                "\(report.blobs) blobs, \(report.complaints.count) faults, \(report.cached) of the cache, "
                    + "\(report.unneeded) that no row needs"
            )
            if !report.complaints.isEmpty {
                throw Problem(
                    .storageDamaged,
                    subject: data.folder,
                    summary: "has \(report.complaints.count) faults",
                    remedy: "Restore what is named above from a backup."
                )
            }
        }
    }
}
