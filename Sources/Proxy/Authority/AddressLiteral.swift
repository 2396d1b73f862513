internal import NIOCore

/// An IPv4 or IPv6 address written out, with what kind of network it belongs to.
struct AddressLiteral: Hashable, Sendable {
    /// Four or sixteen bytes, in network order.
    let bytes: [UInt8]

    /// Nil for a name. IPv6 without brackets.
    init?(_ text: String) {
        // A name can never hold a colon or be digits and dots alone, so the resolver is not asked.
        guard text.contains(":") || text.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }),
            let address = try? SocketAddress(ipAddress: text, port: 0)
        else { return nil }
        self.init(address)
    }

    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        let bytes = text.contains(":") ? AddressLiteral.six(text) : AddressLiteral.four(text[...])
        guard let bytes else { return nil }
        self.bytes = bytes
    }

    /// False for loopback, link-local, private, carrier-shared, multicast, reserved and IPv4-in-IPv6 forms of those.
    var isPublic: Bool {
        if bytes.count == 16 {
            if bytes.prefix(10).allSatisfy({ $0 == 0 }) || isTranslated { return false }
            // Only 2000::/3 is given out; of it, 2001:db8::/32 is for books and 2002::/16 wraps IPv4.
            return bytes[0] & 0xE0 == 0x20 && !(bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8]))
                && !(bytes.starts(with: [0x20, 0x02])) && !(bytes.starts(with: [0x20, 0x01, 0, 0]))
        }
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (198, 18...19), (192, 0), (224..., _): return false
        case (172, 16...31), (100, 64...127): return false
        default: return true
        }
    }

    /// 64:ff9b::/96 and its local sister: a translator would turn it into any IPv4 address.
    private var isTranslated: Bool { bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]) }

    private static func four(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let bytes = parts.compactMap(\.self)
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func six(_ text: String) -> [UInt8]? {
        let address = text.prefix { $0 != "%" }
        var sides = [address]
        if let gap = address.firstRange(of: "::") { sides = [address[..<gap.lowerBound], address[gap.upperBound...]] }
        var halves: [[UInt8]] = []
        for side in sides {
            var bytes: [UInt8] = []
            for group in side.split(separator: ":") {
                if group.contains(".") {
                    guard let quad = four(group) else { return nil }
                    bytes += quad
                } else {
                    guard let value = UInt16(group, radix: 16) else { return nil }
                    bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
                }
            }
            halves.append(bytes)
        }
        guard halves.count == 2 else { return halves[0].count == 16 ? halves[0] : nil }
        let missing = 16 - halves[0].count - halves[1].count
        guard missing >= 0 else { return nil }
        return halves[0] + Array(repeating: 0, count: missing) + halves[1]
    }
}
