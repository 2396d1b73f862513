/// Where the bytes of each entry start, after every local header was found to agree with the central directory.
struct ZipLayout {
    /// In the order of the directory's records.
    private(set) var dataStarts: [Int64]
    private let file: OpenFile
    private let isLenient: Bool

    init(_ file: OpenFile, directory: ZipDirectory, isLenient: Bool) throws(ArchiveError) {
        self.file = file
        self.isLenient = isLenient
        let records = directory.records
        dataStarts = Array(repeating: 0, count: records.count)
        let order = records.indices.sorted { records[$0].offset < records[$1].offset }
        var end: Int64 = 0
        for (rank, index) in order.enumerated() {
            let record = records[index]
            guard record.offset == end else {
                throw .malformed(
                    record.offset > end ? "Filename not in central directory" : "Malformed zip file: entries overlap"
                )
            }
            let next = rank + 1 < order.count ? records[order[rank + 1]].offset : directory.start
            let (start, hasDescriptor) = try dataStart(of: record)
            let (dataEnd, hasOverflowed) = start.addingReportingOverflow(record.compressedSize)
            guard !hasOverflowed, dataEnd <= next else { throw .malformed("Malformed zip file: entries overlap") }
            dataStarts[index] = start
            if hasDescriptor { try checkDescriptor(of: record, at: dataEnd, until: next) }
            end = hasDescriptor ? next : dataEnd
        }
        guard end == directory.start else { throw .malformed("Filename not in central directory") }
    }

    private func dataStart(of record: ZipRecord) throws(ArchiveError) -> (start: Int64, hasDescriptor: Bool) {
        let shown = PathAudit.shown(record.name)
        let header = try file.readAll(at: record.offset, count: 30)
        guard header.u32(0) == 0x0403_4B50 else { throw .malformed("Unknown record signature at \(shown)") }
        let nameLength = Int(header.u16(26))
        let extraLength = Int(header.u16(28))
        let rest = try file.readAll(at: record.offset + 30, count: nameLength + extraLength)
        guard rest[..<nameLength].elementsEqual(record.nameBytes) else {
            throw .malformed("Missing filename in local headers: \(shown)")
        }
        // Bit 3: checksum and sizes follow the bytes.
        let hasDescriptor = header.u16(6) & 8 != 0
        guard !hasDescriptor || isLenient else { throw .malformed("ZIP contains a data descriptor") }
        // Bits 1 and 2 only say how hard the writer tried, and bit 3 some clear once they know.
        guard header.u16(6) & ~14 == record.flags & ~14, header.u16(8) == record.method.rawValue else {
            throw .malformed("local header of \(shown) differs from the central directory")
        }
        var fields = try ZipExtras(Array(rest[nameLength...]), isLenient: isLenient)
        let size = try fields.resolve(header.u32(22), "File size")
        let compressedSize = try fields.resolve(header.u32(18), "Compress size")
        try fields.finish()
        let isSame = size == record.size && compressedSize == record.compressedSize && header.u32(14) == record.checksum
        let isLeftOut = hasDescriptor && size == 0 && compressedSize == 0 && header.u32(14) == 0
        guard isSame || isLeftOut else {
            throw .malformed("Mis-matched data size: local header of \(shown) differs from the central directory")
        }
        return (record.offset + 30 + Int64(rest.count), hasDescriptor)
    }

    /// The descriptor must fill the gap: with or without its signature, sizes of 4 or 8 bytes.
    private func checkDescriptor(of record: ZipRecord, at start: Int64, until next: Int64) throws(ArchiveError) {
        let shown = PathAudit.shown(record.name)
        let length = next - start
        guard [12, 16, 20, 24].contains(length) else { throw .malformed("data descriptor of \(shown) is damaged") }
        let bytes = try file.readAll(at: start, count: Int(length))
        let hasSignature = length % 8 == 0
        guard !hasSignature || bytes.u32(0) == 0x0807_4B50 else {
            throw .malformed("data descriptor of \(shown) is damaged")
        }
        let at = hasSignature ? 4 : 0
        let isWide = length >= 20
        let compressedSize = isWide ? bytes.u64(at + 4) : UInt64(bytes.u32(at + 4))
        let size = isWide ? bytes.u64(at + 12) : UInt64(bytes.u32(at + 8))
        guard bytes.u32(at) == record.checksum, compressedSize == UInt64(record.compressedSize),
            size == UInt64(record.size)
        else { throw .malformed("data descriptor of \(shown) differs from the central directory") }
    }
}
