internal import Gateway
internal import NIOCore
internal import Upstream

extension ConnectionHandler {
    /// Who sent this request, for the record.
    func asker(_ head: RequestHead) -> Asker {
        let ends = ends
        return Asker(
            clientPort: ends?.clientPort,
            serverPort: ends?.serverPort,
            serverAddress: context?.channel.localAddress?.ipAddress,
            userAgent: head.fields.first("user-agent") ?? ""
        )
    }
}
