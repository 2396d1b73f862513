/// What a value is, told by its first byte.
public enum JSONKind: Hashable, Sendable {
    case null, bool, number, string, array, object
}

/// One value of a `JSONDocument`, found by skipping; nothing is decoded before it is asked for.
public struct JSONNode: Sendable {
    let text: JSONIndexedText
    /// The bytes of the value in the document.
    public let range: Range<Int>
    /// The number of this container, or of the first one behind a value that is none.
    let container: Int
    /// `nil` for the root.
    let place: Place?

    /// Where a value stands in the container that holds it.
    struct Place: Sendable {
        let owner: Int
        let ownerStart: Int
        /// At the key of a member, at the value of an element.
        let itemStart: Int
    }

    public var kind: JSONKind {
        switch text.bytes[range.lowerBound] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// The members in document order; none where this is no object.
    public var members: JSONMembers { JSONMembers(of: self) }

    /// The elements in document order; none where this is no array.
    public var elements: JSONElements { JSONElements(of: self) }

    /// The member of that name, found by looking at each key before it.
    public subscript(key: String) -> JSONNode? {
        for member in members where member.isNamed(key) { return member.node }
        return nil
    }

    public var string: String? {
        kind == .string ? JSONSkim.string(text.bytes, at: range.lowerBound) : nil
    }

    /// The number, where it is written without point or exponent and fits.
    public var integer: Int64? {
        kind == .number ? JSONSkim.integer(text.bytes, range) : nil
    }

    public var bool: Bool? {
        kind == .bool ? text.bytes[range.lowerBound] == UInt8(ascii: "t") : nil
    }

    /// This value and all in it as Swift values: for small parts. An integer outside `Int64` becomes a double.
    public var value: JSON {
        switch kind {
        case .null: return .null
        case .bool: return .bool(text.bytes[range.lowerBound] == UInt8(ascii: "t"))
        case .number:
            if let integer { return .integer(integer) }
            return .real(JSONSkim.real(text.bytes, range) ?? 0)
        case .string: return .string(JSONSkim.string(text.bytes, at: range.lowerBound))
        case .array: return .array(elements.map(\.value))
        case .object:
            // The scan refused keys that are equal as Swift strings.
            return .object(Dictionary(members.map { ($0.key, $0.node.value) }) { first, _ in first })
        }
    }
}

/// One member of an object in a `JSONDocument`.
public struct JSONMember: Sendable {
    public let node: JSONNode
    let keyStart: Int
    let isPlainKey: Bool
    let keyEnd: Int

    public var key: String { JSONSkim.string(node.text.bytes, at: keyStart) }

    /// The bytes from the key to the end of the value.
    public var range: Range<Int> { keyStart..<node.range.upperBound }

    /// Compares without decoding where the key holds no escape.
    public func isNamed(_ name: String) -> Bool {
        guard isPlainKey else { return key == name }
        return node.text.bytes[keyStart + 1..<keyEnd - 1].elementsEqual(name.utf8)
    }
}
