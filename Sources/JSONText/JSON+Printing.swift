extension JSON {
    /// RFC 8785: keys in UTF-16 order, numbers as ECMAScript prints them, no blanks; equal values give equal bytes.
    ///
    /// An integer beyond 2^53 keeps all its digits, where ECMAScript would round it.
    public func canonicalBytes() -> [UInt8] {
        var printer = JSONPrinter(isPretty: false)
        printer.print(self, depth: 0)
        return printer.bytes
    }

    /// The canonical order and numbers, two blanks of indent, a line feed at the end: for files that people review.
    public func prettyBytes() -> [UInt8] {
        var printer = JSONPrinter(isPretty: true)
        printer.print(self, depth: 0)
        printer.bytes.append(0x0A)
        return printer.bytes
    }

    /// A string as JSON text, with its quotes.
    public static func quoted(_ string: String) -> [UInt8] {
        var printer = JSONPrinter(isPretty: false)
        printer.print(string)
        return printer.bytes
    }
}

/// Prints values into bytes, in one order for both forms.
private struct JSONPrinter {
    let isPretty: Bool
    var bytes: [UInt8] = []

    init(isPretty: Bool) { self.isPretty = isPretty }

    mutating func print(_ value: JSON, depth: Int) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .integer(let number): bytes += String(number).utf8
        case .real(let number): bytes += ECMAScriptNumber.text(number).utf8
        case .string(let text): print(text)
        case .array(let items): print(items, depth: depth)
        case .object(let members): print(members, depth: depth)
        }
    }

    private mutating func print(_ items: [JSON], depth: Int) {
        bytes.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            startItem(index, depth: depth + 1)
            print(item, depth: depth + 1)
        }
        if !items.isEmpty { startLine(depth: depth) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func print(_ members: [String: JSON], depth: Int) {
        bytes.append(UInt8(ascii: "{"))
        let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        for (index, member) in sorted.enumerated() {
            startItem(index, depth: depth + 1)
            print(member.key)
            bytes.append(UInt8(ascii: ":"))
            if isPretty { bytes.append(UInt8(ascii: " ")) }
            print(member.value, depth: depth + 1)
        }
        if !members.isEmpty { startLine(depth: depth) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func startItem(_ index: Int, depth: Int) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        startLine(depth: depth)
    }

    private mutating func startLine(depth: Int) {
        guard isPretty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    mutating func print(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += (byte < 0x10 ? "\\u000\(digits)" : "\\u00\(digits)").utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
