/// Why a text is not the JSON we take, and where: a byte offset, and line and column counted from 1.
public struct JSONError: Error, Hashable, Sendable {
    public let message: String
    public let offset: Int
    public let line: Int
    public let column: Int

    public init(message: String, offset: Int, line: Int, column: Int) {
        self.message = message
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// Finds line and column (in bytes) of `offset` by counting, which only a refusal pays for.
    init(_ message: String, at offset: Int, in bytes: [UInt8]) {
        var line = 1
        var lineStart = 0
        for index in 0..<Swift.min(offset, bytes.count) where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        self.init(message: message, offset: offset, line: line, column: offset - lineStart + 1)
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String { "\(message) (line \(line), column \(column))" }
}

/// What a reader takes at most; a text beyond it is refused before anything is built from it.
public struct JSONLimits: Hashable, Sendable {
    /// Nesting of arrays and objects; never more than `deepest` whatever is asked for, since values are recursive.
    public var depth: Int
    public var bytes: Int

    static let deepest = 1_024

    public init(depth: Int = 128, bytes: Int = 256 << 20) {
        self.depth = depth
        self.bytes = bytes
    }

    /// A document's index holds offsets of 32 bits.
    var effectiveBytes: Int { Swift.min(bytes, Int(UInt32.max) - 1) }
    var effectiveDepth: Int { Swift.min(depth, Self.deepest) }
}
