internal import NIOCore

/// Reads the body of one request out of a growing buffer and stops exactly at its end.
struct BodyReader {
    enum Step {
        case needsMore
        case bytes(ByteBuffer)
        case end
    }

    private enum State {
        case sized(Int64)
        case chunkSize
        case chunk(Int64)
        case chunkEnd
        case trailer(fields: Int, bytes: Int)
        case ended
    }

    private var state: State
    private var lines = LineReader()
    private var room: Int64

    init(_ framing: RequestHead.Framing, limit: Int64) throws(Refusal) {
        room = limit
        switch framing {
        case .none: state = .ended
        case .chunked: state = .chunkSize
        case .length(let length):
            guard length <= limit else { throw BodyReader.excess(limit) }
            state = .sized(length)
        }
    }

    var isAtEnd: Bool {
        if case .ended = state { true } else { false }
    }

    mutating func read(from buffer: inout ByteBuffer) throws(Refusal) -> Step {
        while true {
            switch state {
            case .ended: return .end
            case .sized(let rest): return take(rest, from: &buffer) { $0 == 0 ? .ended : .sized($0) }
            case .chunk(let rest): return take(rest, from: &buffer) { $0 == 0 ? .chunkEnd : .chunk($0) }
            case .chunkSize, .chunkEnd, .trailer:
                guard try readLine(from: &buffer) else { return .needsMore }
            }
        }
    }

    private mutating func take(_ rest: Int64, from buffer: inout ByteBuffer, then: (Int64) -> State) -> Step {
        let length = min(Int64(buffer.readableBytes), rest, 262_144)
        guard length > 0, let bytes = buffer.readSlice(length: Int(length)) else { return .needsMore }
        state = then(rest - length)
        return .bytes(bytes)
    }

    /// Chunk sizes, chunk ends and trailers; false until the line is complete.
    private mutating func readLine(from buffer: inout ByteBuffer) throws(Refusal) -> Bool {
        let excess = Refusal.bad("too-large: a line of the chunked body is too long")
        guard let line = try lines.next(in: &buffer, room: 1_026, excess: excess) else {
            // What stands where the end of a chunk should be is at most its CR; anything else is refused at once.
            if case .chunkEnd = state, buffer.readableBytes > 1 { throw BodyReader.torn }
            return false
        }
        switch state {
        case .chunkSize:
            let size = try BodyReader.chunkSize(line)
            guard size <= room else { throw BodyReader.excess(room) }
            room -= size
            state = size == 0 ? .trailer(fields: 0, bytes: 0) : .chunk(size)
        case .chunkEnd:
            guard line.readableBytes == 0 else { throw BodyReader.torn }
            state = .chunkSize
        case .trailer(let fields, let bytes):
            state = try BodyReader.trailer(line, fields, bytes)
        case .sized, .chunk, .ended:
            break
        }
        return true
    }

    private static func trailer(_ line: ByteBuffer, _ fields: Int, _ bytes: Int) throws(Refusal) -> State {
        guard line.readableBytes > 0 else { return .ended }
        let total = bytes + line.readableBytes
        guard fields < 16, total <= 8_192 else { throw Refusal(431, "too-large: the trailer is too long") }
        // Read for its grammar and dropped: a trailer may not change what was judged.
        _ = try LineReader.field(line)
        return .trailer(fields: fields + 1, bytes: total)
    }

    private static func chunkSize(_ line: ByteBuffer) throws(Refusal) -> Int64 {
        let view = line.readableBytesView
        let digits = view.prefix { $0 != 0x3B }
        // Fifteen digits are sixty bits: no sum of ours overflows.
        guard (1...15).contains(digits.count) else { throw .bad("usage.invalid: a chunk has no proper size") }
        guard isExtension(view.dropFirst(digits.count)) else {
            throw .bad("usage.invalid: a chunk has no proper extension")
        }
        var size: Int64 = 0
        for digit in digits {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue else {
                throw .bad("usage.invalid: a chunk has no proper size")
            }
            size = size << 4 | Int64(value)
        }
        return size
    }

    /// `;name`, `;name=token` or `;name="text"`, any number of times (RFC 9112 §7.1.1); we read none of them.
    private static func isExtension(_ text: ByteBufferView) -> Bool {
        var rest = text
        while rest.popFirst() == 0x3B {
            guard dropToken(&rest) else { return false }
            guard rest.first == 0x3D else { continue }
            rest.removeFirst()
            if rest.first == 0x22 {
                rest.removeFirst()
                guard dropQuoted(&rest) else { return false }
            } else if !dropToken(&rest) {
                return false
            }
            if let next = rest.first, next != 0x3B { return false }
        }
        return rest.isEmpty
    }

    private static func dropToken(_ rest: inout ByteBufferView) -> Bool {
        let token = rest.prefix(while: Octets.isToken)
        rest.removeFirst(token.count)
        return !token.isEmpty && (rest.isEmpty || rest.first == 0x3B || rest.first == 0x3D)
    }

    private static func dropQuoted(_ rest: inout ByteBufferView) -> Bool {
        while let byte = rest.popFirst() {
            if byte == 0x22 { return true }
            let shown = byte == 0x5C ? rest.popFirst() : byte
            guard let shown, (0x20...0x7E).contains(shown) || shown == 0x09 else { return false }
        }
        return false
    }

    private static let torn = Refusal.bad("usage.invalid: a chunk is longer than its size")

    private static func excess(_ limit: Int64) -> Refusal {
        Refusal(413, "too-large: the body is longer than \(limit) bytes")
    }
}
