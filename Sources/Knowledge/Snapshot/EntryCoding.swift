internal import Core

/// Prints what a snapshot file holds of one package.
struct EntryWriter {
    private(set) var bytes: [UInt8] = []

    init(_ key: String, _ entries: [Affected]) {
        text(key)
        number(entries.count)
        for entry in entries { add(entry) }
    }

    private mutating func add(_ entry: Affected) {
        let advisory = entry.advisory
        text(advisory.id)
        texts(advisory.aliases)
        text(advisory.summary)
        number((advisory.isMalware ? 1 : 0) | (entry.isWhole ? 2 : 0))
        number(advisory.severity.flatMap { Severity.allCases.firstIndex(of: $0) }.map { $0 + 1 } ?? 0)
        number(advisory.score.map { $0 + 1 } ?? 0)
        texts(entry.versions.sorted())
        number(entry.ranges.count)
        for range in entry.ranges {
            number(range.isGit ? 1 : 0)
            number(range.events.count)
            for event in range.events {
                number(RangeEvent.Kind.allCases.firstIndex(of: event.kind) ?? 0)
                text(event.version)
            }
        }
    }

    private mutating func texts(_ texts: [String]) {
        number(texts.count)
        for one in texts { text(one) }
    }

    private mutating func text(_ text: String) {
        number(text.utf8.count)
        bytes += Array(text.utf8)
    }

    /// Seven bits a byte, the lowest first.
    private mutating func number(_ value: Int) {
        var rest = UInt64(max(0, value))
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads what `EntryWriter` printed. The bytes come from a file that anybody may have written.
struct EntryReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The package's key and what there is about it.
    mutating func entry() throws(Malformed) -> (key: String, affected: [Affected]) {
        let key = try text()
        var affected: [Affected] = []
        for _ in 0..<(try count()) { affected.append(try one()) }
        guard at == bytes.count else { throw Malformed("bytes are left over") }
        return (key, affected)
    }

    private mutating func one() throws(Malformed) -> Affected {
        let id = try text()
        let aliases = try texts()
        let summary = try text()
        let flags = try number()
        let (severity, score) = (try number(), try number())
        let versions = Set(try texts())
        var ranges: [AffectedRange] = []
        for _ in 0..<(try count()) {
            let isGit = try number() == 1
            var events: [RangeEvent] = []
            for _ in 0..<(try count()) {
                let kind = try number()
                guard RangeEvent.Kind.allCases.indices.contains(kind) else { throw Malformed("an event of no kind") }
                events.append(RangeEvent(kind: RangeEvent.Kind.allCases[kind], version: try text()))
            }
            ranges.append(AffectedRange(events: events, isGit: isGit))
        }
        let advisory = AdvisoryRecord(
            id: id,
            aliases: aliases,
            summary: summary,
            isMalware: flags & 1 != 0,
            severity: Severity.allCases.indices.contains(severity - 1) ? Severity.allCases[severity - 1] : nil,
            score: score > 0 ? score - 1 : nil
        )
        return Affected(advisory: advisory, versions: versions, ranges: ranges, isWhole: flags & 2 != 0)
    }

    private mutating func texts() throws(Malformed) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try count()) { texts.append(try text()) }
        return texts
    }

    private mutating func text() throws(Malformed) -> String {
        let length = try count()
        let end = at + length
        defer { at = end }
        return String(decoding: bytes[at..<end], as: UTF8.self)
    }

    /// A number of things of which each takes a byte at least.
    private mutating func count() throws(Malformed) -> Int {
        let count = try number()
        guard count <= bytes.count - at else { throw Malformed("more is said to follow than does") }
        return count
    }

    private mutating func number() throws(Malformed) -> Int {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard at < bytes.count else { throw Malformed("the entry ends early") }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(value) }
        }
        throw Malformed("a number is too long")
    }
}
