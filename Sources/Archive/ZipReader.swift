/// Reads a zip by its central directory, after comparing that with every local header.
///
/// Entries must lie one behind the other from the first byte of the file to the central directory, so nothing can hide
/// between, before or behind them, and no two may share bytes.
struct ZipReader {
    private let file: OpenFile
    private let limits: ArchiveLimits
    private let isLenient: Bool
    private var audit: PathAudit
    private var total: Int64 = 0

    init(_ file: OpenFile, limits: ArchiveLimits, isLenient: Bool) {
        self.file = file
        self.limits = limits
        self.isLenient = isLenient
        audit = PathAudit(limits: limits)
    }

    mutating func walk(_ body: (ArchiveStep) throws(ArchiveError) -> Void) throws(ArchiveError) {
        let directory = try ZipDirectory(file, limits: limits, isLenient: isLenient)
        try checkTotals(directory.records)
        let starts = try ZipLayout(file, directory: directory, isLenient: isLenient).dataStarts
        for (record, start) in zip(directory.records, starts) { try entry(record, at: start, body) }
    }

    /// Before anything is inflated: the sizes that the directory itself admits.
    private func checkTotals(_ records: [ZipRecord]) throws(ArchiveError) {
        var inflated: Int64 = 0
        for record in records {
            let (sum, hasOverflowed) = inflated.addingReportingOverflow(record.size)
            guard !hasOverflowed, sum <= limits.totalBytes else {
                throw .tooLarge("expands past \(limits.totalBytes) bytes")
            }
            inflated = sum
        }
        guard inflated <= ArchiveLimits.unratedBytes || inflated / limits.ratio <= file.size else {
            throw .tooLarge("expands more than \(limits.ratio) to 1")
        }
    }

    private mutating func entry(
        _ record: ZipRecord,
        at start: Int64,
        _ body: (ArchiveStep) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        let path = try audit.admit(record.name, kind: record.kind)
        guard record.kind != .directory || record.size == 0 else {
            throw .malformed("folder \(PathAudit.shown(record.name)) holds bytes")
        }
        let size = record.kind == .file ? record.size : 0
        try body(.entry(ArchiveEntry(path: path, kind: record.kind, size: size)))
        var target: [UInt8] = []
        let isLink = record.kind == .symlink
        guard !isLink || record.size <= limits.pathBytes else { throw .tooLarge("a link is longer than a path may be") }
        try read(record, at: start) { chunk throws(ArchiveError) in
            if isLink { target += chunk } else { try body(.chunk(chunk)) }
        }
        guard isLink else { return }
        guard let text = String(validating: target, as: UTF8.self) else { throw .malformed("a link is not UTF-8") }
        try audit.checkSymlink(text, at: path)
    }

    /// Hands over the bytes of an entry and checks their number and their checksum.
    private mutating func read(
        _ record: ZipRecord,
        at start: Int64,
        _ take: ([UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        let region = FileRegion(file: file, range: start..<start + record.compressedSize)
        let source = ZipContent(region, method: record.method)
        var left = record.size
        var checksum: UInt32 = 0
        while true {
            let bytes = try source.next()
            if bytes.isEmpty { break }
            total += Int64(bytes.count)
            guard total <= limits.totalBytes else { throw .tooLarge("expands past \(limits.totalBytes) bytes") }
            // Installers stop at the stated size, as PyPI's checks do; what is stated is what is judged.
            let stated = left < Int64(bytes.count) ? Array(bytes[..<Int(left)]) : bytes
            left -= Int64(stated.count)
            checksum = Inflater.checksum(stated, from: checksum)
            if !stated.isEmpty { try take(stated) }
        }
        let shown = PathAudit.shown(record.name)
        guard left == 0 else { throw .malformed("Malformed zip file: entry \(shown) holds fewer bytes than it states") }
        guard checksum == record.checksum else { throw .malformed("Malformed zip file: checksum of \(shown) differs") }
    }
}

/// The bytes of one zip entry, inflated where they are deflated.
private final class ZipContent: ByteSource {
    private let source: RegionSource
    private let inflater: Inflater?
    private var input: [UInt8] = []
    private var at = 0
    private var hasEnded = false

    init(_ region: FileRegion, method: ZipRecord.Method) {
        source = RegionSource(region)
        inflater = method == .deflated ? Inflater(.bare) : nil
    }

    func next() throws(ArchiveError) -> [UInt8] {
        guard let inflater else { return try source.next() }
        while !hasEnded {
            if at == input.count, !inflater.isFull {
                input = try source.next()
                at = 0
                guard !input.isEmpty else { throw .malformed("compressed bytes end too early") }
            }
            let (bytes, ended) = try inflater.inflate(input, at: &at)
            hasEnded = ended
            if !bytes.isEmpty { return bytes }
        }
        guard at == input.count, try source.next().isEmpty else { throw .malformed("Mis-matched data size") }
        return []
    }
}
