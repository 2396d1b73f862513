internal import Core
internal import JSONText

/// Collects the records of one file after the other.
struct SnapshotBuilder {
    let limits: AdvisorySnapshot.Limits
    private(set) var recordCount = 0
    private(set) var malwareCount = 0
    /// When the youngest record was last changed; nil where none says.
    private(set) var newest: Timestamp?
    private(set) var affected: [String: [Affected]] = [:]

    init(limits: AdvisorySnapshot.Limits) { self.limits = limits }

    mutating func add(_ bytes: [UInt8], from file: String) throws(Problem) {
        if bytes.starts(with: Array("PK".utf8)) {
            throw SnapshotBuilder.unreadable(file, nil, "is a zip archive", "unpack it and name the folder")
        }
        if let lines = SnapshotBuilder.lines(of: bytes, file: file) {
            for (number, range) in lines {
                let document = try SnapshotBuilder.document(Array(bytes[range]), file, firstLine: number)
                try add(document.root, file, line: number)
            }
            return
        }
        let document = try SnapshotBuilder.document(bytes, file, firstLine: 1)
        guard document.root.kind == .array else {
            try add(document.root, file, line: 1)
            return
        }
        for node in document.root.elements {
            // Lines are counted only for a complaint.
            try add(node, file, line: nil, in: bytes)
        }
    }

    private mutating func add(_ node: JSONNode, _ file: String, line: Int?, in bytes: [UInt8] = []) throws(Problem) {
        guard recordCount < limits.records else {
            throw SnapshotBuilder.unreadable(
                file,
                line,
                "is one record too many",
                "raise the limit of \(limits.records)"
            )
        }
        recordCount += 1
        if let time = node["modified"]?.string.flatMap({ Timestamp(rfc3339: $0) }), newest.map({ $0 < time }) ?? true {
            newest = time
        }
        let record: OSVRecord
        do {
            guard let read = try OSVRecord(node) else { return }
            record = read
        } catch {
            let place = line ?? SnapshotBuilder.line(at: node.range.lowerBound, in: bytes)
            throw SnapshotBuilder.unreadable(
                file,
                place,
                "is no OSV record: \(error.what)",
                "correct or remove the record"
            )
        }
        for (key, entry) in record.affected { affected[key, default: []].append(entry) }
        if record.isMalware { malwareCount += 1 }
    }

    private static func document(_ bytes: [UInt8], _ file: String, firstLine: Int) throws(Problem) -> JSONDocument {
        do {
            return try JSONDocument(bytes, limits: JSONLimits(depth: 64, bytes: bytes.count))
        } catch {
            throw unreadable(file, firstLine + error.line - 1, "is not JSON: \(error.message)", "fetch the data again")
        }
    }

    /// The lines of a file with a record on each; nil for any other. Such a file starts with a line that is a whole record
    /// and has more behind it.
    private static func lines(of bytes: [UInt8], file: String) -> [(number: Int, range: Range<Int>)]? {
        let newline = UInt8(ascii: "\n")
        guard bytes.first == UInt8(ascii: "{"), let end = bytes.firstIndex(of: newline) else { return nil }
        let isNamedSo = file.hasSuffix(".jsonl") || file.hasSuffix(".ndjson")
        if !isNamedSo {
            guard bytes[end...].contains(where: { $0 > 0x20 }) else { return nil }
            guard (try? JSONDocument(Array(bytes[..<end]))) != nil else { return nil }
        }
        var lines: [(number: Int, range: Range<Int>)] = []
        var (start, number) = (0, 1)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
            if bytes[start..<end].contains(where: { $0 > 0x20 }) { lines.append((number, start..<end)) }
            (start, number) = (end + 1, number + 1)
        }
        return lines
    }

    private static func line(at offset: Int, in bytes: [UInt8]) -> Int {
        bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
    }

    private static func unreadable(_ file: String, _ line: Int?, _ summary: String, _ remedy: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: line.map { "\(file) line \($0)" } ?? file,
            summary: summary,
            remedy: remedy
        )
    }
}
