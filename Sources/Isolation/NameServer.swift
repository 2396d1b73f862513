/// Answers name queries inside a seal (RFC 1035): a name has one address, ours for it, and nothing else.
public struct NameServer: Sendable {
    private let address: @Sendable (String) -> UInt32?
    private let name: @Sendable (UInt32) -> String?

    private enum Kind {
        static let address: UInt16 = 1
        static let pointer: UInt16 = 12
        static let addressSix: UInt16 = 28
        static let any: UInt16 = 255
    }

    private enum Outcome: UInt8 {
        case fine = 0
        case malformed = 1
        case absent = 3
        case unsupported = 4
    }

    private struct Question {
        let name: String
        let kind: UInt16
        /// Where the question ends in the query.
        let end: Int
    }

    public init(_ table: NameTable) {
        self.init(address: { table.address(of: $0) }, name: { table.name(of: $0) })
    }

    init(address: @escaping @Sendable (String) -> UInt32?, name: @escaping @Sendable (UInt32) -> String?) {
        self.address = address
        self.name = name
    }

    /// The answer to one query; `nil` for bytes that are none.
    public func answer(_ query: [UInt8]) -> [UInt8]? {
        // A header, and no answer: two servers that answer each other's answers never stop.
        guard query.count >= 12, query.count <= 4_096, query[2] & 0x80 == 0 else { return nil }
        guard query[2] & 0x78 == 0 else { return reply(to: query, .unsupported, end: 12) }
        guard query[4] == 0, query[5] == 1, let question = NameServer.question(query) else {
            return reply(to: query, .malformed, end: 12)
        }
        let end = question.end
        if question.kind == Kind.pointer {
            guard let found = pointed(question.name) else { return reply(to: query, .absent, end: end) }
            return reply(to: query, .fine, end: end, Kind.pointer, NameServer.labels(found))
        }
        guard let found = address(question.name) else { return reply(to: query, .absent, end: end) }
        switch question.kind {
        case Kind.address, Kind.any:
            let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: found >> UInt32($0)) }
            return reply(to: query, .fine, end: end, Kind.address, bytes)
        case Kind.addressSix where found == 0x7F00_0001:
            return reply(to: query, .fine, end: end, Kind.addressSix, [UInt8](repeating: 0, count: 15) + [1])
        default:
            // There is such a name, but nothing of this kind: clients then ask for its address.
            return reply(to: query, .fine, end: end)
        }
    }

    /// The same over a stream: each message behind its length. Takes whole messages from `bytes`.
    public func answers(_ bytes: inout [UInt8]) -> [UInt8] {
        var said: [UInt8] = []
        while bytes.count >= 2 {
            let count = Int(bytes[0]) << 8 | Int(bytes[1])
            guard bytes.count >= 2 + count else { break }
            if let answer = answer(Array(bytes[2..<(2 + count)])) {
                said += [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)] + answer
            }
            bytes.removeFirst(2 + count)
        }
        return said
    }

    private func reply(
        to query: [UInt8],
        _ outcome: Outcome,
        end: Int,
        _ kind: UInt16 = 0,
        _ contents: [UInt8] = []
    ) -> [UInt8] {
        let hasQuestion = end > 12
        // Recursion is had, what was wanted of it is repeated, and the answer is ours to give.
        var reply = [query[0], query[1], 0x84 | query[2] & 0x01, 0x80 | outcome.rawValue]
        reply += [0, hasQuestion ? 1 : 0, 0, contents.isEmpty ? 0 : 1, 0, 0, 0, 0]
        reply += query[12..<end]
        guard !contents.isEmpty else { return reply }
        reply += [0xC0, 12, UInt8(kind >> 8), UInt8(kind & 0xFF), 0, 1, 0, 0, 0, 1]
        return reply + [UInt8(contents.count >> 8), UInt8(contents.count & 0xFF)] + contents
    }

    private static func question(_ query: [UInt8]) -> Question? {
        var labels: [String] = []
        var place = 12
        while true {
            guard place < query.count else { return nil }
            let count = Int(query[place])
            place += 1
            if count == 0 { break }
            // A question has no pointers.
            guard count <= 63, place + count <= query.count, place + count - 12 <= 255 else { return nil }
            let label = query[place..<(place + count)]
            guard label.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2E }) else { return nil }
            labels.append(String(decoding: label, as: UTF8.self))
            place += count
        }
        guard place + 4 <= query.count else { return nil }
        return Question(
            name: labels.joined(separator: ".").lowercased(),
            kind: UInt16(query[place]) << 8 | UInt16(query[place + 1]),
            end: place + 4
        )
    }

    /// The name for `4.3.2.1.in-addr.arpa`.
    private func pointed(_ name: String) -> String? {
        let parts = name.split(separator: ".")
        guard parts.count == 6, parts[4] == "in-addr", parts[5] == "arpa" else { return nil }
        var address: UInt32 = 0
        for part in parts[..<4].reversed() {
            guard let byte = UInt8(part) else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address >> 24 == 127 && address >> 16 != 0x7F01 ? "localhost" : self.name(address)
    }

    private static func labels(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }
}
