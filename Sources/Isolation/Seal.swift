public import Kernel

/// The agent's hold on one seal: namespaces in which commands run and from which nothing leads out but us.
///
/// It is begun before the session is set up, so that the helper's own start costs the session nothing. Letting go of it
/// ends everything inside.
public final class Seal: Sendable {
    private let channel: FileChannel
    private let helper: ChildProcess
    /// Whom the commands run as, where the helper is root.
    private let user: InnerChild.User?

    private init(_ channel: FileChannel, _ helper: ChildProcess, _ user: InnerChild.User?) {
        self.channel = channel
        self.helper = helper
        self.user = user
    }

    /// Starts the helper, which makes the namespaces. `executable` is this program's own file.
    public static func begin(_ executable: String, _ environment: [String: String]) throws(ConfinementError) -> Seal {
        try helper([executable, "__enter"], environment, nil)
    }

    /// The same by root's hand, for machines that forbid users their own namespaces; nil where `sudo` asks for a
    /// password or is not there. Commands run as the user all the same.
    public static func beginAsRoot(
        _ executable: String,
        _ environment: [String: String]
    ) throws(ConfinementError) -> Seal? {
        guard ProcessIdentity.effectiveUID != 0 else { return nil }
        let sudo = ChildCommand(["sudo"], environment: environment)
        guard let path = try? sudo.locate(), let user = try? InnerChild.User.current() else { return nil }
        return try helper([path, "-n", "--", executable, "__enter"], environment, user)
    }

    /// Enters a seal that another process holds, by its first process, for one command.
    public static func join(
        _ entrance: Int32,
        _ executable: String,
        _ environment: [String: String]
    ) throws(ConfinementError) -> Seal {
        try helper([executable, "__enter", "join", "\(entrance)"], environment, nil)
    }

    private static func helper(
        _ words: [String],
        _ environment: [String: String],
        _ user: InnerChild.User?
    ) throws(ConfinementError) -> Seal {
        let ends: (ours: FileChannel, theirs: SharedFile)
        do throws(SystemError) {
            ends = try FileChannel.pair()
            try ends.ours.setPatience(seconds: 20)
        } catch { throw ConfinementError("\(error)") }
        var command = ChildCommand(
            words,
            environment: environment.filter { ["PATH", "LD_LIBRARY_PATH", "LANG"].contains($0.key) }
        )
        command.standardInput = .file(ends.theirs)
        do throws(SpawnError) { return Seal(ends.ours, try ChildProcess.spawn(command), user) } catch {
            throw ConfinementError("the helper could not be started (\(error))")
        }
    }

    /// Why no seal can be had on this machine; nil where one can.
    public static func obstacle(_ executable: String, _ environment: [String: String]) async -> ConfinementError? {
        do throws(ConfinementError) {
            let seal = try begin(executable, environment)
            guard let message = try await seal.receive() else { return ConfinementError("the helper has gone") }
            await seal.end()
            return Fields(message.bytes).list("failed").first.map { ConfinementError($0) }
        } catch { return error }
    }

    /// What a seal that is ready gives.
    public struct Ready: Sendable {
        /// The first process inside, by which others enter.
        public let entrance: Int32
        public let sockets: SealedSockets
        /// What this machine did not allow.
        public let weaknesses: [String]
    }

    /// Starts a program of ours inside, beside the command; it may still wait for its input while the rest is set up.
    public func startBeside(_ command: ChildCommand, _ streams: [SharedFile]) async throws(ConfinementError) {
        let path = try locate(command)
        try await send(order("beside", path, command), streams)
    }

    /// Covers what is to be covered and makes the sockets.
    public func prepare(_ orders: SealOrders) async throws(ConfinementError) -> Ready {
        var orders = orders
        orders.user = user?.uid
        try await send(orders.fields, [])
        var entrance: Int32 = 0
        while true {
            guard let message = try await receive() else { throw ConfinementError("the helper has gone") }
            let fields = Fields(message.bytes)
            if let why = fields.list("failed").first { throw ConfinementError(why) }
            if let number = Int32(fields["entrance"]) { entrance = number }
            guard fields["answer"] == "ready" else { continue }
            guard let sockets = SealedSockets(fields.list("kind"), message.files) else {
                throw ConfinementError("the helper made no sockets")
            }
            return Ready(entrance: entrance, sockets: sockets, weaknesses: fields.list("weakness"))
        }
    }

    /// Starts the command inside, with this process's own streams. What is returned ends as the command does, hands on
    /// the signals it is sent, and takes everything inside with it.
    public func start(_ command: ChildCommand) async throws(SpawnError) -> ChildProcess {
        let path = try command.locate()
        let words = order("command", path, command)
        do throws(ConfinementError) {
            let streams = try Seal.ownStreams()
            try await send(words, streams)
        } catch {
            throw .failed(SystemError(call: "seal: \(error)", errno: 32))
        }
        helper.relaySignals { [channel] number in
            var word = Fields()
            word.add("signal", as: "order")
            word.add("\(number)", as: "number")
            // A helper that has gone has no command either.
            try? channel.send(word.bytes)
        }
        return helper
    }

    /// Ends everything inside.
    public func end() async {
        var word = Fields()
        word.add("end", as: "order")
        try? channel.send(word.bytes)
        _ = await helper.wait()
    }

    private func locate(_ command: ChildCommand) throws(ConfinementError) -> String {
        do throws(SpawnError) { return try command.locate() } catch { throw ConfinementError("\(error)") }
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

    private func send(_ fields: Fields, _ files: [SharedFile]) async throws(ConfinementError) {
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

    private func receive() async throws(ConfinementError) -> ChannelMessage? {
        do throws(SystemError) {
            return try await Blocking.run { [channel] () throws(SystemError) in try channel.receive() }
        } catch { throw ConfinementError("\(error)") }
    }
}
