import Foundation

/// A TCP connection that sends exactly the bytes it is told to, and may leave at any moment.
final class RawConnection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let own = descriptor
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(own, $0, length) }
        }
        guard status == 0 else { throw POSIXError(.ECONNREFUSED) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(own, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// Goes on sending the text, a little every moment, until it is cancelled or the peer is gone.
    func trickling(_ text: String) -> Task<Void, Never> {
        Task { [self] in
            while !Task.isCancelled {
                send(Array(text.utf8))
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Ends the connection while somebody may still hold it.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Everything up to the end of the connection, or to this text and what came together with it.
    func receive(until mark: String? = nil) -> String {
        var bytes: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe space.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += space.prefix(count)
            if let mark, String(decoding: bytes, as: UTF8.self).contains(mark) {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    /// Waits on a thread of its own: a blocked thread of the pool could be the one that the server needs.
    func reading(_ read: @escaping @Sendable (RawConnection) -> String) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(returning: read(self)) }
        }
    }

    func exchange(_ text: String) async -> String {
        await reading { connection in
            connection.send(Array(text.utf8))
            return connection.receive()
        }
    }
}
