/// Who asks: the transport carries it beside a request, and whoever records what came of the request reads it. No
/// answer depends on it.
public struct Asker: Hashable, Sendable {
    /// The client's end of a connection over 127.0.0.1 and ours; nil where there is no such connection.
    public let clientPort: Int?
    public let serverPort: Int?
    /// Ours, which is another one for each name inside a seal.
    public let serverAddress: String?
    public let userAgent: String

    public init(clientPort: Int?, serverPort: Int?, serverAddress: String? = nil, userAgent: String) {
        self.clientPort = clientPort
        self.serverPort = serverPort
        self.serverAddress = serverAddress
        self.userAgent = userAgent
    }

    @TaskLocal public static var current: Asker?
}
