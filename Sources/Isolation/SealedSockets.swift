public import Kernel

/// The sockets that were made inside a seal and are served by the agent outside.
public struct SealedSockets: Sendable {
    /// Where clients' settings lead: 127.0.0.1 and, where there is IPv6, `::1`.
    public let proxy: [SharedFile]
    public let nameDatagrams: SharedFile
    public let nameListener: SharedFile
    /// Without an address yet.
    public let pool: [SharedFile]
    /// Tells of calls that try to leave; nil where somebody watches already.
    public let watch: SharedFile?
    /// Asked for the owners of sockets inside.
    public let owners: SharedFile?

    struct Made {
        let kind: String
        let file: SharedFile
    }

    static func make(_ orders: SealOrders, _ pool: [SharedFile]) throws(SystemError) -> [Made] {
        var made: [Made] = []
        // A C library that sees 127.0.0.1 alone believes that names cannot have addresses (AI_ADDRCONFIG).
        try? InnerSocket.addAddress(0x7F00_0035, number: 999)
        for (number, address) in orders.addresses.enumerated() {
            try InnerSocket.addAddress(address, number: number + 1)
        }
        let four = try InnerSocket.make()
        try InnerSocket.bind(four, 0x7F00_0001, port: orders.proxyPort)
        try InnerSocket.listen(four)
        made.append(Made(kind: "proxy", file: four))
        if let six = try? InnerSocket.make(isSix: true), (try? InnerSocket.bindSix(six, port: orders.proxyPort)) != nil
        {
            try InnerSocket.listen(six)
            made.append(Made(kind: "proxy", file: six))
        }
        let datagrams = try InnerSocket.make(isDatagram: true)
        try InnerSocket.bind(datagrams, orders.nameServer, port: 53)
        made.append(Made(kind: "datagrams", file: datagrams))
        let listener = try InnerSocket.make()
        try InnerSocket.bind(listener, orders.nameServer, port: 53)
        try InnerSocket.listen(listener)
        made.append(Made(kind: "names", file: listener))
        if let owners = try? SocketOwner.inquiry() { made.append(Made(kind: "owners", file: owners)) }
        return made + pool.map { Made(kind: "pool", file: $0) }
    }

    /// Nil where a socket is missing.
    init?(_ kinds: [String], _ files: [SharedFile]) {
        guard kinds.count == files.count else { return nil }
        let pairs = Array(zip(kinds, files))
        func all(_ kind: String) -> [SharedFile] { pairs.filter { $0.0 == kind }.map(\.1) }
        guard let datagrams = all("datagrams").first, let listener = all("names").first, !all("proxy").isEmpty else {
            return nil
        }
        proxy = all("proxy")
        nameDatagrams = datagrams
        nameListener = listener
        pool = all("pool")
        watch = all("watch").first
        owners = all("owners").first
    }
}
