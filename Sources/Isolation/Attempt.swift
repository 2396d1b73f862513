/// Somebody inside tried to get out another way than through us, and was held back.
public struct Attempt: Hashable, Sendable {
    /// Not held back, but not to be passed over either: a fence leads to loopback, and this was there before it.
    public static let loopback = "loopback service"

    /// What was tried: `connect`, `datagram`, `raw socket` and so on.
    public var what: String
    /// `1.1.1.1:443`, a path, or empty where none was named.
    public var destination: String
    /// The calling thread, as this process sees it.
    public var process: Int32

    public init(_ what: String, to destination: String = "", by process: Int32) {
        self.what = what
        self.destination = destination
        self.process = process
    }
}
