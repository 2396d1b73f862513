public import Core
internal import JSONText

/// What a request is known by when a replay looks for its answer.
public struct ReplayKey: Hashable, Sendable {
    public let method: String
    public let origin: String
    /// Raw.
    public let path: String
    /// Raw, without the parameters that mean nothing; nil where there was none.
    public let query: String?
    /// The negotiated `Accept`.
    public let accept: String
    /// Of a POST's body.
    public var bodyDigest: Digest?

    /// `volatile` names the query parameters that the ecosystem says change from request to request.
    public init(method: String, url: HTTPURL, accept: String, volatile: Set<String> = []) {
        self.method = method
        self.origin = url.origin.description
        self.path = url.path
        self.accept = accept
        let kept = url.query?.split(separator: "&", omittingEmptySubsequences: false)
            .filter { pair in !volatile.contains(String(pair.prefix { $0 != "=" })) }
        self.query = kept.flatMap { $0.isEmpty ? nil : $0.joined(separator: "&") }
    }

    fileprivate init(reading fields: inout JSONFields) throws(JSONFieldError) {
        method = try fields.required("method").string()
        origin = try fields.required("origin").string()
        path = try fields.required("path").string()
        query = try fields.optional("query")?.string()
        accept = try fields.required("accept").string()
        bodyDigest = try fields.optional("bodyDigest")?.digest()
    }

    fileprivate var sortKey: SortKey {
        SortKey(origin, path, query.map { "?" + $0 } ?? "", method, accept, bodyDigest?.description ?? "")
    }
}

extension ReplayKey: CustomStringConvertible {
    public var description: String {
        "\(method) \(origin)\(path)\(query.map { "?" + $0 } ?? "")\(accept.isEmpty ? "" : " (Accept: \(accept))")"
    }
}

/// The answers of a run, by request: what a replay serves instead of the network.
///
/// Answers to one key keep their order; keys are sorted, and an answer equal to the one before it under its key is left
/// out, so that a job that asks twice as often records the same.
public struct ReplayRecord: Hashable, Sendable {
    /// One answer. Its body lies in the blob store under `digest`.
    public struct Entry: Hashable, Sendable {
        public let key: ReplayKey
        public let status: Int
        /// Lower-case names, in the order they came.
        public let headers: [Header]
        /// Nil for an answer without a body.
        public let digest: Digest?
        public let size: Int64
        /// Where the answer came from after redirects, redacted.
        public let finalURL: String

        public init(key: ReplayKey, status: Int, headers: [Header], body: (Digest, Int64)?, finalURL: HTTPURL) {
            self.key = key
            self.status = status
            self.headers = headers
            self.digest = body?.0
            self.size = body?.1 ?? 0
            self.finalURL = finalURL.redacted
        }
    }

    /// One header line of an answer.
    public struct Header: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name.lowercased()
            self.value = value
        }
    }

    public let entries: [Entry]
    private let ranges: [ReplayKey: Range<Int>]

    public static let format: Int64 = 1

    /// `entries` in the order in which they were answered.
    public init(entries: [Entry]) {
        let sorted = entries.enumerated().map { (key: $0.element.key.sortKey, place: $0.offset, entry: $0.element) }
            .sorted { ($0.key, $0.place) < ($1.key, $1.place) }
        var kept: [Entry] = []
        for item in sorted where kept.last != item.entry { kept.append(item.entry) }
        var ranges: [ReplayKey: Range<Int>] = [:]
        for (place, entry) in kept.enumerated() {
            ranges[entry.key] = (ranges[entry.key]?.lowerBound ?? place)..<(place + 1)
        }
        self.entries = kept
        self.ranges = ranges
    }

    public init(parsing bytes: [UInt8], maximumBytes: Int = 256 << 20) throws(Malformed) {
        self = try document(bytes, maximumBytes: maximumBytes, ReplayRecord.read)
        try checkCanonical(bytes, is: canonicalBytes())
    }

    /// RFC 8785. Its sha256 stands in the statement.
    public func canonicalBytes() -> [UInt8] {
        let json: JSON = [
            "purser-replay": .integer(ReplayRecord.format), "entries": .array(entries.map(\.json)),
        ]
        return json.canonicalBytes()
    }

    /// The answers to one request, first to last; the last one repeats. Empty where it was never asked.
    public func answers(to key: ReplayKey) -> ArraySlice<Entry> { ranges[key].map { entries[$0] } ?? [] }

    /// The recorded request most like one that was never asked, for the message about it.
    public func nearest(to key: ReplayKey) -> ReplayKey? {
        ranges.keys.max { ($0.likeness(to: key), $1.sortKey) < ($1.likeness(to: key), $0.sortKey) }
    }

    /// Every body the record needs.
    public var digests: Set<Digest> { Set(entries.compactMap(\.digest)) }
}

extension ReplayKey {
    /// Counts what two requests have in common, the origin first, then the path from its start.
    fileprivate func likeness(to other: ReplayKey) -> Int {
        guard origin == other.origin else { return 0 }
        let common = zip(path.utf8, other.path.utf8).prefix { $0 == $1 }.count
        let whole = path == other.path ? (query == other.query ? 2 : 1) : 0
        return 1 + 4 * common + whole
    }
}

extension ReplayRecord {
    private static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> ReplayRecord {
        let format = try fields.required("purser-replay")
        guard try format.count() == ReplayRecord.format else { throw format.refused("is an unknown format") }
        return ReplayRecord(entries: try fields.required("entries").list(Entry.read))
    }
}

extension ReplayRecord.Entry {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> ReplayRecord.Entry {
        try field.object { fields throws(JSONFieldError) in try ReplayRecord.Entry(reading: &fields) }
    }

    private init(reading fields: inout JSONFields) throws(JSONFieldError) {
        key = try ReplayKey(reading: &fields)
        let status = try fields.required("status")
        guard (100...599).contains(try status.count()) else { throw status.refused("is not an HTTP status") }
        self.status = Int(try status.count())
        headers = try fields.required("headers").list(ReplayRecord.Header.read)
        digest = try fields.optional("digest")?.digest()
        size = try fields.required("size").count()
        finalURL = try fields.required("finalURL").string()
    }

    fileprivate var json: JSON {
        .object(present: [
            "method": .string(key.method),
            "origin": .string(key.origin),
            "path": .string(key.path),
            "query": key.query.map(JSON.string),
            "accept": .string(key.accept),
            "bodyDigest": .text(key.bodyDigest),
            "status": .count(status),
            "headers": .array(headers.map { .strings([$0.name, $0.value]) }),
            "digest": .text(digest),
            "size": .integer(size),
            "finalURL": .string(finalURL),
        ])
    }
}

extension ReplayRecord.Header {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> ReplayRecord.Header {
        let pair = try field.strings()
        guard pair.count == 2, pair[0] == pair[0].lowercased() else {
            throw field.refused("is not a pair of a lower-case name and a value")
        }
        return ReplayRecord.Header(name: pair[0], value: pair[1])
    }
}
