import Foundation
import Synchronization

/// What the fake upstream answers for one path.
struct FakeAnswer: Sendable {
    var status = "200 OK"
    var headers: [String] = []
    var body: [UInt8] = []

    static func text(_ text: String, type: String = "text/plain") -> FakeAnswer {
        FakeAnswer(headers: ["Content-Type: \(type)"], body: Array(text.utf8))
    }
}

/// A loopback server with fixed answers by path, each connection on a thread of its own.
final class FakeUpstream: Sendable {
    let port: Int
    private let listener: Int32
    private let seen = Mutex<[String]>([])
    private let answers: @Sendable (String) -> FakeAnswer?

    /// Heads of the requests so far.
    var heads: [String] { seen.withLock { $0 } }
    var base: String { "http://127.0.0.1:\(port)/" }

    init(_ answers: @escaping @Sendable (String) -> FakeAnswer?) throws {
        self.answers = answers
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
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
                _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread { server.serve(peer) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ peer: Int32) {
        defer { close(peer) }
        var waiting: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while true {
            var space = [UInt8](repeating: 0, count: 16 << 10)
            let count = unsafe space.withUnsafeMutableBytes { unsafe recv(peer, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return }
            waiting += space[..<count]
            while let range = waiting.firstRange(of: end) {
                let head = String(decoding: waiting[..<range.lowerBound], as: UTF8.self)
                waiting.removeFirst(range.upperBound)
                seen.withLock { $0.append(head) }
                guard send(reply(to: head), peer) else { return }
            }
        }
    }

    private func reply(to head: String) -> [UInt8] {
        let words = head.split(separator: " ")
        let target = words.count > 1 ? String(words[1]) : "/"
        let answer = answers(target) ?? FakeAnswer(status: "404 Not Found", body: Array("nothing here".utf8))
        let lines = ["HTTP/1.1 \(answer.status)", "Content-Length: \(answer.body.count)"] + answer.headers
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (head.hasPrefix("HEAD") ? [] : answer.body)
    }

    private func send(_ bytes: [UInt8], _ peer: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes[offset...].withUnsafeBytes {
                unsafe Glibc.send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }
}
