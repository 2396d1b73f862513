internal import ArgumentParser
internal import Core
internal import Foundation
internal import Registry

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The central registry's program: serves, and administers its data directory.
@main
struct PurserRegistry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purser-registry",
        abstract: "Hosts packages, keeps builds, promotes them from channel to channel.",
        version: "0.1.0",
        subcommands: [
            Serve.self, Initialize.self, TokenCommand.self, RepositoryCommand.self, AddFile.self, CheckFiles.self,
            DeleteFile.self, SweepCache.self, PolicyCommand.self, SnapshotCommand.self,
        ]
    )
}

/// Where the data directory is: an option of every command.
struct FolderOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: "The data directory.")
    var folder = "./purser-registry-data"

    var administration: Administration { Administration(data: folder, now: currentTime) }
}

/// The only clock of the program.
@Sendable func currentTime() -> Timestamp { Timestamp(seconds: Int64(time(nil))) }

/// Shows a problem the way every command does, and ends with its status.
func reporting(_ body: () async throws -> Void) async throws {
    do { try await body() } catch let problem as Problem {
        FileHandle.standardError.write(Data("\(problem)\n".utf8))
        throw ExitCode(problem.code.exitStatus)
    }
}
