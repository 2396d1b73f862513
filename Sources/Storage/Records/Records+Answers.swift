public import Core
internal import FoundationEssentials
internal import GRDB
internal import JSONText

/// What an upstream answered to a request that the registry made for somebody; the bytes are a blob.
public struct KeptAnswer: Hashable, Sendable {
    /// Distinguishes requests: a digest over type, URL and `Accept`.
    public let key: Digest
    public let url: String
    public let status: Int
    /// In their order, lower-case names.
    public let headers: [String: String]
    public let body: Digest
    public let size: Int64
    /// True for an artifact: the bytes seen first are the only ones the URL may ever give.
    public let isPinned: Bool
    public let fetched: Timestamp

    public init(
        key: Digest,
        url: String,
        head: (status: Int, headers: [String: String]),
        body: (digest: Digest, size: Int64),
        isPinned: Bool,
        fetched: Timestamp
    ) {
        self.key = key
        self.url = url
        self.status = head.status
        self.headers = head.headers
        self.body = body.digest
        self.size = body.size
        self.isPinned = isPinned
        self.fetched = fetched
    }
}

extension Records {
    public func answer(for key: Digest) async throws(RecordsError) -> KeptAnswer? {
        try await read { db in
            guard
                let row = try Row.fetchOne(db, sql: "SELECT * FROM answer WHERE key = ?", arguments: [key.data])
            else { return nil }
            return KeptAnswer(
                key: key,
                url: row["url"],
                head: (row["status"], try Records.attributes(row["headers"])),
                body: (try row.digest("body"), row["size"]),
                isPinned: row["is_pinned"],
                fetched: row.timestamp("fetched")
            )
        }
    }

    /// Keeps the answer, in place of an older one unless that is pinned: then false, and nothing changes.
    public func keep(_ answer: KeptAnswer) async throws(RecordsError) -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO answer (key, url, status, headers, body, size, is_pinned, fetched)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET status = excluded.status, headers = excluded.headers,
                        body = excluded.body, size = excluded.size, fetched = excluded.fetched
                    WHERE NOT is_pinned OR body = excluded.body
                    """,
                arguments: [
                    answer.key.data, answer.url, answer.status, Records.text(answer.headers), answer.body.data,
                    answer.size, answer.isPinned, answer.fetched.seconds,
                ]
            )
            guard db.changesCount == 1 else { return false }
            try Records.hold(db, answer.body, Holder.everybody.text)
            return true
        }
    }
}
