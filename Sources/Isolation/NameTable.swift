public import Kernel
internal import Synchronization

/// Gives every name that is asked for inside a seal a loopback address of its own, stable for the session, and listens
/// there.
public final class NameTable: Sendable {
    private struct State {
        var addresses: [String: UInt32] = [:]
        var names: [UInt32: String] = [:]
        var next = NameTable.first
        var pool: [SharedFile]
    }

    /// 127.1.0.1 and on; the last address is shared by all names for which no sockets are left: there the client's own
    /// words (the TLS server name, `Host`) have to say whom it means.
    private static let first: UInt32 = 0x7F01_0001
    public static let shared: UInt32 = 0x7F01_FFFE

    private let ports: [UInt16]
    private let own: Set<String>
    private let state: Mutex<State>
    private let opened: @Sendable (SharedFile) -> Void

    /// `ports` are listened on for each name; `own` names are the machine's and stay on loopback. `opened` is handed
    /// each listener, which already takes connections.
    public init(
        ports: [UInt16],
        own: Set<String>,
        pool: [SharedFile],
        opened: @escaping @Sendable (SharedFile) -> Void
    ) {
        self.ports = ports
        self.own = Set(own.map { $0.lowercased() })
        self.opened = opened
        // What is handed out goes out from the end.
        state = Mutex(State(pool: pool))
        // From the start, so that a build which wants all addresses of such a port learns it at once and every time.
        let listeners = state.withLock { open(NameTable.shared, &$0) }
        for listener in listeners ?? [] { opened(listener) }
    }

    /// The address of a name; `nil` for what is no name.
    public func address(of name: String) -> UInt32? {
        let name = name.lowercased()
        guard NameTable.isName(name) else { return nil }
        if name == "localhost" || name.hasSuffix(".localhost") || own.contains(name) { return 0x7F00_0001 }
        var listeners: [SharedFile] = []
        let address = state.withLock { state in
            if let known = state.addresses[name] { return known }
            let address = state.next
            guard let made = open(address, &state) else { return NameTable.shared }
            listeners = made
            state.next += 1
            state.addresses[name] = address
            state.names[address] = name
            return address
        }
        for listener in listeners { opened(listener) }
        return address
    }

    /// The name that was given an address; `nil` for the shared one and for all others.
    public func name(of address: UInt32) -> String? { state.withLock { $0.names[address] } }

    /// Listens at an address that is itself what clients ask for; nil where no socket is left or the port is taken.
    public func listener(at address: UInt32, port: UInt16) -> SharedFile? {
        state.withLock { state in
            guard let socket = state.pool.popLast(), (try? InnerSocket.bind(socket, address, port: port)) != nil,
                (try? InnerSocket.listen(socket)) != nil
            else { return nil }
            return socket
        }
    }

    /// Nil when the sockets are used up.
    private func open(_ address: UInt32, _ state: inout State) -> [SharedFile]? {
        guard state.pool.count >= ports.count else { return nil }
        var listeners: [SharedFile] = []
        for port in ports {
            let socket = state.pool.removeLast()
            // A port that the build has taken is the build's: its own programs answer there.
            guard (try? InnerSocket.bind(socket, address, port: port)) != nil,
                (try? InnerSocket.listen(socket)) != nil
            else { continue }
            listeners.append(socket)
        }
        return listeners
    }

    private static func isName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count), name.utf8.contains(where: { !isDigit($0) && $0 != 0x2E }) else {
            return false
        }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
