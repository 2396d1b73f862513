/// The central directory of a zip, found from the end of the file and read whole.
struct ZipDirectory {
    private(set) var records: [ZipRecord] = []
    /// Where the directory starts, which is where the entries must end.
    let start: Int64

    init(_ file: OpenFile, limits: ArchiveLimits, isLenient: Bool) throws(ArchiveError) {
        let end = try ZipEnd(file)
        start = end.directoryStart
        guard end.entries <= limits.entries else { throw .tooLarge("more than \(limits.entries) entries") }
        // A record is 46 bytes, a name and what little else there may be.
        guard end.directorySize <= Int64(limits.entries) * 512, end.directorySize <= 256 << 20 else {
            throw .tooLarge("the central directory is too large")
        }
        let bytes = try file.readAll(at: start, count: Int(end.directorySize))
        var at = 0
        var names: [String: Int64] = [:]
        while at < bytes.count {
            let record = try ZipRecord(bytes, at: at, isLenient: isLenient)
            if let other = names.updateValue(record.offset, forKey: record.name) {
                let place = other == record.offset ? "central directory" : "local headers"
                throw .malformed("Duplicate filename in \(place): \(PathAudit.shown(record.name))")
            }
            records.append(record)
            at += record.length
        }
        guard records.count == end.entries else { throw .malformed("Truncated central directory") }
    }
}

/// The records at the end of a zip that say where its central directory is.
struct ZipEnd {
    private(set) var entries: Int
    private(set) var directoryStart: Int64
    private(set) var directorySize: Int64

    init(_ file: OpenFile) throws(ArchiveError) {
        let length = Int(Swift.min(file.size, 65_557))
        let tail = try file.readAll(at: file.size - Int64(length), count: length)
        guard let place = Self.place(tail) else {
            throw .malformed(Self.holdsEnd(tail[...]) ? "Trailing data" : "File is not a zip file")
        }
        // Another end inside the comment would be the real one to some readers.
        guard !Self.holdsEnd(tail[(place + 22)...]) else {
            throw .malformed("Filename not in central directory: the comment holds another end of a zip")
        }
        guard tail.u16(place + 4) == 0, tail.u16(place + 6) == 0 else { throw .malformed("Malformed zip file") }
        guard tail.u16(place + 8) == tail.u16(place + 10) else { throw .malformed("Malformed zip file") }
        entries = Int(tail.u16(place + 8))
        directorySize = Int64(tail.u32(place + 12))
        directoryStart = Int64(tail.u32(place + 16))
        var end = file.size - Int64(length - place)
        let needs64 = entries == 0xFFFF || directorySize == 0xFFFF_FFFF || directoryStart == 0xFFFF_FFFF
        if place >= 20, tail.u32(place - 20) == 0x0706_4B50 {
            end = try read64(file, locatorAt: end - 20)
        } else if needs64 {
            throw .malformed("Corrupt zip64 end of central directory locator")
        }
        guard directoryStart <= end, directorySize == end - directoryStart else {
            throw .malformed(try Self.gap(file, isEmpty: entries == 0))
        }
    }

    /// What PyPI calls bytes that belong neither to the entries nor to the directory.
    private static func gap(_ file: OpenFile, isEmpty: Bool) throws(ArchiveError) -> String {
        if isEmpty { return "Malformed zip file" }
        let startsWithEntry = try file.readAll(at: 0, count: 4).u32(0) == 0x0403_4B50
        return startsWithEntry ? "Filename not in central directory" : "Unknown record signature"
    }

    /// Takes over the 64-bit values, which must say the same wherever the short ones say something; gives where the
    /// directory must end.
    private mutating func read64(_ file: OpenFile, locatorAt: Int64) throws(ArchiveError) -> Int64 {
        let locator = try file.readAll(at: locatorAt, count: 20)
        let place = Int64(bitPattern: locator.u64(8))
        guard locator.u32(4) == 0, locator.u32(16) == 1, place >= 0, place <= locatorAt - 56 else {
            throw .malformed("Corrupt zip64 end of central directory locator")
        }
        let record = try file.readAll(at: place, count: 56)
        guard record.u32(0) == 0x0606_4B50 else { throw .malformed("Corrupt zip64 end of central directory locator") }
        guard record.u64(4) == 44 else { throw .malformed("ZIP64 extensible data not allowed") }
        guard place == locatorAt - 56 else { throw .malformed("Corrupt zip64 end of central directory record") }
        guard record.u32(16) == 0, record.u32(20) == 0, record.u64(24) == record.u64(32),
            let count = Int(exactly: record.u64(24)), let size = Int64(exactly: record.u64(40)),
            let start = Int64(exactly: record.u64(48)),
            entries == 0xFFFF || entries == count, directorySize == 0xFFFF_FFFF || directorySize == size,
            directoryStart == 0xFFFF_FFFF || directoryStart == start
        else { throw .malformed("Corrupt zip64 end of central directory record") }
        (entries, directorySize, directoryStart) = (count, size, start)
        return place
    }

    /// The last end record whose comment reaches exactly to the end of the file.
    private static func place(_ tail: [UInt8]) -> Int? {
        var at = tail.count - 22
        while at >= 0 {
            if tail.u32(at) == 0x0605_4B50, at + 22 + Int(tail.u16(at + 20)) == tail.count { return at }
            at -= 1
        }
        return nil
    }

    private static func holdsEnd(_ comment: ArraySlice<UInt8>) -> Bool {
        guard comment.count >= 4 else { return false }
        return (comment.startIndex...comment.endIndex - 4).contains {
            comment[$0] == 0x50 && comment[$0 + 1] == 0x4B && comment[$0 + 2] == 5 && comment[$0 + 3] == 6
        }
    }
}

/// Little-endian numbers; the caller has checked that they are there.
extension [UInt8] {
    func u16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
    func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }
    func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) | UInt64(u32(at + 4)) << 32 }
}
