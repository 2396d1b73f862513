internal import Core

/// The body of a POST to `git-upload-pack`: what the client wants.
struct GitWish {
    /// True for `ls-refs` and other commands that bring no objects.
    let isListing: Bool
    /// True where the client names objects that it has: of what it wants, those are left out of the answer.
    let hasSome: Bool
    /// Object names in the order in which they are wanted, each once.
    let wants: [String]
    /// The same request, but for a pack that stands by itself: without objects that only the client has, and without
    /// parts that would be fetched from elsewhere.
    let selfContained: [UInt8]

    private static let wantLimit = 100_000

    init(reading body: [UInt8]) throws(Malformed) {
        var reader = PacketLines(body)
        var wants: [String] = []
        var seen: Set<String> = []
        var kept: [UInt8] = []
        var command: String?
        var (number, hasSome) = (0, false)
        while let packet = try reader.next() {
            number += 1
            guard case .line(let payload) = packet else {
                kept += packet.bytes
                continue
            }
            let text = String(decoding: payload, as: UTF8.self)
            let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
            if number == 1, line.hasPrefix("command=") {
                command = String(line.dropFirst("command=".utf8.count))
            } else if line.hasPrefix("want ") {
                let name = String(line.dropFirst(5).prefix { $0 != " " })
                guard GitWish.isObjectName(name) else { throw Malformed("'want' names no object") }
                if seen.insert(name).inserted { wants.append(name) }
                guard wants.count <= GitWish.wantLimit else { throw Malformed("more wants than a client has") }
            } else if line.hasPrefix("want-ref ") {
                throw Malformed("'want-ref' names no object, so it cannot be judged before it is sent")
            }
            if line.hasPrefix("have ") || line.hasPrefix("shallow ") { hasSome = true }
            if let line = GitWish.standingAlone(line) { kept += Packet.line(Array((line + "\n").utf8)).bytes }
        }
        self.wants = wants
        self.hasSome = hasSome
        isListing = command.map { $0 != "fetch" } ?? false
        guard isListing || !wants.isEmpty else { throw Malformed("the request wants nothing") }
        selfContained = kept
    }

    /// The line without what would make the answer lean on other data; nil where nothing is left.
    private static func standingAlone(_ line: String) -> String? {
        if line == "thin-pack" || line.hasPrefix("packfile-uris ") { return nil }
        guard line.hasPrefix("want "), line.contains(" thin-pack") else { return line }
        return line.split(separator: " ", omittingEmptySubsequences: false).filter { $0 != "thin-pack" }
            .joined(separator: " ")
    }

    /// SHA-1 or SHA-256 in lower-case hexadecimal.
    static func isObjectName(_ text: String) -> Bool {
        let length = text.utf8.count
        return (length == 40 || length == 64)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// One unit of git's wire format (gitprotocol-common, pkt-line).
enum Packet {
    case flush, delimiter, end
    case line([UInt8])

    var bytes: [UInt8] {
        switch self {
        case .flush: Array("0000".utf8)
        case .delimiter: Array("0001".utf8)
        case .end: Array("0002".utf8)
        case .line(let payload):
            Packet.length(payload.count + 4) + payload
        }
    }

    static func length(_ count: Int) -> [UInt8] {
        let digits = Array(String(count, radix: 16).utf8)
        return Array(repeating: UInt8(ascii: "0"), count: max(0, 4 - digits.count)) + digits
    }
}

/// Cuts a whole body into packets.
struct PacketLines {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Nil at the end of the body.
    mutating func next() throws(Malformed) -> Packet? {
        guard place < bytes.count else { return nil }
        guard let length = PacketLines.length(bytes[place...].prefix(4)) else {
            throw Malformed("the request is cut or no pkt-line", offset: place)
        }
        switch length {
        case 0, 1, 2:
            place += 4
            return length == 0 ? .flush : length == 1 ? .delimiter : .end
        case 4...:
            guard place + length <= bytes.count else { throw Malformed("a pkt-line is cut", offset: place) }
            defer { place += length }
            return .line(Array(bytes[(place + 4)..<(place + length)]))
        default: throw Malformed("a pkt-line has the length \(length)", offset: place)
        }
    }

    /// Reads four hexadecimal digits.
    static func length(_ digits: some Collection<UInt8>) -> Int? {
        guard digits.count == 4 else { return nil }
        var length = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: length = length << 4 | Int(digit - 0x30)
            case 0x41...0x46: length = length << 4 | Int(digit - 0x37)
            case 0x61...0x66: length = length << 4 | Int(digit - 0x57)
            default: return nil
            }
        }
        return length
    }
}
