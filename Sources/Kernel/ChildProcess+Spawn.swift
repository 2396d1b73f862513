internal import CLinux

/// Where one of a child's standard streams leads.
public enum ChildStream: Sendable {
    case inherit
    case null
    case file(SharedFile)
    /// The other end is a property of the `ChildProcess`.
    case pipe
}

/// Why a program was not started.
public enum SpawnError: Error, Hashable, Sendable {
    case notFound(String)
    case notExecutable(String)
    case failed(SystemError)

    /// The status with which shells tell this.
    public var exitStatus: Int32 {
        switch self {
        case .notFound: 127
        case .notExecutable, .failed: 126
        }
    }
}

/// What to start, and in which surroundings.
public struct ChildCommand: Sendable {
    /// The program, looked up in the `PATH` of `environment` unless it has a slash, and its arguments.
    public var arguments: [String]
    public var environment: [String: String]
    public var workingDirectory: String?
    /// A session of its own, without a terminal; otherwise Ctrl-C reaches the child as it reaches us.
    public var newSession = false
    public var standardInput = ChildStream.inherit
    public var standardOutput = ChildStream.inherit
    public var standardError = ChildStream.inherit
    /// Closes every descriptor but the three streams, those made by libraries without close-on-exec too.
    public var closeOthers = true

    public init(_ arguments: [String], environment: [String: String], workingDirectory: String? = nil) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}

extension ChildProcess {
    /// Starts the program by `posix_spawn`; never forks.
    public static func spawn(_ command: ChildCommand) throws(SpawnError) -> ChildProcess {
        var plan = try StreamPlan(command)
        let path = try ProgramSearch(command).find()
        var status = start(path, command.arguments, command, plan)
        if status.answer == -ENOEXEC {
            // A script without `#!`: what execvp and every shell do.
            status = start("/bin/sh", ["/bin/sh", path] + command.arguments.dropFirst(), command, plan)
        }
        plan.closeTheirs()
        switch status.answer {
        case 0: break
        case -ENOENT, -ENOTDIR: throw .notFound(path)
        case -EACCES, -EPERM, -ENOEXEC, -EISDIR: throw .notExecutable(path)
        default: throw .failed(SystemError(call: "posix_spawn", errno: -status.answer, path: path))
        }
        return try adopt(status.pid, plan.ours)
    }

    /// A child that runs already, with our ends of its streams.
    static func adopt(_ pid: Int32, _ ends: [SharedFile?]) throws(SpawnError) -> ChildProcess {
        let child = ChildProcess(pid: pid, ends: ends)
        do throws(SystemError) {
            try BlockingThread.start { child.reap() }
        } catch {
            throw .failed(error)
        }
        return child
    }

    private static func start(
        _ path: String,
        _ arguments: [String],
        _ command: ChildCommand,
        _ plan: StreamPlan
    ) -> (answer: Int32, pid: Int32) {
        let words = CStrings(arguments)
        let variables = CStrings(command.environment.map { "\($0.key)=\($0.value)" }.sorted())
        var pid: pid_t = 0
        let answer = unsafe clinux_spawn(
            path,
            words.pointers,
            variables.pointers,
            command.workingDirectory,
            command.newSession ? 1 : 0,
            command.closeOthers ? 1 : 0,
            plan.theirs,
            &pid
        )
        return (answer, pid)
    }
}

/// A list of C strings that ends with a null pointer, as `exec` wants it.
@safe final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe pointers = .allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(text))
        }
        unsafe (pointers + texts.count).initialize(to: nil)
    }

    /// The list, which stays from here on.
    func kept() -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        unsafe _ = Unmanaged.passRetained(self)
        return unsafe pointers
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
