internal import Core
internal import Gateway
internal import NIOCore

/// Carries a streamed answer to its connection, one part ahead of the client and no more.
struct ReplyPump: Sendable {
    /// The connection does not take this answer any more, or the stream is not as long as announced.
    private struct Broken: Error {}

    let connection: NIOLoopBound<ConnectionHandler>
    let number: Int

    /// Returns when the last byte is written or the connection is broken.
    func run(_ reply: Reply, length: Int64?, next: @Sendable () async throws(Problem) -> [UInt8]?) async {
        let loop = connection.eventLoop
        let (connection, number) = (connection, number)
        do {
            try await pump(reply, length: length, next: next)
            loop.execute { connection.value.close(number: number, isWhole: true) }
        } catch {
            loop.execute { connection.value.close(number: number, isWhole: false) }
        }
    }

    private func pump(
        _ reply: Reply,
        length: Int64?,
        next: @Sendable () async throws(Problem) -> [UInt8]?
    ) async throws {
        let loop = connection.eventLoop
        let (connection, number) = (connection, number)
        var rest = length
        var written = loop.flatSubmit {
            connection.value.open(reply, number: number) ?? loop.makeFailedFuture(Broken())
        }
        while let bytes = try await next() {
            if bytes.isEmpty { continue }
            if let left = rest {
                guard Int64(bytes.count) <= left else { throw Broken() }
                rest = left - Int64(bytes.count)
            }
            try await written.get()
            written = loop.flatSubmit {
                connection.value.write(part: bytes, number: number) ?? loop.makeFailedFuture(Broken())
            }
        }
        try await written.get()
        guard rest ?? 0 == 0 else { throw Broken() }
    }
}
