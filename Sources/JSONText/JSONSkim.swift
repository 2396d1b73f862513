/// Reads pieces of a text that a `JSONScanner` has passed already; nothing here checks again.
enum JSONSkim {
    static func skipBlanks(_ bytes: [UInt8], _ start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
        return at
    }

    /// The offset behind the string whose opening quote is at `start`.
    static func stringEnd(_ bytes: [UInt8], at start: Int) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return at + 1
    }

    /// The offset behind the number or word at `start`.
    static func scalarEnd(_ bytes: [UInt8], at start: Int) -> Int {
        var at = start
        while at < bytes.count {
            switch bytes[at] {
            case 0...0x20, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): return at
            default: at += 1
            }
        }
        return at
    }

    /// The string whose opening quote is at `start`.
    static func string(_ bytes: [UInt8], at start: Int) -> String {
        let content = start + 1..<stringEnd(bytes, at: start) - 1
        guard bytes[content].contains(UInt8(ascii: "\\")) else {
            return String(decoding: bytes[content], as: UTF8.self)
        }
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        var at = content.lowerBound
        while at < content.upperBound {
            if bytes[at] == UInt8(ascii: "\\") {
                at = unescape(bytes, at, into: &text)
            } else {
                text.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func unescape(_ bytes: [UInt8], _ at: Int, into text: inout [UInt8]) -> Int {
        switch bytes[at + 1] {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let unit = hex4(bytes, at + 2) else { return at + 6 }
            let isPair = unit & 0xFC00 == 0xD800
            let low = isPair ? hex4(bytes, at + 8) ?? 0 : 0
            let code = isPair ? 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF : unit
            text += String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8
            return at + (isPair ? 12 : 6)
        case let itself: text.append(itself)
        }
        return at + 2
    }

    static func hex4(_ bytes: [UInt8], _ start: Int) -> UInt32? {
        var unit: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }

    static func integer(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        Int64(String(decoding: bytes[range], as: UTF8.self))
    }

    static func real(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        Double(String(decoding: bytes[range], as: UTF8.self))
    }
}
