internal import CCurl

/// The hosts that are reached without a proxy: `*`, names with all that end in them, addresses, address ranges.
struct ProxyExceptions {
    private let entries: [String]

    init(_ entries: [String]) {
        self.entries = entries.map { $0.lowercased() }
    }

    func contain(host: String, port: Int) -> Bool {
        let host = Self.bare(host.lowercased())
        let address = Self.address(host)
        return entries.contains { entry in
            if entry == "*" { return true }
            if Self.address(Self.bare(entry)) == nil, let colon = entry.lastIndex(of: ":"),
                let wanted = Int(entry[entry.index(after: colon)...])
            {
                return wanted == port && Self.matches(String(entry[..<colon]), host: host, address: address)
            }
            return Self.matches(entry, host: host, address: address)
        }
    }

    private static func matches(_ entry: String, host: String, address: [UInt8]?) -> Bool {
        var name = Substring(bare(entry))
        guard let address else {
            while name.hasPrefix(".") { name = name.dropFirst() }
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
        guard let slash = name.firstIndex(of: "/") else { return Self.address(String(name)) == address }
        guard let range = Self.address(bare(String(name[..<slash]))), range.count == address.count,
            let bits = Int(name[name.index(after: slash)...]), 0...(8 * address.count) ~= bits
        else { return false }
        return (0..<bits).allSatisfy { bit in
            (address[bit / 8] ^ range[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    /// Without the brackets of a literal or the dot of a rooted name.
    private static func bare(_ host: String) -> String {
        if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    private static func address(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe ccurl_parse_address(text, $0.baseAddress)
        }
        return count == 0 ? nil : Array(bytes.prefix(Int(count)))
    }
}
