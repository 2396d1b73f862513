/// A large JSON text that stays bytes: checked whole, once, and then read and edited where it lies.
///
/// Refuses what `JSON(parsing:)` refuses, but for integers outside `Int64`, which are someone's harmless extra member
/// in a document of thousands; `JSONNode.integer` is `nil` for them.
public struct JSONDocument: Sendable {
    let text: JSONIndexedText

    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(bytes, limits: limits, integersMustFit: false)
    }

    init(_ bytes: [UInt8], limits: JSONLimits, integersMustFit: Bool) throws(JSONError) {
        guard bytes.count <= limits.effectiveBytes else {
            throw JSONError(message: "longer than \(limits.bytes) bytes", offset: 0, line: 1, column: 1)
        }
        var scanner = JSONScanner(bytes, depth: limits.effectiveDepth, integersMustFit: integersMustFit)
        try scanner.scan()
        text = JSONIndexedText(bytes: bytes, ends: scanner.ends, nexts: scanner.nexts)
    }

    public var bytes: [UInt8] { text.bytes }

    public var root: JSONNode {
        text.node(at: JSONSkim.skipBlanks(text.bytes, 0), container: 0)
    }
}

/// The bytes and the index of one document; a class only so that a node holds one reference.
final class JSONIndexedText: Sendable {
    let bytes: [UInt8]
    /// See `JSONScanner`.
    let ends: [UInt32]
    let nexts: [UInt32]

    init(bytes: [UInt8], ends: [UInt32], nexts: [UInt32]) {
        self.bytes = bytes
        self.ends = ends
        self.nexts = nexts
    }

    /// The value at `start`; `container` is the number it has if it is an array or object.
    func node(at start: Int, container: Int, place: JSONNode.Place? = nil) -> JSONNode {
        let end =
            switch bytes[start] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): Int(ends[container])
            case UInt8(ascii: "\""): JSONSkim.stringEnd(bytes, at: start)
            default: JSONSkim.scalarEnd(bytes, at: start)
            }
        return JSONNode(text: self, range: start..<end, container: container, place: place)
    }
}
