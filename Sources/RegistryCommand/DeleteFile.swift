internal import ArgumentParser
internal import Core
internal import Registry

/// `purser-registry delete`.
struct DeleteFile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Withdraws hosted files from every channel, for good.",
        discussion: "The name of a deleted file is never used again, not even for the same bytes. Builds keep theirs."
    )

    @OptionGroup var data: FolderOptions

    @Option(help: "The repository that hosts them.")
    var repository = "main"

    @Option(help: "Their ecosystem's purl type.")
    var type = "pypi"

    @Argument(help: "Names of files, such as app-1.0-py3-none-any.whl.")
    var files: [String]

    func run() async throws {
        try await reporting {
            for file in files {
                try await data.administration.delete(file, type: type, from: repository)
                print("deleted \(file) from \(repository)")
            }
        }
    }
}
