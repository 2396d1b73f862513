import Kernel

/// A folder of one test, gone with it.
final class Scratch {
    let path: String

    init() throws {
        let name = try ProcessIdentity.randomBytes(8).map { String($0, radix: 16) }.joined()
        path = "/tmp/wire-system-\(name)"
        try Files.makeFolder(path)
    }

    deinit { try? Files.removeTree(path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

let environment = ProcessIdentity.environment()

/// A command of the shell, with what it says caught by `run`.
func shell(_ script: String, folder: String? = nil) -> ChildCommand {
    ChildCommand(["sh", "-c", script], environment: environment, workingDirectory: folder)
}
