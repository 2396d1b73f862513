internal import Kernel

/// The first process inside a seal or a fence: sets everything up as the agent says, starts the command, buries whoever
/// ends, and takes everything with it when the command or the agent has gone.
struct Warden {
    private let channel: FileChannel
    private let signals: SignalFile
    /// There is no namespace that ends with us.
    private let isFence: Bool
    /// What was made of a seal beforehand; nil when it is used.
    private var ground: SealedGround?
    private var command: Int32?

    /// Waits until the namespaces know who is who. Returns only in a copy that is to be something else: its words.
    static func begin(_ channel: FileChannel, gate: FileChannel) -> [String] {
        do throws(SystemError) {
            try Namespaces.endWithParent()
            guard try gate.receive() != nil else { Namespaces.exit(125) }
            try InnerSocket.raiseLoopback()
            // The command may bind what it may bind outside as root: it is alone here.
            try? Namespaces.write("0", "/proc/sys/net/ipv4/ip_unprivileged_port_start")
            var warden = Warden(channel: channel, signals: try SignalFile())
            // The agent's own child is not to wait for the rest.
            if try warden.signals.wait(or: channel).hasMessage, let words = try warden.turn() { return words }
            warden.ground = try SealedGround()
            return try warden.serve()
        } catch {
            Enter.tell(error, channel)
        }
    }

    /// The same for one more command of a seal that stands already.
    static func begin(_ channel: FileChannel) -> [String] {
        do throws(SystemError) {
            try Namespaces.endWithParent()
            let watch = try? Namespaces.refuseUnconfinedCalls()
            var word = Fields()
            word.add("entered", as: "answer")
            try channel.send(word.bytes, files: watch.map { [$0] } ?? [])
            var warden = Warden(channel: channel, signals: try SignalFile())
            return try warden.serve()
        } catch {
            Enter.tell(error, channel)
        }
    }

    /// The same without namespaces.
    static func beginFence(_ channel: FileChannel, _ signals: SignalFile) -> [String] {
        do throws(SystemError) {
            try Fencing.adoptOrphans()
            var warden = Warden(channel: channel, signals: signals, isFence: true)
            return try warden.serve()
        } catch {
            Fencing.endBelow()
            Enter.tell(error, channel)
        }
    }

    private init(channel: FileChannel, signals: SignalFile, isFence: Bool = false) {
        self.channel = channel
        self.signals = signals
        self.isFence = isFence
    }

    private func leave(_ status: Int32) -> Never {
        if isFence { Fencing.endBelow() }
        Namespaces.exit(status)
    }

    private mutating func serve() throws(SystemError) -> [String] {
        while true {
            if let words = try turn() { return words }
        }
    }

    /// Words, in a copy that is to go on with them.
    private mutating func turn() throws(SystemError) -> [String]? {
        let come = try signals.wait(or: channel)
        if come.hasSignal { try heed() }
        guard come.hasMessage else { return nil }
        // Without the agent nothing here can fetch anything.
        guard let message = try channel.receive() else { leave(137) }
        let fields = Fields(message.bytes)
        switch fields["order"] {
        case "prepare": try prepare(SealOrders(fields))
        case "fence": try fence(fields)
        case "beside": if try child(fields).copy(message.files) == 0 { return fields.list("argument") }
        case "command": try start(fields, message.files)
        case "signal": signal(Int32(fields["number"]) ?? 0)
        case "end": leave(137)
        default: throw SystemError(call: "order", errno: 22)
        }
        return nil
    }

    private func heed() throws(SystemError) {
        while let signal = try signals.next() {
            guard signal.number == Enter.childEnded else {
                // What comes from within a seal is the command's own affair; a fence does not know within from without.
                let isForUs = isFence ? signal.sender != .kernel : signal.sender == .outside
                if let command, isForUs { InnerChild.signal(command, signal.number) }
                continue
            }
            while let ended = try InnerChild.reap() {
                if ended.child == command { leave(ended.exit.status) }
            }
        }
    }

    private mutating func prepare(_ orders: SealOrders) throws(SystemError) {
        let ground = if let ground { ground } else { try SealedGround() }
        self.ground = nil
        var weaknesses = try SealedView(orders, on: ground).apply()
        var sockets = try SealedSockets.make(orders, ground.pool)
        do throws(SystemError) {
            if let watch = try Namespaces.refuseUnconfinedCalls() {
                sockets.append(SealedSockets.Made(kind: "watch", file: watch))
            }
        } catch { weaknesses.append("no call filter (\(error))") }
        var word = Fields()
        word.add("ready", as: "answer")
        word.add(weaknesses, as: "weakness")
        word.add(sockets.map(\.kind), as: "kind")
        try channel.send(word.bytes, files: sockets.map(\.file))
    }

    /// Landlock first: the filter's own refusals are told of, its are not.
    private func fence(_ fields: Fields) throws(SystemError) {
        var word = Fields()
        word.add("ready", as: "answer")
        try Fencing.refusePrivileges()
        Fencing.dropPowers()
        let ports = fields.list("port").compactMap { UInt16($0) }
        do throws(SystemError) {
            word.add("\(try Fencing.restrict(toPorts: ports))", as: "landlock")
        } catch { word.add("\(error)", as: "open") }
        var watch: SharedFile?
        if fields["watched"] == "yes" {
            do throws(SystemError) { watch = try Fencing.filter(isWatched: true) } catch {
                word.add("\(error)", as: "unwatched")
            }
        }
        if watch == nil { _ = try Fencing.filter(isWatched: false) }
        try channel.send(word.bytes, files: watch.map { [$0] } ?? [])
    }

    private mutating func start(_ fields: Fields, _ streams: [SharedFile]) throws(SystemError) {
        do throws(SystemError) { command = try child(fields).spawn(streams) } catch {
            Enter.tell(error, channel)
        }
    }

    private func signal(_ number: Int32) {
        // Everything it started goes with it.
        if number == 9 { leave(137) }
        if let command, number > 0 { InnerChild.signal(command, number) }
    }

    private func child(_ fields: Fields) -> InnerChild {
        var child = InnerChild(
            path: fields["path"],
            arguments: fields.list("argument"),
            environment: fields.list("variable"),
            folder: fields["folder"]
        )
        // Who is root inside would otherwise take our mounts away again.
        child.isNested = !isFence && fields["order"] == "command" && ProcessIdentity.effectiveUID == 0
        if let uid = UInt32(fields["uid"]), let gid = UInt32(fields["gid"]) {
            child.user = InnerChild.User(uid: uid, gid: gid, groups: fields.list("group").compactMap { UInt32($0) })
        }
        return child
    }
}
