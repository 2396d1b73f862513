internal import CLinux

/// A system call of a watched process, which waits until it is answered.
public struct WatchedCall: Hashable, Sendable {
    /// Which call it is.
    public enum Kind: Int32, Sendable {
        case other, connect, sendTo, sendMessage, sendMessages, socket
    }

    public let identifier: UInt64
    /// The calling thread, as this process sees it.
    public let process: Int32
    public let kind: Kind
    public let arguments: [UInt64]

    /// The low half of an argument, which is all that the kernel looks at in an `int`.
    public func number(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: arguments[index]) }
}

/// The far end of a filter on system calls: tells which calls wait, and answers them.
///
/// What a caller's memory says may change while it is read. A call that is to be held back is therefore never let pass
/// by what was read there: we make it ourselves, with the bytes that we looked at.
public final class CallWatch: Sendable {
    private let file: SharedFile

    public init(_ file: SharedFile) { self.file = file }

    /// Hands each call to the closure, on a thread of its own, until nobody is left who could make one.
    public func serve(_ answer: @escaping @Sendable (WatchedCall) -> Void) throws(SystemError) {
        try BlockingThread.start { [self] in
            while true {
                do throws(SystemError) { if let call = try next() { answer(call) } } catch { return }
            }
        }
    }

    /// Nil when there was none after all.
    private func next() throws(SystemError) -> WatchedCall? {
        var found = clinux_call()
        guard try SystemError.check(unsafe clinux_next_call(file.rawDescriptor, &found), "seccomp") != 0 else {
            return nil
        }
        let arguments = found.arguments
        return WatchedCall(
            identifier: found.id,
            process: found.process,
            kind: WatchedCall.Kind(rawValue: found.kind) ?? .other,
            arguments: [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5]
        )
    }

    /// Whether the caller still waits. What was read by its number before is its own only then.
    public func waits(_ call: WatchedCall) -> Bool { clinux_call_waits(file.rawDescriptor, call.identifier) != 0 }

    /// The call is done with this outcome, an errno or 0; a caller that has gone needs none.
    public func answer(_ call: WatchedCall, _ errno: Int32) {
        _ = clinux_answer_call(file.rawDescriptor, call.identifier, errno, 0)
    }

    /// The kernel makes the call as if nobody watched.
    public func letPass(_ call: WatchedCall) { _ = clinux_answer_call(file.rawDescriptor, call.identifier, 0, 1) }

    /// Bytes of the caller's memory, as they are at this moment.
    public func read(_ call: WatchedCall, at address: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe bytes.withUnsafeMutableBytes { space in
            unsafe clinux_read_memory(call.process, address, space.baseAddress, space.count)
        }
        try SystemError.check(got, "process_vm_readv")
        guard got == count else { throw SystemError(call: "process_vm_readv", errno: EFAULT) }
        guard waits(call) else { throw SystemError(call: "seccomp", errno: ESRCH) }
        return bytes
    }

    /// The caller's own socket, as an open file of ours.
    public func take(_ call: WatchedCall, _ number: Int32) throws(SystemError) -> SharedFile {
        let taken = SharedFile(adopting: try SystemError.check(clinux_take_file(call.process, number), "pidfd_getfd"))
        guard waits(call) else { throw SystemError(call: "seccomp", errno: ESRCH) }
        return taken
    }

    /// Puts a socket of ours where the caller has its own.
    public func put(_ call: WatchedCall, _ socket: SharedFile, at number: Int32, closesOnExec: Bool) throws(SystemError)
    {
        let status = clinux_put_file(
            file.rawDescriptor,
            call.identifier,
            socket.rawDescriptor,
            number,
            closesOnExec ? 1 : 0
        )
        try SystemError.check(status, "seccomp")
    }

    /// Whether this process may take files of another, which some containers forbid.
    public static func mayTakeFiles(of process: Int32) -> Bool {
        let answer = clinux_take_file(process, 0)
        if answer >= 0 { clinux_close(answer) }
        return answer >= 0
    }
}

/// Sockets that we connect for somebody else.
public enum ProxiedSocket {
    /// Connects to an address as `connect` takes it; 0, or the errno.
    public static func connect(_ socket: SharedFile, _ address: [UInt8]) -> Int32 {
        let status = unsafe address.withUnsafeBytes { space in
            unsafe clinux_connect_raw(socket.rawDescriptor, space.baseAddress, UInt32(space.count))
        }
        return 0 - status
    }

    /// A stream of our own in this family.
    public static func make(family: Int32, waits: Bool) throws(SystemError) -> SharedFile {
        SharedFile(adopting: try SystemError.check(clinux_stream_socket(family, waits ? 1 : 0), "socket"))
    }

    /// Whether calls on it wait.
    public static func waits(_ socket: SharedFile) -> Bool { clinux_waits(socket.rawDescriptor) != 0 }

    /// The process that began to listen at the other end of a unix stream; nil where nobody can tell.
    public static func peer(_ socket: SharedFile) -> Int32? {
        let process = clinux_peer_process(socket.rawDescriptor)
        return process < 0 ? nil : process
    }

    /// Ends both directions, whoever else holds the socket.
    public static func end(_ socket: SharedFile) { clinux_break(socket.rawDescriptor) }

    /// Work that may wait for a peer, on a thread of its own.
    public static func apart(_ work: @escaping @Sendable () -> Void) throws(SystemError) {
        try BlockingThread.start(work)
    }
}

extension InnerSocket {
    /// The port that a socket is bound to.
    public static func port(_ socket: SharedFile) throws(SystemError) -> UInt16 {
        UInt16(truncatingIfNeeded: try SystemError.check(clinux_bound_port(socket.rawDescriptor), "getsockname"))
    }

    /// The IPv4 addresses of a name, as this machine knows it. May wait for a name server.
    public static func addresses(of name: String) -> [UInt32] {
        guard !name.utf8.contains(0) else { return [] }
        var found = [UInt32](repeating: 0, count: 16)
        let count = unsafe found.withUnsafeMutableBufferPointer { space in
            unsafe clinux_addresses(name, space.baseAddress, Int32(space.count))
        }
        return Array(found.prefix(Int(max(0, count))))
    }
}
