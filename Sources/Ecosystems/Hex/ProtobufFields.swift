internal import Core

/// Walks over the fields of one protobuf message. <https://protobuf.dev/programming-guides/encoding/>
struct ProtobufFields {
    enum FieldValue {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// Of fixed width; nothing here has one.
        case fixed
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Nil at the end.
    mutating func next() throws(Malformed) -> (field: UInt64, value: FieldValue)? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        guard key >> 3 > 0 else { throw Malformed("a message has a field without a number", offset: rest.startIndex) }
        switch key & 7 {
        case 0: return (key >> 3, .number(try varint()))
        case 1: return (key >> 3, try fixed(8))
        case 2:
            let length = try varint()
            guard length <= UInt64(rest.count) else { throw Malformed("a field is longer than its message") }
            defer { rest = rest.dropFirst(Int(length)) }
            return (key >> 3, .bytes(rest.prefix(Int(length))))
        case 5: return (key >> 3, try fixed(4))
        default: throw Malformed("a message has a field of an unknown kind", offset: rest.startIndex)
        }
    }

    private mutating func fixed(_ width: Int) throws(Malformed) -> FieldValue {
        guard rest.count >= width else { throw Malformed("a field is longer than its message") }
        rest = rest.dropFirst(width)
        return .fixed
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Malformed("a message ends within a number") }
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw Malformed("a message has a number of more than 64 bits")
    }
}

extension ProtobufFields.FieldValue {
    var bytes: ArraySlice<UInt8>? { if case .bytes(let bytes) = self { bytes } else { nil } }

    var number: UInt64? { if case .number(let number) = self { number } else { nil } }

    func text() throws(Malformed) -> String {
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed("a field that should be a text is none")
        }
        return text
    }
}
