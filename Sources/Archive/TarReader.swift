/// Reads a tar in order: ustar, GNU long names and pax headers; refuses what two readers could read in two ways.
struct TarReader {
    private var blocks: BlockReader
    private let limits: ArchiveLimits
    private var audit: PathAudit
    private var number = 0

    init(_ source: MeteredSource, limits: ArchiveLimits) {
        blocks = BlockReader(source)
        self.limits = limits
        audit = PathAudit(limits: limits)
    }

    /// What extension headers said about the entry behind them.
    private struct Extensions {
        var path: String?
        var link: String?
        var size: Int64?
    }

    mutating func walk(_ body: (ArchiveStep) throws(ArchiveError) -> Void) throws(ArchiveError) {
        var extensions = Extensions()
        var hasExtensions = false
        var headers = 0
        while let block = try blocks.next() {
            guard block.contains(where: { $0 != 0 }) else {
                guard !hasExtensions else { break }
                return try blocks.passZeros()
            }
            let header = try TarHeader(block, number: number + 1)
            headers += 1
            guard headers <= limits.entries &* 4 else { throw .tooLarge("more than \(limits.entries) entries") }
            if try read(header, into: &extensions) {
                hasExtensions = true
                continue
            }
            number += 1
            try entry(header, extensions, body)
            extensions = Extensions()
            hasExtensions = false
        }
        guard !hasExtensions else { throw .malformed("an extension header has no entry behind it") }
    }

    /// True where the header described another one instead of an entry.
    private mutating func read(_ header: TarHeader, into extensions: inout Extensions) throws(ArchiveError) -> Bool {
        switch header.type {
        case UInt8(ascii: "x"):
            for record in try PaxRecords(try smallBody(header)).records { try apply(record, to: &extensions) }
        case UInt8(ascii: "g"):
            for record in try PaxRecords(try smallBody(header)).records
            where ["path", "linkpath", "size"].contains(record.key) {
                throw .malformed("a global header sets \(record.key)")
            }
        case UInt8(ascii: "L"): extensions.path = try longName(header)
        case UInt8(ascii: "K"): extensions.link = try longName(header)
        default: return false
        }
        return true
    }

    private func apply(_ record: (key: String, value: [UInt8]), to extensions: inout Extensions) throws(ArchiveError) {
        switch record.key {
        case "path": extensions.path = try TarHeader.text(record.value)
        case "linkpath": extensions.link = try TarHeader.text(record.value)
        case "size":
            let digits = String(decoding: record.value, as: UTF8.self)
            guard record.value.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let size = Int64(digits) else {
                throw .malformed("entry \(number + 1): pax size is no number")
            }
            extensions.size = size
        case let key where key.hasPrefix("GNU.sparse."): throw .malformed("entry \(number + 1) is sparse")
        default: break
        }
    }

    private mutating func smallBody(_ header: TarHeader) throws(ArchiveError) -> [UInt8] {
        guard header.size <= 1 << 20 else {
            throw .tooLarge("entry \(number + 1): extension header of \(header.size) bytes")
        }
        var bytes: [UInt8] = []
        try blocks.body(header.size) { chunk throws(ArchiveError) in bytes += chunk }
        return bytes
    }

    private mutating func longName(_ header: TarHeader) throws(ArchiveError) -> String {
        var bytes = try smallBody(header)
        while bytes.last == 0 { bytes.removeLast() }
        return try TarHeader.text(bytes)
    }

    private mutating func entry(
        _ header: TarHeader,
        _ extensions: Extensions,
        _ body: (ArchiveStep) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        if let size = extensions.size, size != header.size {
            throw .malformed("entry \(number): pax size \(size), header size \(header.size)")
        }
        let name = if let path = extensions.path { path } else { try header.name() }
        var kind = try header.kind(number: number)
        // Before POSIX a folder was a file whose name ends in a slash.
        if kind == .file, name.utf8.last == UInt8(ascii: "/") { kind = .directory }
        let path = try audit.admit(name, kind: kind)
        if kind == .symlink || kind == .hardlink {
            let target = if let link = extensions.link { link } else { try header.link() }
            if kind == .symlink {
                try audit.checkSymlink(target, at: path)
            } else {
                try audit.checkHardlink(target, at: path)
            }
        }
        guard kind == .file || header.size == 0 else { throw .malformed("entry \(number) has a body but is no file") }
        try body(.entry(ArchiveEntry(path: path, kind: kind, size: header.size)))
        try blocks.body(header.size) { chunk throws(ArchiveError) in try body(.chunk(chunk)) }
    }
}

/// The `length key=value` lines of a pax extension header.
struct PaxRecords {
    private(set) var records: [(key: String, value: [UInt8])] = []

    init(_ bytes: [UInt8]) throws(ArchiveError) {
        var at = 0
        // Some writers pad with zeros.
        while at < bytes.count, bytes[at] != 0 {
            guard let blank = bytes[at...].prefix(11).firstIndex(of: 0x20),
                bytes[at..<blank].allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
                let length = Int(String(decoding: bytes[at..<blank], as: UTF8.self)),
                length > blank - at + 2, length <= bytes.count - at, bytes[at + length - 1] == 0x0A,
                let equals = bytes[blank..<at + length].firstIndex(of: UInt8(ascii: "="))
            else { throw .malformed("pax header is damaged") }
            let key = String(decoding: bytes[blank + 1..<equals], as: UTF8.self)
            guard !records.contains(where: { $0.key == key }) || !["path", "linkpath", "size"].contains(key) else {
                throw .malformed("pax header sets \(key) twice")
            }
            records.append((key, Array(bytes[equals + 1..<at + length - 1])))
            at += length
        }
    }
}
