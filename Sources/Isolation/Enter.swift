internal import Kernel

/// `purser __enter`: the process between the agent and a confined command. Not for people.
///
/// It runs before anything has started a thread and makes plain system calls only. The agent's orders come over its
/// standard input, which is a socket of the agent's.
public enum Enter {
    /// Makes the namespaces, joins those of a process, or makes none for a fence, and stays until the command has ended.
    /// Returns only in a copy of this process inside, which is to be this program with other words.
    public static func perform(_ arguments: [String]) -> [String] {
        let words = begin(arguments)
        Spare.closeOthers()
        return words
    }

    private static func begin(_ arguments: [String]) -> [String] {
        do throws(SystemError) {
            // Not the stream itself, which a copy of us gets anew.
            guard let orders = try StandardStream.duplicate(0) else { Namespaces.exit(125) }
            return begin(arguments, FileChannel(orders))
        } catch { Namespaces.exit(125) }
    }

    private static func begin(_ arguments: [String], _ channel: FileChannel) -> [String] {
        do throws(SystemError) {
            let signals = try SignalFile()
            if arguments.first == "fence" { return Warden.beginFence(channel, signals) }
            if arguments.first == "join", let entrance = arguments.last.flatMap({ Int32($0) }) {
                try Namespaces.join(entrance)
                let inside = try Namespaces.fork()
                if inside == 0 { return Warden.begin(channel) }
                watch(inside, signals)
            }
            let gate = try FileChannel.pair()
            let whole = try Namespaces.wholeIdentity()
            let inside = try Namespaces.clone()
            if inside == 0 { return Warden.begin(channel, gate: FileChannel(gate.theirs)) }
            try Namespaces.map(inside, whole)
            var word = Fields()
            word.add("\(inside)", as: "entrance")
            try channel.send(word.bytes)
            try gate.ours.send([])
            watch(inside, signals)
        } catch {
            tell(error, channel)
        }
    }

    static func tell(_ error: SystemError, _ channel: FileChannel) -> Never {
        var word = Fields()
        word.add("\(error)", as: "failed")
        try? channel.send(word.bytes)
        Namespaces.exit(125)
    }

    /// Hands on what is sent to us, and ends as the first process inside does.
    private static func watch(_ inside: Int32, _ signals: SignalFile) -> Never {
        while true {
            guard (try? signals.wait(or: nil)) != nil else { Namespaces.exit(125) }
            while let signal = try? signals.next() {
                if signal.number == Enter.childEnded {
                    while let ended = try? InnerChild.reap() {
                        if ended.child == inside { Namespaces.exit(ended.exit.status) }
                    }
                } else if signal.sender != .kernel {
                    InnerChild.signal(inside, signal.number)
                }
            }
        }
    }

    /// SIGCHLD.
    static let childEnded: Int32 = 17
}
