internal import Core

internal import struct Crypto.SHA256

/// The head of a snapshot file: where what is known of a package lies, and what those bytes hash to.
///
/// `magic, records, malware, packages, youngest record, source digest`, then a row for each package in the order of the hash of its
/// key: hash (8 bytes), place (8), length (4), SHA-256 of the entry, cut to 16. Numbers are big-endian. Head and rows are
/// hashed when the file is opened; an entry when it is read. So a file is checked as a whole without being read as a whole.
struct SnapshotTable: Sendable {
    /// Where an entry lies behind the table.
    struct Row {
        let offset: Int
        let length: Int
        let check: ArraySlice<UInt8>
    }

    static let magic = Array("purser-advisories 2\n".utf8)
    static let headCount = magic.count + 4 * 8 + 32
    private static let rowCount = 36

    let recordCount: Int
    let malwareCount: Int
    /// Seconds since 1970 of the youngest record; 0 where no record tells.
    let newest: Int
    let source: Digest
    private let packages: Int
    private let bytes: [UInt8]

    /// The table and the entries behind it.
    static func make(_ builder: SnapshotBuilder, source: Digest) -> (table: [UInt8], entries: [UInt8]) {
        var table = magic + number(builder.recordCount) + number(builder.malwareCount) + number(builder.affected.count)
        table += number(builder.newest.map { Int($0.seconds) } ?? 0) + source.bytes
        var entries: [UInt8] = []
        let keyed = builder.affected.map { (hash: hash($0.key), key: $0.key, affected: $0.value) }
        for one in keyed.sorted(by: { ($0.hash, $0.key) < ($1.hash, $1.key) }) {
            let entry = EntryWriter(one.key, one.affected.sorted { $0.advisory.id < $1.advisory.id }).bytes
            table += number(Int(truncatingIfNeeded: one.hash)) + number(entries.count)
            table += number(entry.count).suffix(4) + check(entry)
            entries += entry
        }
        return (table, entries)
    }

    /// How long the table is that this head begins.
    static func length(ofHead head: [UInt8]) throws(Malformed) -> Int {
        guard head.count == headCount, head.starts(with: magic) else { throw Malformed("it has another head") }
        let packages = number(head, magic.count + 16)
        guard (0..<100_000_000).contains(packages) else { throw Malformed("it names \(packages) packages") }
        return headCount + packages * rowCount
    }

    init(_ bytes: [UInt8]) throws(Malformed) {
        guard try bytes.count == SnapshotTable.length(ofHead: Array(bytes.prefix(SnapshotTable.headCount))) else {
            throw Malformed("its table is cut short")
        }
        let start = SnapshotTable.magic.count
        recordCount = SnapshotTable.number(bytes, start)
        malwareCount = SnapshotTable.number(bytes, start + 8)
        packages = SnapshotTable.number(bytes, start + 16)
        newest = SnapshotTable.number(bytes, start + 24)
        guard let source = Digest(.sha256, bytes: bytes[(start + 32)..<(start + 64)]) else {
            throw Malformed("it names no source")
        }
        self.source = source
        self.bytes = bytes
    }

    /// Of all that the file says.
    var digest: Digest {
        guard let digest = Digest(.sha256, bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }

    /// The rows that may be of this key; more than one only where two keys have one hash.
    func rows(of key: String) -> [Row] {
        let wanted = SnapshotTable.hash(key)
        var (low, high) = (0, packages)
        while low < high {
            let middle = (low + high) / 2
            if hash(at: middle) < wanted { low = middle + 1 } else { high = middle }
        }
        var rows: [Row] = []
        while low < packages, hash(at: low) == wanted {
            let start = SnapshotTable.headCount + low * SnapshotTable.rowCount
            let offset = SnapshotTable.number(bytes, start + 8)
            let length = SnapshotTable.number(bytes, start + 12) & 0xFFFF_FFFF
            rows.append(Row(offset: offset, length: length, check: bytes[(start + 20)..<(start + 36)]))
            low += 1
        }
        return rows
    }

    static func check(_ entry: [UInt8]) -> [UInt8] { Array(Array(SHA256.hash(data: entry)).prefix(16)) }

    private func hash(at place: Int) -> UInt64 {
        UInt64(bitPattern: Int64(SnapshotTable.number(bytes, SnapshotTable.headCount + place * SnapshotTable.rowCount)))
    }

    private static func hash(_ key: String) -> UInt64 {
        SHA256.hash(data: Array(key.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func number(_ value: Int) -> [UInt8] {
        let bits = UInt64(bitPattern: Int64(value))
        return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
    }

    private static func number(_ bytes: [UInt8], _ start: Int) -> Int {
        var value: UInt64 = 0
        for at in start..<(start + 8) { value = value << 8 | UInt64(bytes[at]) }
        return Int(Int64(bitPattern: value))
    }
}
