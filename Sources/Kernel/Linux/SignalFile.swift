internal import CLinux

/// A signal that was sent to us.
public struct ReceivedSignal: Hashable, Sendable {
    /// Who sent it.
    public enum Sender: Hashable, Sendable {
        /// The kernel: a terminal, which tells everybody in its foreground itself.
        case kernel
        /// A process that our process namespace does not show.
        case outside
        case process(Int32)
    }

    public let number: Int32
    public let sender: Sender
}

/// The signals a watching process lives by, as a file. For processes with one thread; `Signals` is for all others.
public final class SignalFile: Sendable {
    private let file: SharedFile

    /// From here on they are blocked, which even the first process of a namespace needs to be told of them.
    public init() throws(SystemError) {
        file = SharedFile(adopting: try SystemError.check(clinux_signal_file(), "signalfd"))
    }

    /// The next one that has come; `nil` when there is none.
    public func next() throws(SystemError) -> ReceivedSignal? {
        var sender: Int32 = 0
        let number = try SystemError.check(unsafe clinux_next_signal(file.rawDescriptor, &sender), "read")
        guard number != 0 else { return nil }
        return ReceivedSignal(number: number, sender: sender < 0 ? .kernel : sender == 0 ? .outside : .process(sender))
    }

    /// Waits until there is a signal, or bytes or the end of `channel`.
    public func wait(or channel: FileChannel?) throws(SystemError) -> (hasSignal: Bool, hasMessage: Bool) {
        while true {
            let places = [file.rawDescriptor, channel?.rawDescriptor ?? -1]
            let found = unsafe places.withUnsafeBufferPointer { unsafe clinux_poll($0.baseAddress, -1, -1) }
            if try SystemError.check(found, "poll") != 0 { return (found & 1 != 0, found & 2 != 0) }
        }
    }
}
