public import Kernel
internal import Synchronization

/// Answers for each call that a fenced process wants to leave by. What passes, we do ourselves with the bytes that we
/// looked at, on the caller's own socket: nothing that the caller changes meanwhile makes a difference.
public final class FenceGate: Sendable {
    private let watch: CallWatch
    private let rules: FenceRules
    /// The files of outside's sockets.
    private let outside: Set<Place>
    private let onAttempt: @Sendable (Attempt) -> Void
    private let waiting = Mutex(0)
    /// More connects than this do not wait at once.
    private static let mostWaiting = 256

    private struct Place: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// Answers from now on, until nobody is left inside.
    public static func open(
        _ watch: SharedFile,
        _ rules: FenceRules,
        onAttempt: @escaping @Sendable (Attempt) -> Void
    ) throws(SystemError) {
        let watch = CallWatch(watch)
        let gate = FenceGate(watch, rules, onAttempt)
        try watch.serve { gate.answer($0) }
    }

    private init(_ watch: CallWatch, _ rules: FenceRules, _ onAttempt: @escaping @Sendable (Attempt) -> Void) {
        self.watch = watch
        self.rules = rules
        self.onAttempt = onAttempt
        outside = Set(
            rules.sockets.compactMap { path in
                (try? Files.stat(path, followLink: true)).map { Place(device: $0.device, inode: $0.inode) }
            }
        )
    }

    private func answer(_ call: WatchedCall) {
        switch call.kind {
        case .connect:
            do throws(SystemError) { try connect(call) } catch { watch.answer(call, error.errno) }
        case .socket:
            tell(FenceGate.socket(call), "", call)
            watch.answer(call, Refusal.denied)
        case .sendTo, .sendMessage, .sendMessages:
            tell("fast open", destination(call), call)
            watch.answer(call, Refusal.unsupported)
        case .other: watch.answer(call, Refusal.denied)
        }
    }

    /// Numbers of the kernel's answers.
    private enum Refusal {
        static let denied: Int32 = 13
        static let again: Int32 = 11
        static let unsupported: Int32 = 95
        static let invalid: Int32 = 22
        static let refused: Int32 = 111
    }

    private func tell(_ what: String, _ destination: String, _ call: WatchedCall) {
        onAttempt(Attempt(what, to: destination, by: call.process))
    }

    /// Only `sendto` has its address where we can see it.
    private func destination(_ call: WatchedCall) -> String {
        let count = Int(clamping: call.arguments[5])
        guard call.kind == .sendTo, call.arguments[4] != 0, count <= CalledAddress.limit,
            let bytes = try? watch.read(call, at: call.arguments[4], count: count)
        else { return "" }
        return CalledAddress(bytes)?.text ?? ""
    }

    private func connect(_ call: WatchedCall) throws(SystemError) {
        let count = Int(call.number(2))
        guard (2...CalledAddress.limit).contains(count) else {
            throw SystemError(call: "connect", errno: Refusal.invalid)
        }
        let bytes = try watch.read(call, at: call.arguments[1], count: count)
        guard let address = CalledAddress(bytes) else { throw SystemError(call: "connect", errno: Refusal.invalid) }
        switch address {
        case .none, .netlink: try make(call, bytes)
        case .path(let path): try unix(call, address, path)
        case .name(let name):
            guard !rules.names.contains(name) else { return deny(call, address) }
            try make(call, bytes, address)
        case .four, .six: try stream(call, address, bytes)
        case .unknown: deny(call, address)
        }
    }

    private func deny(_ call: WatchedCall, _ address: CalledAddress) {
        tell("connect", address.text, call)
        watch.answer(call, Refusal.denied)
    }

    private func stream(_ call: WatchedCall, _ address: CalledAddress, _ bytes: [UInt8]) throws(SystemError) {
        guard case .four(let number, let port) = address,
            let service = rules.services.first(where: { $0.port == port && $0.addresses.contains(number) })
        else {
            // A name server on loopback asks outside for whoever asks it.
            guard address.isLoopback, address.port != 53, address.port != 853 else { return deny(call, address) }
            if let port = address.port, rules.listeners.contains(port) {
                tell(Attempt.loopback, "127.0.0.1:\(port)", call)
            }
            return try make(call, bytes)
        }
        var led = bytes
        led.replaceSubrange(2..<4, with: [UInt8(service.door >> 8), UInt8(service.door & 0xFF)])
        let place = led[0] == 2 ? 4 : 20
        led.replaceSubrange(place..<(place + 4), with: [127, 0, 0, 1])
        try make(call, led)
    }

    /// The file is held while it is looked at, so that it is the one that is connected to.
    private func unix(_ call: WatchedCall, _ address: CalledAddress, _ path: [UInt8]) throws(SystemError) {
        let text = String(decoding: path, as: UTF8.self)
        let base = text.hasPrefix("/") ? "/proc/\(call.process)/root" : "/proc/\(call.process)/cwd/"
        // We have our own rights to files, which are the caller's only where the caller is who we are.
        guard (try? Files.stat("/proc/\(call.process)"))?.uid == ProcessIdentity.effectiveUID else {
            return deny(call, address)
        }
        let held = try Mounts.hold(base + text)
        let found = try held.stat()
        guard found.mode & 0o170000 == 0o140000 else { throw SystemError(call: "connect", errno: Refusal.refused) }
        guard !outside.contains(Place(device: found.device, inode: found.inode)) else { return deny(call, address) }
        let own = Array("/proc/self/fd/\(held.rawDescriptor)".utf8)
        try make(call, [1, 0] + own + [0], address, holding: held)
    }

    /// Makes the call on the caller's socket; where it may wait, on a thread of its own.
    private func make(
        _ call: WatchedCall,
        _ bytes: [UInt8],
        _ unix: CalledAddress? = nil,
        holding held: SharedFile? = nil
    ) throws(SystemError) {
        let socket: SharedFile
        do throws(SystemError) { socket = try watch.take(call, call.number(0)) } catch {
            // Some containers refuse this to everybody.
            guard error.errno == 1 else { throw error }
            return try replace(call, bytes, unix, holding: held)
        }
        try finish(call, socket, waits: ProxiedSocket.waits(socket)) { [self] in
            let status = ProxiedSocket.connect(socket, bytes)
            withExtendedLifetime(held) {}
            return settle(call, socket, status, unix)
        }
    }

    /// Puts a connected socket of ours where the caller's was; what was set on that one is lost.
    private func replace(
        _ call: WatchedCall,
        _ bytes: [UInt8],
        _ unix: CalledAddress?,
        holding held: SharedFile?
    ) throws(SystemError) {
        let number = call.number(0)
        let path = "/proc/\(call.process)/fd/\(number)"
        guard bytes[0] != 0, bytes[0] != 16, (try Files.readlink(path)).hasPrefix("socket:") else {
            throw SystemError(call: "connect", errno: Refusal.invalid)
        }
        let flags = FenceGate.flags(call.process, number)
        guard watch.waits(call) else { return }
        let waits = flags & 0o4000 == 0
        let socket = try ProxiedSocket.make(family: Int32(bytes[0]), waits: waits)
        try finish(call, socket, waits: waits) { [self] in
            let status = settle(call, socket, ProxiedSocket.connect(socket, bytes), unix)
            withExtendedLifetime(held) {}
            guard status == 0 || status == 115 else { return status }
            do throws(SystemError) {
                try watch.put(call, socket, at: number, closesOnExec: flags & 0o2000000 != 0)
            } catch { return error.errno }
            return status
        }
    }

    /// What the kernel says of an open file of another process, in octal.
    private static func flags(_ process: Int32, _ number: Int32) -> Int {
        let text = (try? Files.readAll("/proc/\(process)/fdinfo/\(number)", limit: 64 << 10)) ?? []
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("flags:") }
        return line.flatMap { Int($0.dropFirst(6).filter(\.isNumber), radix: 8) } ?? 0
    }

    /// Whoever answers has to be one of those inside: what began to listen after the fence was closed may still be
    /// outside. A listener that has handed its socket on and gone was not there before either.
    private func settle(
        _ call: WatchedCall,
        _ socket: SharedFile,
        _ status: Int32,
        _ unix: CalledAddress?
    ) -> Int32 {
        guard let unix, status == 0, let peer = ProxiedSocket.peer(socket) else { return status }
        let isThere = peer == 0 || Files.exists("/proc/\(peer)")
        guard isThere, !([peer] + ProcessTable.ancestors(of: peer)).contains(rules.root) else { return status }
        ProxiedSocket.end(socket)
        tell("connect", unix.text, call)
        return Refusal.denied
    }

    private func finish(
        _ call: WatchedCall,
        _ socket: SharedFile,
        waits: Bool,
        _ work: @escaping @Sendable () -> Int32
    ) throws(SystemError) {
        guard waits else { return watch.answer(call, work()) }
        let isFree = waiting.withLock { waiting in
            guard waiting < FenceGate.mostWaiting else { return false }
            waiting += 1
            return true
        }
        guard isFree else { throw SystemError(call: "connect", errno: Refusal.again) }
        try ProxiedSocket.apart { [self] in
            watch.answer(call, work())
            waiting.withLock { $0 -= 1 }
        }
    }

    /// What kind of socket was asked for.
    static func socket(_ call: WatchedCall) -> String {
        let kind = call.number(1) & 0xF
        switch (call.number(0), kind) {
        case (17, _): return "packet socket"
        case (40, _): return "vsock socket"
        case (2, 2), (10, 2): return "datagram socket"
        case (2, 3), (10, 3): return "raw socket"
        case (1, _): return "unix datagram socket"
        case (2, _), (10, _): return "socket of protocol \(call.number(2))"
        case (let family, _): return "socket of family \(family)"
        }
    }
}
