/// The archives that packages come in, made here so that tests need no tools. Nothing is compressed.
public enum Archives {
    /// One file inside.
    public typealias Entry = (path: String, bytes: [UInt8])

    public static func zip(_ entries: [Entry]) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for (path, bytes) in entries {
            let name = Array(path.utf8)
            let sum = CRC32.of(bytes)
            let sizes = little(sum, 4) + little(UInt32(bytes.count), 4) + little(UInt32(bytes.count), 4)
            let head = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + sizes
            directory += [0x50, 0x4B, 1, 2] + little(0x0314, 2) + head + little(UInt32(name.count), 2)
            directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 2)
            directory += little(0o100644 << 16, 4) + little(UInt32(body.count), 4) + name
            body += [0x50, 0x4B, 3, 4] + head + little(UInt32(name.count), 2) + little(0, 2) + name + bytes
        }
        let count = little(UInt32(entries.count), 2)
        let place = little(UInt32(directory.count), 4) + little(UInt32(body.count), 4)
        return body + directory + [0x50, 0x4B, 5, 6] + little(0, 4) + count + count + place + little(0, 2)
    }

    public static func tar(_ entries: [Entry]) -> [UInt8] {
        var tar: [UInt8] = []
        for (path, bytes) in entries {
            var head = padded(path, 100) + padded("0000644\0", 8) + padded("0000000\0", 8) + padded("0000000\0", 8)
            head +=
                padded(octal(bytes.count, 11), 12) + padded(octal(0, 11), 12) + padded("        ", 8) + padded("0", 1)
            head += padded("", 100) + padded("ustar\0" + "00", 8) + padded("", 247)
            let sum = head.reduce(0) { $0 + Int($1) }
            head.replaceSubrange(148..<156, with: Array("\(octal(sum, 6))\0 ".utf8))
            tar += head + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
        }
        return tar + [UInt8](repeating: 0, count: 1_024)
    }

    /// A gzip member of stored blocks.
    public static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        var start = 0
        repeat {
            let end = min(start + 0xFFFF, bytes.count)
            let length = UInt32(end - start)
            out += [end == bytes.count ? 1 : 0] + little(length, 2) + little(~length & 0xFFFF, 2) + bytes[start..<end]
            start = end
        } while start < bytes.count
        return out + little(CRC32.of(bytes), 4) + little(UInt32(truncatingIfNeeded: bytes.count), 4)
    }

    /// A Debian package of these control fields.
    public static func deb(control: String, data: [Entry] = []) -> [UInt8] {
        let members: [Entry] = [
            ("debian-binary", Array("2.0\n".utf8)),
            ("control.tar.gz", gzip(tar([("./control", Array(control.utf8))]))),
            ("data.tar.gz", gzip(tar(data))),
        ]
        var out = Array("!<arch>\n".utf8)
        for (name, bytes) in members {
            out += padded(name, 16, with: 0x20) + padded("0", 12, with: 0x20) + padded("0", 6, with: 0x20)
            out += padded("0", 6, with: 0x20) + padded("100644", 8, with: 0x20)
            out += padded("\(bytes.count)", 10, with: 0x20) + [0x60, 0x0A] + bytes
            if bytes.count % 2 == 1 { out.append(0x0A) }
        }
        return out
    }

    private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }

    private static func octal(_ value: Int, _ width: Int) -> String {
        let digits = String(value, radix: 8)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func padded(_ text: String, _ width: Int, with fill: UInt8 = 0) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(width))
        return bytes + [UInt8](repeating: fill, count: width - bytes.count)
    }
}

/// The checksum that zip and gzip carry.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1 }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { sum, byte in table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8) }
    }
}

/// Bytes that look random and are the same in every run; no two blocks are equal.
public func noise(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    let block = (0..<4_096).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 40)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + block.count)
    while bytes.count < count {
        let number = bytes.count / block.count
        bytes += block
        for byte in 0..<3 { bytes[number * block.count + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}

extension Archives {
    /// Gzip that grows to this many MiB of zeros. Its checksum is wrong: nobody should read that far.
    static func gzipOfZeros(_ mebibytes: Int) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: 1_037)
        let marks: KeyValuePairs<Int, UInt8> = [
            0: 236, 1: 193, 2: 49, 3: 1, 7: 194, 8: 160, 9: 245, 10: 79, 11: 109, 12: 8, 13: 95, 14: 160, 1_031: 62,
            1_032: 3, 1_035: 255, 1_036: 255,
        ]
        for (place, byte) in marks { piece[place] = byte }
        let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        return head + (0..<mebibytes).flatMap { _ in piece } + [3, 0] + [UInt8](repeating: 0, count: 8)
    }
}
