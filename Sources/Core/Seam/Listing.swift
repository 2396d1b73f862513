/// What a file says inside that an index repeats for clients that choose before they fetch.
public struct Listing: Hashable, Sendable {
    /// Such as `requires-python`.
    public var attributes: [String: String]
    public var sidecar: Sidecar?

    /// A part of the file that is also served by itself, beside the file.
    public struct Sidecar: Hashable, Sendable {
        /// What its name has behind the file's.
        public let suffix: String
        /// The attribute under which the index states its digest, as `sha256=HEX`.
        public let attribute: String
        public let bytes: [UInt8]

        public init(suffix: String, attribute: String, bytes: [UInt8]) {
            self.suffix = suffix
            self.attribute = attribute
            self.bytes = bytes
        }
    }

    public init(attributes: [String: String] = [:], sidecar: Sidecar? = nil) {
        self.attributes = attributes
        self.sidecar = sidecar
    }
}
