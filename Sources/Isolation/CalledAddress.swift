/// Where a call wants to go, read from the bytes that it gave the kernel.
enum CalledAddress: Hashable, Sendable {
    /// Takes a connection back.
    case none
    case four(UInt32, port: UInt16)
    case six([UInt8], port: UInt16)
    case path([UInt8])
    /// A unix name without a file, as the kernel's table prints it.
    case name(String)
    case netlink
    case unknown(family: UInt16)

    /// The longest that the kernel takes.
    static let limit = 128

    /// Nil for what is too short to be any.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        let family = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
        func port() -> UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }
        switch family {
        case 0: self = .none
        case 1:
            let path = Array(bytes[2...])
            if path.first == 0 {
                self = .name(String(decoding: path.map { $0 == 0 ? 0x40 : $0 }, as: UTF8.self))
            } else {
                self = .path(Array(path.prefix { $0 != 0 }))
            }
        case 2:
            guard bytes.count >= 16 else { return nil }
            self = .four(bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }, port: port())
        case 10:
            guard bytes.count >= 24 else { return nil }
            let address = Array(bytes[8..<24])
            // ::ffff:1.2.3.4 is 1.2.3.4.
            if address[..<10].allSatisfy({ $0 == 0 }), address[10] == 0xFF, address[11] == 0xFF {
                self = .four(address[12...].reduce(0) { $0 << 8 | UInt32($1) }, port: port())
            } else {
                self = .six(address, port: port())
            }
        case 16: self = .netlink
        default: self = .unknown(family: family)
        }
    }

    /// This machine itself, at any of its own addresses; the kernel takes 0.0.0.0 and :: for it too.
    var isLoopback: Bool {
        switch self {
        case .four(let address, _): address >> 24 == 127 || address == 0
        case .six(let address, _): address[..<15].allSatisfy { $0 == 0 } && address[15] <= 1
        default: false
        }
    }

    var port: UInt16? {
        switch self {
        case .four(_, let port), .six(_, let port): port
        default: nil
        }
    }

    /// For people.
    var text: String {
        switch self {
        case .none: "nowhere"
        case .four(let address, let port): "\(CalledAddress.text(address)):\(port)"
        case .six(let address, let port): "[\(CalledAddress.text(address))]:\(port)"
        case .path(let path): String(decoding: path, as: UTF8.self)
        case .name(let name): name
        case .netlink: "netlink"
        case .unknown(let family): "address family \(family)"
        }
    }

    static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { "\(address >> UInt32($0) & 0xFF)" }.joined(separator: ".")
    }

    /// With the longest run of zeros left out.
    private static func text(_ address: [UInt8]) -> String {
        let words = stride(from: 0, to: 16, by: 2).map { UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, words[end] == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !best.isEmpty else { return joined(words[...]) }
        return joined(words[..<best.lowerBound]) + "::" + joined(words[best.upperBound...])
    }
}
