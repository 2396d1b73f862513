internal import CLinux

/// The descriptors a child's streams get, and our ends of those that are pipes.
struct StreamPlan {
    /// As the spawning door takes them: -1 leaves ours, -2 opens /dev/null.
    private(set) var theirs: [Int32] = []
    private(set) var ours: [SharedFile?] = []
    /// What holds them open; nil where nothing was opened.
    private var kept: [SharedFile?] = []

    init(_ command: ChildCommand) throws(SpawnError) {
        try check(command)
        for (index, stream) in [command.standardInput, command.standardOutput, command.standardError].enumerated() {
            switch stream {
            case .inherit: add(-1)
            case .null: add(-2)
            case .file(let file): add(file.rawDescriptor, kept: file)
            case .pipe: try addPipe(childReads: index == 0)
            }
        }
    }

    /// The child holds its own copies by now; ours would keep its pipes open.
    mutating func closeTheirs() { kept = [] }

    /// The same as open files, for a process that is running already.
    func files() throws(SystemError) -> [SharedFile] {
        var files: [SharedFile] = []
        for index in theirs.indices {
            if let file = kept[index] {
                files.append(file)
            } else if theirs[index] == -1, let own = try StandardStream.duplicate(Int32(index)) {
                files.append(own)
            } else {
                files.append(try Files.openSetting("/dev/null"))
            }
        }
        return files
    }

    private mutating func add(_ descriptor: Int32, our: SharedFile? = nil, kept file: SharedFile? = nil) {
        theirs.append(descriptor)
        ours.append(our)
        kept.append(file)
    }

    private mutating func addPipe(childReads: Bool) throws(SpawnError) {
        var ends: [Int32] = [-1, -1]
        let status = unsafe ends.withUnsafeMutableBufferPointer { unsafe clinux_pipe($0.baseAddress) }
        guard status == 0 else { throw .failed(SystemError(call: "pipe", errno: -status)) }
        let reading = SharedFile(adopting: ends[0])
        let writing = SharedFile(adopting: ends[1])
        let (their, our) = childReads ? (reading, writing) : (writing, reading)
        add(their.rawDescriptor, our: our, kept: their)
    }

    /// C would read a text only up to its zero byte.
    private func check(_ command: ChildCommand) throws(SpawnError) {
        guard let program = command.arguments.first, !program.isEmpty else { throw .notFound("") }
        let texts = command.arguments + [command.workingDirectory ?? ""]
        let variables = command.environment.flatMap { [$0.key, $0.value] }
        guard !(texts + variables).contains(where: { $0.utf8.contains(0) }) else {
            throw .failed(SystemError(call: "posix_spawn", errno: EINVAL, path: program))
        }
    }
}
