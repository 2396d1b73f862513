import Foundation
import Synchronization

/// A loopback server whose every connection runs a script of raw bytes on a thread of its own.
final class FakeServer: Sendable {
    let port: Int
    private let listener: Int32
    private let accepted = Atomic<Int>(0)
    private let seen = Mutex<[FakeRequest]>([])

    /// How many connections came in.
    var connections: Int { accepted.load(ordering: .acquiring) }
    /// The requests read so far by `FakeConnection.readRequest`.
    var requests: [FakeRequest] { seen.withLock { $0 } }
    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    init(_ script: @escaping @Sendable (FakeConnection) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard unsafe bind(descriptor, raw, length) == 0, listen(descriptor, 128) == 0 else { return false }
                return unsafe getsockname(descriptor, raw, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let peer = accept(descriptor, nil, nil)
                guard peer >= 0, let server = self else { return }
                server.accepted.add(1, ordering: .acquiringAndReleasing)
                Thread.detachNewThread { [weak server] in
                    let connection = FakeConnection(peer) { request in server?.seen.withLock { $0.append(request) } }
                    script(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

/// What one connection of a `FakeServer` read.
struct FakeRequest: Sendable {
    var line: String
    var headers: [String]
    var body: [UInt8]
    func has(_ header: String) -> Bool { headers.contains { $0.lowercased() == header.lowercased() } }
}

/// One accepted connection; closes as it is let go.
final class FakeConnection {
    private let descriptor: Int32
    private let note: (FakeRequest) -> Void
    private var waiting: [UInt8] = []
    private(set) var sent = 0
    private var isOpen = true

    init(_ descriptor: Int32, note: @escaping (FakeRequest) -> Void) {
        self.descriptor = descriptor
        self.note = note
    }

    deinit { end() }

    func end() {
        if isOpen { close(descriptor) }
        isOpen = false
    }

    /// Reads a head and, by its length or chunks, the body; `nil` when the peer is gone.
    func readRequest() -> FakeRequest? {
        while true {
            if let range = Data(waiting).range(of: Data("\r\n\r\n".utf8)) {
                let lines = String(decoding: waiting[..<range.lowerBound], as: UTF8.self).components(
                    separatedBy: "\r\n"
                )
                waiting.removeFirst(range.upperBound)
                let length =
                    lines.first { $0.lowercased().hasPrefix("content-length:") }.flatMap {
                        Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces))
                    } ?? 0
                while waiting.count < length { guard fill() else { return nil } }
                let request = FakeRequest(
                    line: lines[0],
                    headers: Array(lines.dropFirst()),
                    body: Array(waiting.prefix(length))
                )
                waiting.removeFirst(length)
                note(request)
                return request
            }
            guard fill() else { return nil }
        }
    }

    private func fill() -> Bool {
        var space = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe space.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        waiting += space[..<count]
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// `false` when the peer has gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes[offset...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
            sent += count
        }
        return true
    }

    func answer(_ body: String, status: String = "200 OK", headers: [String] = []) {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Closes with RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        end()
    }

    /// Waits until the peer closes.
    func waitForPeer() { while fill() {} }
}

/// Blocks a script's own thread.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
