internal import Core
public import Storage
public import Upstream

extension Reply {
    /// Whole, verified bytes as an answer: all of them, one range, only the head, or nothing where the client has them
    /// already. The agent's artifacts and what the registry hosts are all given out here.
    ///
    /// `asked` are the client's fields. Without `If-Range`, a range is ignored where `ignoringRange` says so.
    public static func blob(
        _ blob: Blob,
        isHead: Bool,
        asked: [HeaderField],
        headers: [HeaderField],
        ignoringRange: Bool = false
    ) -> Reply {
        let etag = "\"sha256-\(blob.digest.hex)\""
        var headers = headers + [HeaderField("ETag", etag), HeaderField("Accept-Ranges", "bytes")]
        if let reply = unchanged(asked, headers, etag) { return reply }
        let mayRange = asked.first("If-Range").map { $0 == etag } ?? !ignoringRange
        if mayRange, !isHead, let text = asked.first("Range") {
            switch range(text, size: blob.size) {
            case .whole: break
            case .part(let part):
                headers.append(
                    HeaderField("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(blob.size)")
                )
                return Reply(status: 206, headers: headers, body: .file(blob.file, part))
            case .outside:
                headers.append(HeaderField("Content-Range", "bytes */\(blob.size)"))
                return Reply(status: 416, headers: headers)
            }
        }
        let body: ReplyBody = isHead ? .head(length: blob.size) : .file(blob.file, 0..<blob.size)
        return Reply(status: 200, headers: headers, body: body)
    }

    /// 304 when the client already has this representation; else nil.
    static func unchanged(_ asked: [HeaderField], _ headers: [HeaderField], _ etag: String) -> Reply? {
        guard let known = asked.joined("If-None-Match") else { return nil }
        let tags = known.split(separator: ",").map { $0.trimming() }
        let fits = tags.contains { $0 == "*" || $0 == etag[...] || $0 == ("W/" + etag)[...] }
        return fits ? Reply(status: 304, headers: headers.filter { !$0.isNamed("Content-Type") }) : nil
    }

    private enum Part { case whole, outside, part(Range<Int64>) }

    /// Several ranges, other units and malformed text mean the whole (RFC 9110 §14.2 allows it).
    private static func range(_ text: String, size: Int64) -> Part {
        guard text.hasPrefix("bytes="), !text.contains(",") else { return .whole }
        let parts = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .whole }
        if parts[0].isEmpty {
            guard let suffix = Int64(parts[1]), suffix >= 0 else { return .whole }
            return suffix == 0 || size == 0 ? .outside : .part(max(0, size - suffix)..<size)
        }
        guard let first = Int64(parts[0]), first >= 0 else { return .whole }
        let last = parts[1].isEmpty ? Int64.max : Int64(parts[1])
        guard let last, last >= first else { return .whole }
        return first < size ? .part(first..<(min(last, size - 1) + 1)) : .outside
    }
}
