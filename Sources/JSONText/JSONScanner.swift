/// One strict pass over a text that checks all of it and notes where each array and object ends.
///
/// Containers are numbered in the order in which they open. `ends[n]` is the offset behind container n and `nexts[n]`
/// the number of the first container behind it, so a reader skips any value without looking inside.
struct JSONScanner {
    let bytes: [UInt8]
    private let depth: Int
    private let integersMustFit: Bool
    private(set) var ends: [UInt32] = []
    private(set) var nexts: [UInt32] = []
    private var at = 0
    private var open: [Frame] = []
    private var census = KeyCensus()

    private struct Frame {
        let container: Int
        let isObject: Bool
        let firstKey: Int
        var isEmpty = true
        var hasWideKey = false
    }

    init(_ bytes: [UInt8], depth: Int, integersMustFit: Bool) {
        self.bytes = bytes
        self.depth = depth
        self.integersMustFit = integersMustFit
    }

    mutating func scan() throws(JSONError) {
        skipBlanks()
        try value()
        while let frame = open.last {
            if frame.isObject { try member(frame) } else { try element(frame) }
        }
        skipBlanks()
        guard at == bytes.count else { throw failure("bytes after the value") }
    }

    private mutating func member(_ frame: Frame) throws(JSONError) {
        guard try startItem(frame, closing: UInt8(ascii: "}")) else { return }
        guard peek == UInt8(ascii: "\"") else { throw failure("expected a key") }
        let start = at
        let content = try string()
        census.add(keyAt: start, until: at, isEscaped: content.hasEscape, in: bytes)
        open[open.count - 1].hasWideKey = frame.hasWideKey || content.hasEscape || content.isWide
        skipBlanks()
        guard peek == UInt8(ascii: ":") else { throw failure("expected ':'") }
        at += 1
        skipBlanks()
        try value()
    }

    private mutating func element(_ frame: Frame) throws(JSONError) {
        guard try startItem(frame, closing: UInt8(ascii: "]")) else { return }
        try value()
    }

    /// Goes to the next item; false where the container ended instead.
    private mutating func startItem(_ frame: Frame, closing: UInt8) throws(JSONError) -> Bool {
        skipBlanks()
        if peek == closing {
            try close(frame)
            return false
        }
        if frame.isEmpty {
            open[open.count - 1].isEmpty = false
        } else {
            guard peek == UInt8(ascii: ",") else { throw failure("expected ',' or an end") }
            at += 1
            skipBlanks()
        }
        return true
    }

    private mutating func close(_ frame: Frame) throws(JSONError) {
        if frame.isObject,
            let duplicate = census.close(from: frame.firstKey, hasWideKey: frame.hasWideKey, in: bytes)
        {
            throw JSONError("duplicate key", at: duplicate, in: bytes)
        }
        at += 1
        ends[frame.container] = UInt32(at)
        nexts[frame.container] = UInt32(ends.count)
        open.removeLast()
    }

    private mutating func value() throws(JSONError) {
        switch peek {
        case UInt8(ascii: "{"): try begin(isObject: true)
        case UInt8(ascii: "["): try begin(isObject: false)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw failure("expected a value")
        }
    }

    private mutating func begin(isObject: Bool) throws(JSONError) {
        guard open.count < depth else { throw failure("nested deeper than \(depth)") }
        open.append(Frame(container: ends.count, isObject: isObject, firstKey: census.count))
        ends.append(0)
        nexts.append(0)
        at += 1
    }

    private mutating func word(_ word: String) throws(JSONError) {
        guard bytes[at...].starts(with: word.utf8) else { throw failure("expected a value") }
        at += word.utf8.count
    }

    /// The byte here; 0, which no rule expects, at the end.
    private var peek: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func skipBlanks() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private func failure(_ message: String) -> JSONError {
        JSONError(at < bytes.count ? message : message + ", found the end", at: at, in: bytes)
    }
}

// Numbers.
extension JSONScanner {
    private mutating func number() throws(JSONError) {
        let start = at
        if peek == UInt8(ascii: "-") { at += 1 }
        if peek == UInt8(ascii: "0") { at += 1 } else { try digits() }
        var isInteger = true
        var mayOverflow = at - start > 300
        if peek == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            mayOverflow = true
            at += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        if isInteger, integersMustFit, at - start > 18, JSONSkim.integer(bytes, start..<at) == nil {
            throw JSONError("integer outside 64 bits", at: start, in: bytes)
        }
        if mayOverflow, JSONSkim.real(bytes, start..<at)?.isFinite != true {
            throw JSONError("number too large", at: start, in: bytes)
        }
    }

    private mutating func digits() throws(JSONError) {
        let start = at
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        guard at > start else { throw failure("expected a digit") }
    }
}

// Strings.
extension JSONScanner {
    /// Checks the string that opens here and goes behind it.
    private mutating func string() throws(JSONError) -> (hasEscape: Bool, isWide: Bool) {
        var hasEscape = false
        var isWide = false
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                return (hasEscape, isWide)
            } else if byte == UInt8(ascii: "\\") {
                hasEscape = true
                try escape()
            } else if byte >= 0x80 {
                isWide = true
                try scalar()
            } else if byte < 0x20 {
                throw failure("control character in a string")
            } else {
                at += 1
            }
        }
        throw failure("string without its end")
    }

    private mutating func escape() throws(JSONError) {
        at += 1
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            at += 1
            let unit = try hex4()
            if unit & 0xFC00 == 0xDC00 { throw failure("lone low surrogate") }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard peek == UInt8(ascii: "\\") else { throw failure("lone high surrogate") }
            at += 1
            guard peek == UInt8(ascii: "u") else { throw failure("lone high surrogate") }
            at += 1
            guard try hex4() & 0xFC00 == 0xDC00 else { throw failure("lone high surrogate") }
        default: throw failure("unknown escape")
        }
    }

    private mutating func hex4() throws(JSONError) -> UInt32 {
        guard bytes.count - at >= 4, let unit = JSONSkim.hex4(bytes, at) else {
            throw failure("expected four hexadecimal digits")
        }
        at += 4
        return unit
    }

    /// Table 3-7 of the Unicode standard: well-formed UTF-8 only, so no overlong form and no surrogate.
    private mutating func scalar() throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[at] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw failure("malformed UTF-8")
        }
        guard bytes.count - at >= length, second.contains(bytes[at + 1]) else { throw failure("malformed UTF-8") }
        for index in at + 2..<at + length where bytes[index] & 0xC0 != 0x80 { throw failure("malformed UTF-8") }
        at += length
    }
}
