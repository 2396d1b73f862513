internal import Core
internal import Ecosystems
internal import Gateway
internal import Isolation
internal import Kernel
internal import Proxy

extension Session {
    /// Closes the seal around the session: covers what is ours, and serves every name and port from here.
    func surround(_ seal: Seal) async throws(ConfinementError) -> (Confinement, Int32) {
        let host = (try? ProcessIdentity.hostName()) ?? ""
        let places = plan.literalOrigins
        let orders = orders(host, places)
        let ready = try await seal.prepare(orders)
        do throws(SystemError) {
            for listener in ready.sockets.proxy { try proxy.serve(listener, as: .proxy) }
            let proxy = proxy
            let names = Names()
            let table = NameTable(ports: plan.sealedPorts, own: [host], pool: ready.sockets.pool) { listener in
                // A listener that cannot be served refuses its clients, who then fail loudly.
                try? proxy.serve(listener, as: .host { text in names.name(of: text) })
            }
            names.set(table)
            for place in places {
                guard let listener = table.listener(at: place.address, port: place.port) else { continue }
                try proxy.serve(listener, as: .host { $0 })
            }
            for service in plan.services {
                let address = AddressText.number(service.host[...]) ?? table.address(of: service.host)
                guard let address, let listener = table.listener(at: address, port: service.port) else { continue }
                try proxy.serve(listener, as: .service(host: service.host, port: Int(service.port)))
            }
            let server = NameServer(table)
            try proxy.answer(datagrams: ready.sockets.nameDatagrams) { server.answer($0) }
            try proxy.answer(streams: ready.sockets.nameListener) { server.answers(&$0) }
            if let owners = ready.sockets.owners { recorder.steps.look(inside: owners) }
            if let file = ready.sockets.watch { try watch(file, table, orders) }
        } catch { throw ConfinementError("\(error)") }
        let weak = ready.weaknesses.joined(separator: "; ")
        return (Confinement(.seal, isComplete: weak.isEmpty, reason: weak.isEmpty ? nil : weak), ready.entrance)
    }

    /// Tells of whoever tries to leave.
    private func watch(_ file: SharedFile, _ table: NameTable, _ orders: SealOrders) throws(SystemError) {
        let (ports, services, recorder) = (Set(plan.sealedPorts), plan.services, recorder)
        let rules = SealWatch.Rules(
            addresses: Set(orders.addresses),
            sockets: Set(orders.sockets),
            names: Outside.names()
        ) { address, port in
            let name = table.name(of: address)
            return (name, ports.contains(port) || services.contains { $0.host == name && $0.port == port })
        }
        try SealWatch.open(file, rules) { recorder.note($0) }
    }

    private func orders(_ host: String, _ places: [Plan.Place]) -> SealOrders {
        var orders = SealOrders(session: paths.session, clients: paths.clients, folder: plan.folder)
        orders.hidden = paths.hidden(plan)
        orders.sockets = Outside.sockets(plan.environment)
        orders.authorityHash = proxy.authorityLookupName
        // A C library without the file asks its own machine.
        if !Files.exists("/etc/resolv.conf") { orders.nameServer = 0x7F00_0001 }
        orders.resolver = "nameserver \(AddressText.text(orders.nameServer))\n"
        let hosts = (try? Files.readAll("/etc/hosts", limit: 1 << 20)) ?? []
        orders.hosts = Outside.hosts(String(decoding: hosts, as: UTF8.self), hostName: host)
        orders.proxyPort = UInt16(clamping: proxy.port)
        let services = plan.services.compactMap { AddressText.number($0.host[...]) }
        orders.addresses = Set(places.map(\.address) + services).filter { $0 >> 24 != 127 }.sorted()
        return orders
    }

    /// Names by address, for listeners that are there before the table is.
    private final class Names: Sendable {
        private let table = Once<NameTable>()

        func set(_ table: NameTable) { self.table.set(table) }

        func name(of text: String) -> String? {
            AddressText.number(text[...]).flatMap { table.value?.name(of: $0) }
        }
    }
}

extension SessionPaths {
    /// What the command must not see: the caches of all levels, and folders of other sessions of this user.
    func hidden(_ plan: Plan) -> [String] {
        // The user's own cache too where this session keeps none or another: later jobs read it.
        let own = SessionPaths.cacheFolder(nil, plan.environment, "")?.dropLast().description
        var hidden = own.map { [$0] } ?? []
        if let cache, own.map({ !cache.hasPrefix($0 + "/") }) ?? true { hidden.append(cache) }
        return hidden + others(plan.environment)
    }
}

extension Plan {
    /// An address that clients may ask without asking for a name first.
    struct Place: Hashable, Sendable {
        let address: UInt32
        let port: UInt16
    }

    /// Where every name is listened on.
    var sealedPorts: [UInt16] {
        var ports: Set<UInt16> = [80, 443]
        for origin in ownOrigins where AddressText.number(origin.host[...]) == nil {
            ports.insert(UInt16(clamping: origin.port))
        }
        return ports.sorted()
    }

    var literalOrigins: [Place] {
        ownOrigins.compactMap { origin in
            AddressText.number(origin.host[...]).map { Place(address: $0, port: UInt16(clamping: origin.port)) }
        }
    }

    /// Those of `--origin`: mirrors are asked by us, not by the command.
    private var ownOrigins: [Origin] {
        declared.map(\.prefix).filter { prefix in !upstreams.values.contains(prefix) }.map(\.origin)
    }
}

/// IPv4 addresses as text and as numbers.
enum AddressText {
    static func number(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let part else { return nil }
            address = address << 8 | UInt32(part)
        }
        return address
    }

    static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { "\(address >> UInt32($0) & 0xFF)" }.joined(separator: ".")
    }
}
