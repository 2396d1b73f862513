public import Kernel

/// The agent's hold on a process that confines commands, starts them and ends with them. Letting go of it ends
/// everything below that process.
public final class WardenLink: Sendable {
    let channel: FileChannel
    let warden: ChildProcess
    /// Whom the commands run as, where the process is root.
    let user: InnerChild.User?

    /// Starts it: this program with these words, or what `sudo` is told. It is begun before the session is set up, so
    /// that its own start costs the session nothing.
    init(
        _ program: OwnProgram,
        _ words: [String],
        _ environment: [String: String],
        sudo: (path: String, user: InnerChild.User)? = nil
    ) throws(ConfinementError) {
        let ends: (ours: FileChannel, theirs: SharedFile)
        do throws(SystemError) {
            ends = try FileChannel.pair()
            try ends.ours.setPatience(seconds: 20)
        } catch { throw ConfinementError("\(error)") }
        let kept = environment.filter { ["PATH", "LD_LIBRARY_PATH", "LANG"].contains($0.key) }
        var command = program.command(words, environment: kept)
        if let sudo { command.arguments.insert(contentsOf: [sudo.path, "-n", "--"], at: 0) }
        command.standardInput = .file(ends.theirs)
        do throws(SpawnError) {
            warden = sudo == nil ? try program.begin(command) : try ChildProcess.spawn(command)
        } catch { throw ConfinementError("the helper could not be started (\(error))") }
        channel = ends.ours
        user = sudo?.user
    }

    /// Starts this program inside, beside the command, as a copy of the helper; it may still wait for its input while
    /// the rest is set up.
    public func startBeside(_ words: [String], _ streams: [SharedFile]) async throws(ConfinementError) {
        try await send(order("beside", "", ChildCommand(words, environment: [:])), streams)
    }

    /// Starts the command inside, with this process's own streams. What is returned ends as the command does, hands on
    /// the signals it is sent, and takes everything inside with it.
    public func start(_ command: ChildCommand) async throws(SpawnError) -> ChildProcess {
        let path = try command.locate()
        let words = order("command", path, command)
        do throws(ConfinementError) {
            let streams = try WardenLink.ownStreams()
            try await send(words, streams)
        } catch {
            throw .failed(SystemError(call: "isolation: \(error)", errno: 32))
        }
        warden.relaySignals { [channel] number in
            var word = Fields()
            word.add("signal", as: "order")
            word.add("\(number)", as: "number")
            // A helper that has gone has no command either.
            try? channel.send(word.bytes)
        }
        return warden
    }

    /// Ends everything inside.
    public func end() async {
        var word = Fields()
        word.add("end", as: "order")
        try? channel.send(word.bytes)
        _ = await warden.wait()
    }

    private func order(_ name: String, _ path: String, _ command: ChildCommand) -> Fields {
        var fields = Fields()
        fields.add(name, as: "order")
        fields.add(path, as: "path")
        fields.add(command.workingDirectory ?? "/", as: "folder")
        fields.add(command.arguments, as: "argument")
        if let user {
            fields.add("\(user.uid)", as: "uid")
            fields.add("\(user.gid)", as: "gid")
            fields.add(user.groups.map(String.init), as: "group")
        }
        fields.add(command.environment.map { "\($0.key)=\($0.value)" }.sorted(), as: "variable")
        return fields
    }

    /// Those of this process; one that is closed becomes an empty one.
    private static func ownStreams() throws(ConfinementError) -> [SharedFile] {
        var streams: [SharedFile] = []
        for number: Int32 in 0..<3 {
            do throws(SystemError) {
                if let stream = try StandardStream.duplicate(number) {
                    streams.append(stream)
                } else {
                    streams.append(try Files.openSetting("/dev/null"))
                }
            } catch { throw ConfinementError("\(error)") }
        }
        return streams
    }

    func send(_ fields: Fields, _ files: [SharedFile]) async throws(ConfinementError) {
        let bytes = fields.bytes
        do throws(SystemError) {
            try await Blocking.run { [channel] () throws(SystemError) in
                try channel.send(bytes, files: files)
            }
        } catch {
            // Why it has gone, it may have said before it went.
            if let message = try? channel.receive(), let why = Fields(message.bytes).list("failed").first {
                throw ConfinementError(why)
            }
            throw ConfinementError("\(error)")
        }
    }

    func receive() async throws(ConfinementError) -> ChannelMessage? {
        do throws(SystemError) {
            return try await Blocking.run { [channel] () throws(SystemError) in try channel.receive() }
        } catch { throw ConfinementError("\(error)") }
    }

    /// The message that answers so, with what messages before it said.
    func answer(_ word: String) async throws(ConfinementError) -> (fields: Fields, files: [SharedFile]) {
        var entrance: [String] = []
        while true {
            guard let message = try await receive() else { throw ConfinementError("the helper has gone") }
            var fields = Fields(message.bytes)
            if let why = fields.list("failed").first { throw ConfinementError(why) }
            entrance += fields.list("entrance")
            guard fields["answer"] == word else { continue }
            for number in entrance where fields.list("entrance").isEmpty { fields.add(number, as: "entrance") }
            return (fields, message.files)
        }
    }
}
