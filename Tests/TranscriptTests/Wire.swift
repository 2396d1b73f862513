import Transfer

/// A client's own HTTP, by the library that clients use too.
struct Wire {
    /// An answer as it came off the wire.
    struct Heard {
        let status: Int
        let reason: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]
        let isWhole: Bool
    }

    private let engine: TransferEngine

    init(environment: [String: String]) throws {
        engine = try TransferEngine(TransferConfiguration(userAgent: "test/1", environment: environment))
    }

    func close() { engine.shutdown() }

    func ask(_ url: String, method: String, _ headers: [(name: String, value: String)]) async throws -> Heard {
        let fields = headers.map { HeaderField(name: $0.name, value: $0.value) }
        let transfer = engine.start(TransferRequest(url: url, method: method, headers: fields))
        let head = try await transfer.head()
        var body: [UInt8] = []
        var isWhole = true
        do throws(TransferError) {
            while let chunk = try await transfer.next() { body += chunk }
        } catch { isWhole = false }
        return Heard(
            status: head.status,
            reason: head.reason,
            headers: head.headers.map { ($0.name, $0.value) },
            body: body,
            isWhole: isWhole
        )
    }
}
