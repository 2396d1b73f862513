public import Core
public import Gateway
internal import Kernel
public import Upstream

/// What a client ended up with.
public struct Taken: Sendable {
    public let status: Int
    public let reason: String?
    public let headers: [HeaderField]
    public let body: [UInt8]
    /// Bytes that the head promised; nil for a body without a told length.
    public let length: Int64?
    /// True where the transport would end the answer cleanly.
    public let isWhole: Bool
    /// Why the body broke off.
    public let problem: Problem?

    /// An answer that came over a wire.
    public init(status: Int, reason: String, headers: [HeaderField], body: [UInt8], isWhole: Bool) {
        self.init(
            status: status,
            reason: reason,
            headers: headers,
            body: body,
            length: headers.first("Content-Length").flatMap(Int64.init),
            isWhole: isWhole,
            problem: nil
        )
    }

    init(
        status: Int,
        reason: String?,
        headers: [HeaderField],
        body: [UInt8],
        length: Int64?,
        isWhole: Bool,
        problem: Problem?
    ) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.length = length
        self.isWhole = isWhole
        self.problem = problem
    }

    /// A complete answer of bytes: what a client takes for the file.
    public var isComplete: Bool { isWhole && (200..<300).contains(status) }
    public var code: String? { headers.first("Purser-Problem") }
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// A client that reads an answer in its own way.
public struct Reader: Sendable {
    /// Leaves after this many bytes.
    public var leavesAfter: Int?
    /// Waits here before each further piece.
    public var gate: Gate?

    public init(leavesAfter: Int? = nil, gate: Gate? = nil) {
        self.leavesAfter = leavesAfter
        self.gate = gate
    }

    public func take(_ reply: Reply) async -> Taken {
        switch reply.body {
        case .none: return taken(reply, [], 0, isWhole: true)
        case .bytes(let bytes): return taken(reply, bytes, Int64(bytes.count), isWhole: true)
        case .head(let length): return taken(reply, [], length, isWhole: true)
        case .file(let file, let range):
            let bytes = (try? file.read(at: range.lowerBound, count: range.count)) ?? []
            return taken(reply, bytes, Int64(range.count), isWhole: bytes.count == range.count)
        case .stream(let length, let next): return await stream(reply, length, next)
        }
    }

    private func stream(
        _ reply: Reply,
        _ length: Int64?,
        _ next: @Sendable () async throws(Problem) -> [UInt8]?
    ) async -> Taken {
        var bytes: [UInt8] = []
        do throws(Problem) {
            while let piece = try await next() {
                bytes += piece
                if let leavesAfter, bytes.count >= leavesAfter { return taken(reply, bytes, length, isWhole: false) }
                await gate?.wait()
            }
            // A transport that promised more cannot end cleanly; one that promised less would send no more.
            return taken(reply, bytes, length, isWhole: length.map { $0 == Int64(bytes.count) } ?? true)
        } catch {
            return taken(reply, bytes, length, isWhole: false, error)
        }
    }

    private func taken(_ reply: Reply, _ bytes: [UInt8], _ length: Int64?, isWhole: Bool, _ problem: Problem? = nil)
        -> Taken
    {
        Taken(
            status: reply.status,
            reason: reply.reason,
            headers: reply.headers,
            body: bytes,
            length: length,
            isWhole: isWhole,
            problem: problem
        )
    }
}
