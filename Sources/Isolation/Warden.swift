internal import Kernel

/// The first process inside a seal: sets everything up as the agent says, starts the command, buries whoever ends, and
/// takes everything with it when the command or the agent has gone.
struct Warden {
    private let channel: FileChannel
    private let signals: SignalFile
    private var command: Int32?

    /// Waits until the namespaces know who is who.
    static func begin(_ channel: FileChannel, gate: FileChannel) -> Never {
        do throws(SystemError) {
            try Namespaces.endWithParent()
            guard try gate.receive() != nil else { Namespaces.exit(125) }
            try InnerSocket.raiseLoopback()
            // The command may bind what it may bind outside as root: it is alone here.
            try? Namespaces.write("0", "/proc/sys/net/ipv4/ip_unprivileged_port_start")
            var warden = Warden(channel: channel, signals: try SignalFile())
            while true { try warden.turn() }
        } catch {
            Enter.tell(error, channel)
        }
    }

    /// The same for one more command of a seal that stands already.
    static func begin(_ channel: FileChannel) -> Never {
        do throws(SystemError) {
            try Namespaces.endWithParent()
            try? Namespaces.refuseUnconfinedCalls()
            var warden = Warden(channel: channel, signals: try SignalFile())
            while true { try warden.turn() }
        } catch {
            Enter.tell(error, channel)
        }
    }

    private init(channel: FileChannel, signals: SignalFile) {
        self.channel = channel
        self.signals = signals
    }

    private mutating func turn() throws(SystemError) {
        let come = try signals.wait(or: channel)
        if come.hasSignal { try heed() }
        guard come.hasMessage else { return }
        // Without the agent nothing here can fetch anything.
        guard let message = try channel.receive() else { Namespaces.exit(137) }
        let fields = Fields(message.bytes)
        switch fields["order"] {
        case "prepare": try prepare(SealOrders(fields))
        case "beside": _ = try child(fields).spawn(message.files)
        case "command": try start(fields, message.files)
        case "signal": signal(Int32(fields["number"]) ?? 0)
        case "end": Namespaces.exit(137)
        default: throw SystemError(call: "order", errno: 22)
        }
    }

    private func heed() throws(SystemError) {
        while let signal = try signals.next() {
            guard signal.number == Enter.childEnded else {
                // What comes from within is the command's own affair.
                if let command, signal.sender == .outside { InnerChild.signal(command, signal.number) }
                continue
            }
            while let ended = try InnerChild.reap() {
                if ended.child == command { Namespaces.exit(ended.exit.status) }
            }
        }
    }

    private func prepare(_ orders: SealOrders) throws(SystemError) {
        var weaknesses = try SealedView(orders).apply()
        let sockets = try SealedSockets.make(orders)
        do throws(SystemError) { try Namespaces.refuseUnconfinedCalls() } catch {
            weaknesses.append("no call filter (\(error))")
        }
        var word = Fields()
        word.add("ready", as: "answer")
        word.add(weaknesses, as: "weakness")
        word.add(sockets.map(\.kind), as: "kind")
        try channel.send(word.bytes, files: sockets.map(\.file))
    }

    private mutating func start(_ fields: Fields, _ streams: [SharedFile]) throws(SystemError) {
        do throws(SystemError) { command = try child(fields).spawn(streams) } catch {
            Enter.tell(error, channel)
        }
    }

    private func signal(_ number: Int32) {
        // Everything it started goes with it.
        if number == 9 { Namespaces.exit(137) }
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
        child.isNested = fields["order"] == "command" && ProcessIdentity.effectiveUID == 0
        if let uid = UInt32(fields["uid"]), let gid = UInt32(fields["gid"]) {
            child.user = InnerChild.User(uid: uid, gid: gid, groups: fields.list("group").compactMap { UInt32($0) })
        }
        return child
    }
}
