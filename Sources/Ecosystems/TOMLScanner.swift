internal import Core

/// Walks through the tokens of a TOML text.
struct TOMLScanner {
    private let bytes: [UInt8]
    private(set) var at = 0

    private static let deepest = 64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func take(_ text: String) -> Bool {
        guard bytes[at...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }

    mutating func expect(_ text: String) throws(Malformed) {
        skipBlanks()
        guard take(text) else { throw Malformed("'\(text)' is missing", offset: at) }
        skipBlanks()
    }

    mutating func expectLineEnd() throws(Malformed) {
        skipBlanks()
        skipComment()
        guard let byte = peek() else { return }
        guard byte == 0x0A || byte == 0x0D else { throw Malformed("the line goes on behind its value", offset: at) }
    }

    mutating func skipBlanks() { while let byte = peek(), byte == 0x20 || byte == 0x09 { at += 1 } }

    mutating func skipEmptyLines() { skipBlanksAndLines() }

    mutating func skipBlanksAndLines() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                skipComment()
            } else if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                at += 1
            } else {
                return
            }
        }
    }

    private mutating func skipComment() {
        guard peek() == UInt8(ascii: "#") else { return }
        while let byte = peek(), byte != 0x0A { at += 1 }
    }

    /// A dotted key.
    mutating func keys() throws(Malformed) -> [String] {
        var path: [String] = []
        repeat {
            skipBlanks()
            path.append(try key())
            // Tables are freed by recursion, so a path is no deeper than values may be.
            guard path.count <= Self.deepest else { throw Malformed("a key has too many parts", offset: at) }
            skipBlanks()
        } while take(".")
        return path
    }

    private mutating func key() throws(Malformed) -> String {
        if take("\"") { return try basicString() }
        if take("'") { return try literalString() }
        let start = at
        while let byte = peek(), isBare(byte) { at += 1 }
        guard at > start else { throw Malformed("a key is missing", offset: at) }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    mutating func value(depth: Int) throws(Malformed) -> TOMLValue {
        guard depth < Self.deepest else { throw Malformed("values are nested too deep", offset: at) }
        if take("\"\"\"") { return .text(try longString(until: "\"\"\"", escapes: true)) }
        if take("'''") { return .text(try longString(until: "'''", escapes: false)) }
        if take("\"") { return .text(try basicString()) }
        if take("'") { return .text(try literalString()) }
        if take("{") { return .table(try inlineTable(depth: depth)) }
        if take("[") { return .array(try array(depth: depth)) }
        let start = at
        while let byte = peek(), !endsScalar(byte) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        let end = text.lastIndex { $0 != " " && $0 != "\t" }
        guard let end else { throw Malformed("a value is missing", offset: start) }
        let isScalar = text[...end].utf8.allSatisfy { isBare($0) || isMark($0) }
        guard isScalar else { throw Malformed("this is no value", offset: start) }
        return .text(String(text[...end]))
    }

    private mutating func array(depth: Int) throws(Malformed) -> [TOMLValue] {
        var items: [TOMLValue] = []
        skipBlanksAndLines()
        while !take("]") {
            items.append(try value(depth: depth + 1))
            skipBlanksAndLines()
            if take(",") {
                skipBlanksAndLines()
            } else if peek() != UInt8(ascii: "]") {
                throw Malformed("an array has no end", offset: at)
            }
        }
        return items
    }

    private mutating func literalString() throws(Malformed) -> String {
        let start = at
        while let byte = peek(), byte != UInt8(ascii: "'"), byte != 0x0A { at += 1 }
        defer { at += 1 }
        guard peek() == UInt8(ascii: "'") else { throw Malformed("a string has no end", offset: start) }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func basicString() throws(Malformed) -> String {
        let start = at
        var text: [UInt8] = []
        while let byte = peek(), byte != 0x0A {
            at += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
        }
        throw Malformed("a string has no end", offset: start)
    }

    private mutating func longString(until mark: String, escapes: Bool) throws(Malformed) -> String {
        let start = at
        if !take("\r\n") { _ = take("\n") }
        var text: [UInt8] = []
        while let byte = peek() {
            if take(mark) {
                // Up to two quotes may stand before the three that end the text.
                for quote in mark.utf8.dropFirst() where peek() == quote {
                    text.append(quote)
                    at += 1
                }
                return String(decoding: text, as: UTF8.self)
            }
            at += 1
            if escapes, byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
        }
        throw Malformed("a string has no end", offset: start)
    }

    /// What stands for the characters behind a backslash.
    private mutating func escape() throws(Malformed) -> [UInt8] {
        guard let byte = peek() else { throw Malformed("a string has no end", offset: at) }
        at += 1
        switch byte {
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "u"): return try scalar(digits: 4)
        case UInt8(ascii: "U"): return try scalar(digits: 8)
        case 0x20, 0x09, 0x0A, 0x0D:
            // A line that goes on with the next one's text.
            while let next = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(next) { at += 1 }
            return []
        default: throw Malformed("a string has an unknown escape", offset: at)
        }
    }

    private mutating func scalar(digits: Int) throws(Malformed) -> [UInt8] {
        let end = at + digits
        guard end <= bytes.count else { throw Malformed("a string has no end", offset: at) }
        let text = String(decoding: bytes[at..<end], as: UTF8.self)
        guard let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number) else {
            throw Malformed("a string has an escape that is no character", offset: at)
        }
        at = end
        return Array(String(scalar).utf8)
    }

    private func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), 0x0A, 0x0D: true
        default: false
        }
    }

    /// What numbers and times have beside letters and digits.
    private func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: " "): true
        default: false
        }
    }

    private func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
