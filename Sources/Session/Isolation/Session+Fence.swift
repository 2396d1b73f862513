internal import Core
internal import Isolation
internal import Kernel
internal import Proxy

/// What steps need to make a session's fence once more: `ADDRESS:PORT=DOOR` for each way to a declared service.
struct FenceNote: Hashable, Sendable {
    var services: [FenceRules.Service] = []
    /// Where the session listens.
    var port: UInt16

    var words: [String] {
        services.map { service in
            "\(service.addresses.map(AddressText.text).joined(separator: ",")):\(service.port)=\(service.door)"
        }
    }

    init(port: UInt16) { self.port = port }

    init(_ words: [String], port: UInt16) {
        self.port = port
        services = words.compactMap { word in
            let parts = word.split { $0 == ":" || $0 == "=" }
            guard parts.count == 3, let port = UInt16(parts[1]), let door = UInt16(parts[2]) else { return nil }
            let addresses = parts[0].split(separator: ",").compactMap { AddressText.number($0) }
            return FenceRules.Service(addresses: addresses, port: port, door: door)
        }
    }

    /// Closes a fence by it and answers for who is inside.
    func close(
        _ fence: Fence,
        _ environment: [String: String],
        onAttempt: @escaping @Sendable (Attempt) -> Void
    ) async throws(ConfinementError) -> Confinement {
        let rules = FenceRules(
            services: services,
            root: fence.process,
            sockets: Outside.sockets(environment),
            names: Outside.names(),
            listeners: Outside.listeners().subtracting([port] + services.map(\.door))
        )
        let ready = try await fence.prepare(ports: [port] + services.map(\.port))
        guard let watch = ready.watch else {
            return Confinement(
                .fencePort,
                reason: "port only: TCP to other ports is refused, connects are not looked at",
                notices: ["isolation is fence-port, not fence: \(ready.weaknesses.joined(separator: "; "))"]
            )
        }
        do throws(SystemError) { try FenceGate.open(watch, rules, onAttempt: onAttempt) } catch {
            throw ConfinementError("\(error)")
        }
        let weak = ready.weaknesses.map { "; \($0)" }.joined()
        return Confinement(.fence, reason: "same user and machine: loopback and files are shared\(weak)")
    }
}

extension Session {
    /// Closes a fence around what runs in it: each connect is looked at here.
    func enclose(_ fence: Fence) async throws(ConfinementError) -> (confinement: Confinement, note: FenceNote) {
        let note: FenceNote
        do throws(SystemError) { note = try await openDoors() } catch { throw ConfinementError("\(error)") }
        let recorder = recorder
        return (try await note.close(fence, plan.environment) { recorder.note($0) }, note)
    }

    /// A listener for each declared service that leads there, where its bytes are counted.
    private func openDoors() async throws(SystemError) -> FenceNote {
        var note = FenceNote(port: UInt16(clamping: proxy.port))
        for service in plan.services {
            let number = AddressText.number(service.host[...])
            let addresses =
                if let number { [number] } else {
                    try await Blocking.run { () throws(SystemError) in InnerSocket.addresses(of: service.host) }
                }
            let listener = try InnerSocket.make()
            try InnerSocket.bind(listener, 0x7F00_0001, port: 0)
            try InnerSocket.listen(listener)
            try proxy.serve(listener, as: .service(host: service.host, port: Int(service.port)))
            let door = try InnerSocket.port(listener)
            note.services.append(FenceRules.Service(addresses: addresses, port: service.port, door: door))
        }
        return note
    }
}
