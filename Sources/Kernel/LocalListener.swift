internal import CLinux
internal import Synchronization

/// A unix socket that takes one line from each peer and gives one answer. A peer that says nothing, too much, or does
/// not listen is let go in time; peers of other users are not heard.
public final class LocalListener: Sendable {
    private let socket: SharedFile
    private let limits: LocalLimits
    private let users: Set<UInt32>
    private let busy = Mutex(0)
    private let isStopped = Mutex(false)

    private init(_ socket: SharedFile, _ limits: LocalLimits) {
        self.socket = socket
        self.limits = limits
        users = [ProcessIdentity.effectiveUID, 0]
    }

    /// Listens under this name in a folder that must keep others out.
    public static func open(in folder: String, named name: String, limits: LocalLimits = LocalLimits())
        throws(SystemError) -> LocalListener
    {
        try SystemError.checkPath(folder)
        let place = SharedFile(adopting: try SystemError.check(unsafe clinux_open_folder(folder), "open", folder))
        let got = unsafe clinux_local_listen(place.rawDescriptor, folder, name)
        return LocalListener(SharedFile(adopting: try SystemError.check(got, "bind", "\(folder)/\(name)")), limits)
    }

    /// Answers until `stop`. A peer that is answered with nothing is let go without a word.
    public func serve(_ answer: @escaping @Sendable ([UInt8]) async -> [UInt8]) throws(SystemError) {
        try BlockingThread.start { self.take(answer) }
    }

    /// Takes no more peers. Those that are being answered still are.
    public func stop() {
        isStopped.withLock { $0 = true }
        clinux_local_shut(socket.rawDescriptor)
    }

    /// Waits until those who are being answered have their answers, but no longer than this.
    public func settle(seconds: Double) async {
        let deadline = Deadline(seconds: seconds)
        while busy.withLock({ $0 }) > 0, deadline.milliseconds > 0 {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private func take(_ answer: @escaping @Sendable ([UInt8]) async -> [UInt8]) {
        while !isStopped.withLock({ $0 }) {
            let got = clinux_local_accept(socket.rawDescriptor)
            // Out of descriptors or memory: peers wait in the queue until there are some again.
            if got == -EMFILE || got == -ENFILE || got == -ENOMEM || got == -ENOBUFS {
                BlockingThread.sleep(milliseconds: 50)
                continue
            }
            guard got >= 0 else { return }
            let peer = LocalPeer(SharedFile(adopting: got))
            while busy.withLock({ $0 }) >= limits.peers { BlockingThread.sleep(milliseconds: 10) }
            busy.withLock { $0 += 1 }
            do throws(SystemError) {
                try BlockingThread.start { self.hear(peer, answer) }
            } catch {
                busy.withLock { $0 -= 1 }
            }
        }
    }

    private func hear(_ peer: LocalPeer, _ answer: @escaping @Sendable ([UInt8]) async -> [UInt8]) {
        guard let uid = peer.uid, users.contains(uid),
            let line = try? peer.line(Deadline(seconds: limits.seconds), limit: limits.bytes)
        else {
            busy.withLock { $0 -= 1 }
            return
        }
        // Ends when the answer is given; the thread that heard the question does not wait for it.
        Task {
            let bytes = await answer(line)
            let seconds = limits.seconds
            _ = await BlockingThread.run {
                try? peer.send(bytes, Deadline(seconds: seconds))
                peer.endWriting()
            }
            busy.withLock { $0 -= 1 }
        }
    }
}
