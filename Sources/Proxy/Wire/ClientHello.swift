/// What the first message of a TLS client says of the protocols it would speak inside (RFC 8446 §4.1.2, RFC 7301).
struct ClientHello: Hashable, Sendable {
    /// As offered by ALPN; nil where the client does not offer any.
    let protocols: [String]?

    /// How far the bytes at hand lead.
    enum Reading: Hashable, Sendable {
        case needsMore
        /// Not TLS, or not in a form that we read: the TLS library has the last word.
        case other
        case hello(ClientHello)
    }

    /// Records of more than this are left to the TLS library.
    private static let mostBytes = 65_536

    static func read(_ bytes: [UInt8]) -> Reading {
        var message: [UInt8] = []
        var rest = bytes[...]
        while true {
            if let length = length(of: message), message.count >= 4 + length {
                return hello(message[4..<(4 + length)]).map { .hello($0) } ?? .other
            }
            guard message.count <= mostBytes else { return .other }
            guard let first = rest.first else { return .needsMore }
            // A handshake record of SSL 3 or TLS; the message may be spread over several.
            guard first == 22, rest.count < 2 || rest[rest.startIndex + 1] == 3 else { return .other }
            guard rest.count >= 5 else { return .needsMore }
            let head = Array(rest.prefix(5))
            let size = Int(head[3]) << 8 | Int(head[4])
            guard size > 0, size <= 16_384 else { return .other }
            guard rest.count >= 5 + size else { return .needsMore }
            message += rest.dropFirst(5).prefix(size)
            rest = rest.dropFirst(5 + size)
            if message.first != 1 { return .other }
        }
    }

    private static func length(of message: [UInt8]) -> Int? {
        message.count < 4 ? nil : Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
    }

    private static func hello(_ body: ArraySlice<UInt8>) -> ClientHello? {
        var fields = Fields(rest: body)
        // Version and random, session, cipher suites, compression.
        guard fields.take(34) != nil, fields.vector(1) != nil, fields.vector(2) != nil, fields.vector(1) != nil else {
            return nil
        }
        guard !fields.rest.isEmpty else { return ClientHello(protocols: nil) }
        guard let extensions = fields.vector(2) else { return nil }
        var list = Fields(rest: extensions)
        while !list.rest.isEmpty {
            guard let type = list.number(2), let content = list.vector(2) else { return nil }
            if type == 16 { return names(content).map { ClientHello(protocols: $0) } }
        }
        return ClientHello(protocols: nil)
    }

    private static func names(_ content: ArraySlice<UInt8>) -> [String]? {
        var fields = Fields(rest: content)
        guard let names = fields.vector(2) else { return nil }
        var list = Fields(rest: names)
        var found: [String] = []
        while !list.rest.isEmpty {
            guard let name = list.vector(1) else { return nil }
            found.append(String(decoding: name, as: UTF8.self))
        }
        return found
    }

    /// Numbers and vectors as TLS writes them; nil where the bytes end before.
    private struct Fields {
        var rest: ArraySlice<UInt8>

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }

        mutating func number(_ width: Int) -> Int? { take(width).map { $0.reduce(0) { $0 << 8 | Int($1) } } }

        mutating func vector(_ width: Int) -> ArraySlice<UInt8>? {
            guard let count = number(width) else { return nil }
            return take(count)
        }
    }
}
