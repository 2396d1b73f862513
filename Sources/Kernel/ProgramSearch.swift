internal import CLinux

/// Finds a program as `execvp` does, but in the child's `PATH` and from the child's folder.
struct ProgramSearch {
    private let program: String
    private let folders: [String]
    private let workingDirectory: String?

    init(_ command: ChildCommand) {
        program = command.arguments.first ?? ""
        let path = command.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        folders = path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        workingDirectory = command.workingDirectory
    }

    /// The path to start: the first file of this name that may be executed.
    func find() throws(SpawnError) -> String {
        if let workingDirectory {
            do throws(SystemError) {
                guard try Files.stat(workingDirectory, followLink: true).isFolder else {
                    throw SystemError(call: "chdir", errno: ENOTDIR, path: workingDirectory)
                }
            } catch {
                throw .failed(error)
            }
        }
        if program.contains("/") {
            try examine(program)
            return program
        }
        var refused: SpawnError?
        for folder in folders {
            let path = (folder.isEmpty ? "." : folder) + "/" + program
            do throws(SpawnError) {
                try examine(path)
                return path
            } catch {
                if case .notExecutable = error { refused = refused ?? error }
            }
        }
        throw refused ?? .notFound(program)
    }

    private func examine(_ path: String) throws(SpawnError) {
        let seen = path.hasPrefix("/") ? path : workingDirectory.map { $0 + "/" + path } ?? path
        guard let found = try? Files.stat(seen, followLink: true) else { throw .notFound(path) }
        guard found.isRegular, unsafe clinux_may_execute(seen) == 0 else { throw .notExecutable(path) }
    }
}

extension ChildCommand {
    /// The file that would be started.
    public func locate() throws(SpawnError) -> String { try ProgramSearch(self).find() }
}
