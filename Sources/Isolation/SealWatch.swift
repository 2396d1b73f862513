public import Kernel

/// Tells of those inside a seal who try to leave. Nothing depends on it: the namespaces hold them back, whatever is
/// read here.
public final class SealWatch: Sendable {
    private let watch: CallWatch
    private let rules: Rules
    private let onAttempt: @Sendable (Attempt) -> Void

    /// What is no attempt to leave.
    public struct Rules: Sendable {
        /// Whose address this is, and whether something is served at the port.
        public var served: @Sendable (UInt32, UInt16) -> (name: String?, isServed: Bool)
        /// Addresses of declared services.
        public var addresses: Set<UInt32>
        /// Unix sockets that are covered, and names of those that have none.
        public var sockets: Set<String>
        public var names: Set<String>

        public init(
            addresses: Set<UInt32>,
            sockets: Set<String>,
            names: Set<String>,
            served: @escaping @Sendable (UInt32, UInt16) -> (name: String?, isServed: Bool)
        ) {
            self.addresses = addresses
            self.sockets = sockets
            self.names = names
            self.served = served
        }
    }

    /// Watches from now on, until nobody is left inside.
    public static func open(
        _ file: SharedFile,
        _ rules: Rules,
        onAttempt: @escaping @Sendable (Attempt) -> Void
    ) throws(SystemError) {
        let watch = CallWatch(file)
        let seal = SealWatch(watch, rules, onAttempt)
        try watch.serve { seal.answer($0) }
    }

    private init(_ watch: CallWatch, _ rules: Rules, _ onAttempt: @escaping @Sendable (Attempt) -> Void) {
        self.watch = watch
        self.rules = rules
        self.onAttempt = onAttempt
    }

    private func answer(_ call: WatchedCall) {
        switch call.kind {
        case .connect: look(call, "connect", at: call.arguments[1], count: Int(call.number(2)))
        case .sendTo: look(call, "datagram", at: call.arguments[4], count: Int(call.number(5)))
        case .socket:
            onAttempt(Attempt(FenceGate.socket(call), by: call.process))
            // Those that know no namespaces are refused; the others the kernel refuses, or they lead nowhere.
            let known: Set<Int32> = [1, 2, 10, 16, 17]
            guard known.contains(call.number(0)) else { return watch.answer(call, 97) }
        default: break
        }
        watch.letPass(call)
    }

    private func look(_ call: WatchedCall, _ what: String, at place: UInt64, count: Int) {
        guard (2...CalledAddress.limit).contains(count), let bytes = try? watch.read(call, at: place, count: count),
            let address = CalledAddress(bytes), let destination = destination(address)
        else { return }
        onAttempt(Attempt(what, to: destination, by: call.process))
    }

    /// Nil for what does not try to leave.
    private func destination(_ address: CalledAddress) -> String? {
        switch address {
        case .four(let number, let port):
            if number >> 16 == 0x7F01, port != 0 {
                let found = rules.served(number, port)
                return found.isServed ? nil : "\(found.name ?? CalledAddress.text(number)):\(port)"
            }
            return address.isLoopback || rules.addresses.contains(number) ? nil : address.text
        case .six: return address.isLoopback ? nil : address.text
        case .path(let path):
            let text = String(decoding: path, as: UTF8.self)
            return rules.sockets.contains(text) ? text : nil
        case .name(let name): return rules.names.contains(name) ? name : nil
        default: return nil
        }
    }
}
