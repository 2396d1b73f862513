/// One entry as the central directory describes it.
struct ZipRecord {
    /// How its bytes are kept; nothing else is used by packages.
    enum Method: UInt16 {
        case stored = 0
        case deflated = 8
    }

    let name: String
    let nameBytes: [UInt8]
    let flags: UInt16
    let method: Method
    let checksum: UInt32
    let compressedSize: Int64
    let size: Int64
    let offset: Int64
    let kind: ArchiveEntry.Kind
    /// Bytes of the record in the directory.
    let length: Int

    init(_ bytes: [UInt8], at: Int, isLenient: Bool) throws(ArchiveError) {
        guard bytes.count - at >= 46, bytes.u32(at) == 0x0201_4B50 else {
            throw .malformed("Truncated central directory")
        }
        let nameLength = Int(bytes.u16(at + 28))
        let extraLength = Int(bytes.u16(at + 30))
        let commentLength = Int(bytes.u16(at + 32))
        length = 46 + nameLength + extraLength + commentLength
        guard bytes.count - at >= length else { throw .malformed("Truncated central directory") }
        guard commentLength == 0 || isLenient else { throw .malformed("an entry has a comment") }
        guard bytes.u16(at + 34) == 0 else { throw .malformed("Malformed zip file") }
        flags = bytes.u16(at + 8)
        nameBytes = Array(bytes[at + 46..<at + 46 + nameLength])
        name = try Self.name(nameBytes, flags: flags, isLenient: isLenient)
        let shown = PathAudit.shown(name)
        // Encryption, patches, strong encryption, masked headers.
        guard flags & 0x2061 == 0 else { throw .unreadable("entry \(shown) is encrypted") }
        guard flags & 8 == 0 || isLenient else { throw .malformed("ZIP contains a data descriptor") }
        guard let method = Method(rawValue: bytes.u16(at + 10)) else {
            throw .unreadable("entry \(shown) uses compression method \(bytes.u16(at + 10))")
        }
        self.method = method
        checksum = bytes.u32(at + 16)
        let extras = Array(bytes[at + 46 + nameLength..<at + 46 + nameLength + extraLength])
        var fields = try ZipExtras(extras, isLenient: isLenient)
        size = try fields.resolve(bytes.u32(at + 24), "File size")
        compressedSize = try fields.resolve(bytes.u32(at + 20), "Compress size")
        offset = try fields.resolve(bytes.u32(at + 42), "Header offset")
        try fields.finish()
        kind = try Self.kind(name: name, madeBy: bytes[at + 5], attributes: bytes.u32(at + 38))
    }

    private static func name(_ bytes: [UInt8], flags: UInt16, isLenient: Bool) throws(ArchiveError) -> String {
        guard let name = String(validating: bytes, as: UTF8.self) else { throw .malformed("Filename not unicode") }
        // Without the flag readers take code page 437 or the system's.
        guard isLenient || flags & 0x800 != 0 || bytes.allSatisfy({ $0 < 0x80 }) else {
            throw .malformed("Filename not unicode")
        }
        return name
    }

    private static func kind(name: String, madeBy: UInt8, attributes: UInt32) throws(ArchiveError) -> ArchiveEntry.Kind
    {
        let isFolder = name.utf8.last == UInt8(ascii: "/")
        // Only Unix (3) and macOS (19) put a mode there.
        let mode = madeBy == 3 || madeBy == 19 ? attributes >> 16 & 0xF000 : 0
        switch mode {
        case 0, 0x8000, 0x4000: return isFolder ? .directory : .file
        case 0xA000 where !isFolder: return .symlink
        default: throw .unsafeEntry("entry \(PathAudit.shown(name)) is a device node")
        }
    }
}

/// The extra fields of a header; of these only the 64-bit sizes mean anything to us.
struct ZipExtras {
    private var wide: [UInt8] = []
    private var at = 0
    private let isLenient: Bool

    init(_ bytes: [UInt8], isLenient: Bool) throws(ArchiveError) {
        self.isLenient = isLenient
        var at = 0
        var hasWide = false
        while bytes.count - at >= 4 {
            let length = Int(bytes.u16(at + 2))
            guard length <= bytes.count - at - 4 else {
                let kind = String(bytes.u16(at), radix: 16)
                throw .malformed("Corrupt extra field \(kind) (size=\(length))")
            }
            switch bytes.u16(at) {
            case 0x0001:
                guard !hasWide else { throw .malformed("Invalid duplicate extra in local file") }
                hasWide = true
                wide = Array(bytes[at + 4..<at + 4 + length])
            // Another name, which some readers take and others do not.
            case 0x7075:
                throw .malformed("Invalid duplicate extra in local file: an entry has a second name")
            default: break
            }
            at += 4 + length
        }
        // Aligners pad with zeros.
        let isPadding = isLenient && bytes[at...].allSatisfy { $0 == 0 }
        guard at == bytes.count || isPadding else { throw .malformed("Malformed zip file") }
    }

    /// The value of a field of 32 bits, which is here when it says so.
    mutating func resolve(_ short: UInt32, _ field: String) throws(ArchiveError) -> Int64 {
        guard short == .max else { return Int64(short) }
        guard wide.count - at >= 8, let value = Int64(exactly: wide.u64(at)) else {
            throw .malformed("Corrupt zip64 extra field. \(field) not found.")
        }
        at += 8
        return value
    }

    /// Refuses values that some readers would have used and we did not.
    func finish() throws(ArchiveError) {
        guard isLenient || at == 0 || at == wide.count else { throw .malformed("Mis-matched data size") }
    }
}
