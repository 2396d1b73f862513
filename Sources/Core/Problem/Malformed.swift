/// Bytes from outside that do not follow the protocol or format they should.
public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    public let what: String
    /// Where in the bytes, when known.
    public let offset: Int?

    public init(_ what: String, offset: Int? = nil) {
        self.what = what
        self.offset = offset
    }

    public var description: String { offset.map { "\(what) (at byte \($0))" } ?? what }
}
