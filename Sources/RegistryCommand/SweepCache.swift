internal import ArgumentParser
internal import Core
internal import Registry

/// `purser-registry gc`.
struct SweepCache: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Drops the oldest of what was fetched from public indexes.",
        discussion: """
            What hosted files and builds are made of stays, whatever its age. A running server does this by itself; \
            beside one only --dry-run is possible.
            """
    )

    @OptionGroup var data: FolderOptions
    @OptionGroup var cache: CacheOptions

    @Flag(help: "Only say what would go.")
    var dryRun = false

    func run() async throws {
        try await reporting {
            let report = try await data.administration.sweep(limit: try cache.bytes, isDry: dryRun)
            for line in report.lines { print("\(dryRun ? "would drop" : "dropped")  \(line)") }
            print(
                "\(report.entries) entries, \(report.bytes) bytes; \(dryRun ? "would drop" : "dropped") "
                    + "\(report.dropped), \(report.droppedBytes) bytes"
            )
        }
    }
}
