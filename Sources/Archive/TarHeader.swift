/// One header block of a tar whose checksum is right.
struct TarHeader {
    let type: UInt8
    let size: Int64
    private let block: [UInt8]

    init(_ block: [UInt8], number: Int) throws(ArchiveError) {
        var unsigned = 0
        var signed = 0
        for (index, byte) in block.enumerated() {
            let counted = (148..<156).contains(index) ? 0x20 : byte
            unsigned += Int(counted)
            signed += Int(Int8(bitPattern: counted))
        }
        // Old writers added signed bytes.
        guard let sum = Self.number(block[148..<156]), sum == unsigned || sum == signed else {
            throw .malformed("entry \(number): header checksum differs")
        }
        guard let size = Self.number(block[124..<136]), size >= 0 else {
            throw .malformed("entry \(number): size is no number")
        }
        self.block = block
        self.size = size
        type = block[156]
    }

    func kind(number: Int) throws(ArchiveError) -> ArchiveEntry.Kind {
        switch type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): return .file
        case UInt8(ascii: "1"): return .hardlink
        case UInt8(ascii: "2"): return .symlink
        case UInt8(ascii: "3"), UInt8(ascii: "4"): throw .unsafeEntry("entry \(number) is a device node")
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): throw .unsafeEntry("entry \(number) is a pipe")
        case UInt8(ascii: "S"): throw .malformed("entry \(number) is sparse")
        default: throw .malformed("entry \(number) has the unknown type \(type)")
        }
    }

    func name() throws(ArchiveError) -> String {
        let name = try Self.text(Self.field(block[0..<100]))
        // GNU puts other things where POSIX has the prefix.
        guard block[257..<263].elementsEqual("ustar\0".utf8) else { return name }
        let prefix = try Self.text(Self.field(block[345..<500]))
        return prefix.isEmpty ? name : prefix + "/" + name
    }

    func link() throws(ArchiveError) -> String { try Self.text(Self.field(block[157..<257])) }

    static func text(_ bytes: [UInt8]) throws(ArchiveError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed("a name is not UTF-8") }
        return text
    }

    private static func field(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(bytes.prefix { $0 != 0 }) }

    /// Octal digits between blanks, or GNU's base 256; `nil` for anything else and beyond `Int64`.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int64(exactly: value)
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 8 }) else { return nil }
        return digits.reduce(Int64(0)) { $0 << 3 | Int64($1 - UInt8(ascii: "0")) }
    }
}

/// Cuts a stream into the blocks of a tar.
struct BlockReader {
    private let source: MeteredSource
    private var bytes: [UInt8] = []
    private var at = 0

    init(_ source: MeteredSource) { self.source = source }

    /// The next block of 512 bytes; `nil` at the end.
    mutating func next() throws(ArchiveError) -> [UInt8]? {
        var block: [UInt8] = []
        while block.count < 512 {
            let piece = try piece(512 - block.count)
            if piece.isEmpty {
                guard block.isEmpty else { throw .malformed("ends inside a block") }
                return nil
            }
            block += piece
        }
        return block
    }

    /// The bytes of an entry, without the padding behind them.
    mutating func body(_ size: Int64, _ take: ([UInt8]) throws(ArchiveError) -> Void) throws(ArchiveError) {
        var left = size
        while left > 0 {
            let piece = try piece(Int(Swift.min(left, 65_536)))
            guard !piece.isEmpty else { throw .malformed("ends inside an entry") }
            left -= Int64(piece.count)
            try take(piece)
        }
        var padding = Int((512 - size % 512) % 512)
        while padding > 0 {
            let piece = try piece(padding)
            guard !piece.isEmpty else { throw .malformed("ends inside an entry") }
            padding -= piece.count
        }
    }

    /// Reads to the end of the stream, where nothing but padding may stand.
    mutating func passZeros() throws(ArchiveError) {
        while true {
            let piece = try piece(65_536)
            if piece.isEmpty { return }
            guard piece.allSatisfy({ $0 == 0 }) else { throw .malformed("bytes after the end of the archive") }
        }
    }

    private mutating func piece(_ most: Int) throws(ArchiveError) -> [UInt8] {
        if at == bytes.count {
            bytes = try source.next()
            at = 0
        }
        let end = Swift.min(bytes.count, at + most)
        defer { at = end }
        return at == 0 && end == bytes.count ? bytes : Array(bytes[at..<end])
    }
}
