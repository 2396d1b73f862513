internal import Core
internal import JSONText
internal import Upstream

/// One request as the listener read it, its body still to come.
struct Call {
    let method: String
    let url: HTTPURL
    let headers: [HeaderField]
    let inflow: Inflow

    var isHead: Bool { method == "HEAD" }

    /// A query parameter, decoded; nil where there is none. A name given twice is refused.
    func query(_ name: String) throws(Declined) -> String? {
        var found: String?
        for pair in (url.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0] == name else { continue }
            let value = PercentEncoding.decode((parts.count == 2 ? parts[1] : "").replacing("+", with: " "))
            guard found == nil, let value else { throw .malformed(name, "is given twice or has a bad percent code") }
            found = value
        }
        return found
    }

    /// A field that is a whole number; nil where it is missing or anything else.
    func number(_ field: String) -> Int64? {
        let values = headers.values(field)
        guard values.count == 1, let text = values.first, (1...18).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text)
    }

    /// A small JSON body.
    func json(limit: Int) async throws(Declined) -> JSON {
        let bytes = try await inflow.collect(limit: limit)
        do { return try JSON(parsing: bytes, limits: JSONLimits(depth: 16, bytes: limit)) } catch {
            throw .malformed("the body", "is no JSON that we read: \(error)")
        }
    }
}

/// A request's body, read once and piece by piece, within the length that the head announced.
final class Inflow {
    /// As announced; nil for a chunked body.
    let length: Int64?
    private var received: Int64 = 0
    private var hasEnded = false
    private let pull: () async throws -> [UInt8]?

    init(length: Int64?, pull: @escaping () async throws -> [UInt8]?) {
        self.length = length
        self.pull = pull
    }

    /// The next bytes; nil at the announced end. A client that leaves before it is an error, never an end.
    func next() async throws(Declined) -> [UInt8]? {
        let chunk: [UInt8]?
        do { chunk = try await pull() } catch { throw Inflow.cut }
        if let chunk {
            received += Int64(chunk.count)
            return chunk
        }
        hasEnded = true
        if let length, received != length { throw Inflow.cut }
        return nil
    }

    /// Whether so much of the body is left that the connection is not worth reading it for.
    var isUnread: Bool {
        guard !hasEnded else { return false }
        return length.map { $0 - received > Inflow.worthReading } ?? true
    }

    private static let worthReading: Int64 = 64 << 10

    func collect(limit: Int) async throws(Declined) -> [UInt8] {
        if let length, length > Int64(limit) { throw .tooLarge("the body", limit: Int64(limit)) }
        var bytes: [UInt8] = []
        while let chunk = try await next() {
            bytes += chunk
            guard bytes.count <= limit else { throw .tooLarge("the body", limit: Int64(limit)) }
        }
        return bytes
    }

    private static var cut: Declined {
        Declined(
            Problem(
                .usageInvalid,
                subject: "the request",
                summary: "ended before its body did",
                remedy: "Send it again; an upload goes on where it broke off."
            )
        )
    }
}
