/// Which addresses a fetch for somebody else may dial. Asked with the address that is really dialled, after name
/// resolution, so that no name can lead inside.
enum AddressGuard {
    /// True for addresses of the public internet.
    static func isPublic(_ address: String) -> Bool {
        if let quad = quad(address[...]) { return isPublic(quad) }
        guard let groups = groups(address) else { return false }
        if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF || groups[5] == 0 {
            // ::ffff:a.b.c.d, and ::, ::1 and the old ::a.b.c.d.
            return groups[5] == 0xFFFF && isPublic([groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255])
        }
        switch groups[0] {
        // 64:ff9b::/96 and 2002::/16 carry an IPv4 address that a gateway would dial.
        case 0x64: return isPublic([groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255])
        case 0x2002: return isPublic([groups[1] >> 8, groups[1] & 255, groups[2] >> 8, groups[2] & 255])
        // Only 2000::/3 is public unicast; Teredo hides an address too.
        default: return groups[0] & 0xE000 == 0x2000 && !(groups[0] == 0x2001 && groups[1] == 0)
        }
    }

    private static func isPublic(_ quad: [UInt16]) -> Bool {
        switch (quad[0], quad[1]) {
        case (0, _), (10, _), (127, _), (224..., _): false
        case (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19): false
        case (192, 0): quad[2] != 0
        default: true
        }
    }

    private static func quad(_ text: Substring) -> [UInt16]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 4 else { return nil }
        let numbers = parts.compactMap { $0.flatMap { $0 < 256 ? $0 : nil } }
        return numbers.count == 4 ? numbers : nil
    }

    /// The eight groups of an IPv6 address; a zone (`%eth0`) makes it nil, since such an address is never public.
    private static func groups(_ text: String) -> [UInt16]? {
        var text = text
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        if let last = text.lastIndex(of: ":"), let quad = quad(text[text.index(after: last)...]) {
            let high = String(quad[0] << 8 | quad[1], radix: 16)
            let low = String(quad[2] << 8 | quad[3], radix: 16)
            text = text[...last] + "\(high):\(low)"
        }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        var parts: [[UInt16]] = []
        for half in halves {
            var numbers: [UInt16] = []
            for group in half.split(separator: ":") {
                guard let number = UInt16(group, radix: 16) else { return nil }
                numbers.append(number)
            }
            parts.append(numbers)
        }
        guard parts.count == 2 else { return parts.first.flatMap { $0.count == 8 ? $0 : nil } }
        let missing = 8 - parts[0].count - parts[1].count
        return missing < 1 ? nil : parts[0] + Array(repeating: 0, count: missing) + parts[1]
    }
}
