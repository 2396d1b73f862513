internal import CLinux

/// Bounds on what one conversation over a unix socket may take.
public struct LocalLimits: Hashable, Sendable {
    /// The longest line of a peer.
    public var bytes: Int
    /// Seconds for a peer to say its line, or to take an answer.
    public var seconds: Double
    /// Peers that are served at once; others wait.
    public var peers: Int

    public init(bytes: Int = 64 << 10, seconds: Double = 5, peers: Int = 16) {
        self.bytes = bytes
        self.seconds = seconds
        self.peers = peers
    }
}

/// Unix sockets within one machine: a question of one line, an answer, the end.
public enum LocalSocket {
    /// Says `line` to the listener of this name and gives everything that it answers. Without `seconds` the answer may
    /// take as long as the listener lives.
    public static func ask(
        _ line: [UInt8],
        in folder: String,
        named name: String,
        seconds: Double?,
        limit: Int = 64 << 20
    ) async throws(SystemError) -> [UInt8] {
        let result = await BlockingThread.run { () -> Result<[UInt8], SystemError> in
            Result { () throws(SystemError) in
                let peer = try connect(folder, name)
                let deadline = seconds.map { Deadline(seconds: $0) }
                try peer.send(line + [0x0A], deadline ?? Deadline(seconds: 30))
                return try peer.receive(deadline, limit: limit)
            }
        }
        guard let result else { throw SystemError(call: "pthread_create", errno: EAGAIN) }
        return try result.get()
    }

    private static func connect(_ folder: String, _ name: String) throws(SystemError) -> LocalPeer {
        try SystemError.checkPath(folder)
        let place = SharedFile(adopting: try SystemError.check(unsafe clinux_open_folder(folder), "open", folder))
        let got = unsafe clinux_local_connect(place.rawDescriptor, folder, name)
        return LocalPeer(SharedFile(adopting: try SystemError.check(got, "connect", "\(folder)/\(name)")))
    }
}

/// A moment of the monotonic clock after which nobody waits.
struct Deadline: Sendable {
    private let end: UInt64

    init(seconds: Double) {
        end = ProcessIdentity.monotonicNanoseconds() + UInt64(max(0, min(seconds, 1e8)) * 1e9)
    }

    /// What is left, at most a second, so that a wait can be looked at from time to time; 0 when it is over.
    var milliseconds: Int32 {
        let now = ProcessIdentity.monotonicNanoseconds()
        return now >= end ? 0 : Int32(min(1_000, (end - now) / 1_000_000 + 1))
    }
}

/// One end of a conversation. Every wait is bounded, whatever the other end does.
struct LocalPeer: Sendable {
    private let socket: SharedFile

    init(_ socket: SharedFile) { self.socket = socket }

    /// The user at the other end.
    var uid: UInt32? { UInt32(exactly: clinux_local_peer(socket.rawDescriptor)) }

    /// Up to the line's end, which is left out.
    func line(_ deadline: Deadline, limit: Int) throws(SystemError) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            let part = try next(deadline)
            if let end = part.firstIndex(of: 0x0A) { return line + part[..<end] }
            guard !part.isEmpty else { throw SystemError(call: "recv", errno: ECONNRESET) }
            line += part
            guard line.count <= limit else { throw SystemError(call: "recv", errno: EMSGSIZE) }
        }
    }

    /// Everything up to the end.
    func receive(_ deadline: Deadline?, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = try next(deadline)
            if part.isEmpty { return bytes }
            bytes += part
            guard bytes.count <= limit else { throw SystemError(call: "recv", errno: EMSGSIZE) }
        }
    }

    func send(_ bytes: [UInt8], _ deadline: Deadline) throws(SystemError) {
        let span = bytes.span
        var done = 0
        while done < span.count {
            let rest = span.extracting(done...)
            let wait = deadline.milliseconds
            let got = unsafe rest.withUnsafeBytes {
                unsafe clinux_local_send(socket.rawDescriptor, $0.baseAddress, $0.count, wait)
            }
            if got == -Int64(EAGAIN) || got == -Int64(ETIMEDOUT), wait > 0 { continue }
            done += Int(try SystemError.check(got, "send"))
        }
    }

    /// The other end reads an end.
    func endWriting() { clinux_local_end_of_writing(socket.rawDescriptor) }

    private func next(_ deadline: Deadline?) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let wait = deadline?.milliseconds ?? 1_000
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe clinux_local_receive(socket.rawDescriptor, $0.baseAddress, $0.count, wait)
            }
            if got == -Int64(EAGAIN) || got == -Int64(ETIMEDOUT), wait > 0 { continue }
            bytes.removeLast(bytes.count - Int(try SystemError.check(got, "recv")))
            return bytes
        }
    }
}
