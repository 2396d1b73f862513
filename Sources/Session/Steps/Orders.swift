internal import JSONText
internal import Kernel

/// What `purser start` hands to the process that stays: the words and the surroundings of its own call. They come over
/// standard input, so that no secret stands in a list of processes.
struct Orders: Sendable {
    let invocation: Invocation
    /// The session's folder, which is there already.
    let session: String

    static let limit = 16 << 20

    var bytes: [UInt8] {
        JSON.object([
            "flags": .object(invocation.flags.mapValues { .strings($0) }),
            "environment": .object(invocation.environment.mapValues(JSON.string)),
            "folder": .string(invocation.folder),
            "executable": .string(invocation.program.file),
            "version": .string(invocation.version),
            "session": .string(session),
        ]).canonicalBytes()
    }

    init(_ invocation: Invocation, session: String) {
        self.invocation = invocation
        self.session = session
    }

    /// Nil for anything but what `bytes` gives.
    init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let flags = json["flags"]?.members,
            let environment = json["environment"]?.members, let folder = json["folder"]?.string,
            let executable = json["executable"]?.string, let version = json["version"]?.string,
            let session = json["session"]?.string
        else { return nil }
        invocation = Invocation(
            flags: flags.compactMapValues { $0.array?.compactMap(\.string) },
            environment: environment.compactMapValues(\.string),
            folder: folder,
            program: OwnProgram(executable),
            version: version
        )
        self.session = session
    }
}
