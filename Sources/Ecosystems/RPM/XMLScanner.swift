internal import Core

/// Walks over the tags and texts of an XML that comes piece by piece. What could be read in two ways (a document type,
/// entities of its own) is refused.
struct XMLScanner {
    enum Event {
        /// A tag that opens, with its attributes unread; `isEmpty` closes it too.
        case open(name: Range<Int>, tag: Range<Int>, isEmpty: Bool)
        case close(name: Range<Int>)
        case text(Range<Int>)
    }

    private var bytes: [UInt8] = []
    private var at = 0
    private static let longest = 1 << 20

    /// Ranges of earlier events mean nothing after this.
    mutating func append(_ piece: ArraySlice<UInt8>) {
        bytes.removeSubrange(..<at)
        at = 0
        bytes += piece
    }

    /// The next event; nil when it is not all there yet.
    mutating func next() throws(Malformed) -> Event? {
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "<") else {
                guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "<")) else { return try wait() }
                defer { at = end }
                return .text(at..<end)
            }
            guard at + 4 <= bytes.count else { return nil }
            switch bytes[at + 1] {
            case UInt8(ascii: "?"): guard try skip(to: "?>") else { return nil }
            case UInt8(ascii: "!"):
                guard bytes[at...].starts(with: "<!--".utf8) else {
                    throw Malformed("the document has a declaration that is not read")
                }
                guard try skip(to: "-->") else { return nil }
            default: return try tag()
            }
        }
        return nil
    }

    var isAtEnd: Bool { bytes[at...].allSatisfy { $0 <= 0x20 } }

    private func wait() throws(Malformed) -> Event? {
        guard bytes.count - at <= XMLScanner.longest else { throw Malformed("the document has a part without an end") }
        return nil
    }

    /// False when the end is not there yet.
    private mutating func skip(to mark: String) throws(Malformed) -> Bool {
        let mark = Array(mark.utf8)
        var place = at + 2
        while place + mark.count <= bytes.count {
            if bytes[place..<place + mark.count].elementsEqual(mark) {
                at = place + mark.count
                return true
            }
            place += 1
        }
        _ = try wait()
        return false
    }

    private mutating func tag() throws(Malformed) -> Event? {
        var end = at + 1
        var quote: UInt8?
        while end < bytes.count {
            let byte = bytes[end]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                break
            } else if byte == UInt8(ascii: "<") {
                throw Malformed("the document has a tag within a tag")
            }
            end += 1
        }
        guard end < bytes.count else { return try wait() }
        let isClose = bytes[at + 1] == UInt8(ascii: "/")
        let start = at + (isClose ? 2 : 1)
        let isEmpty = bytes[end - 1] == UInt8(ascii: "/")
        var stop = start
        while stop < end, bytes[stop] > 0x20, bytes[stop] != UInt8(ascii: "/") { stop += 1 }
        guard stop > start else { throw Malformed("the document has a tag without a name") }
        at = end + 1
        return isClose ? .close(name: start..<stop) : .open(name: start..<stop, tag: stop..<end, isEmpty: isEmpty)
    }

    func isNamed(_ range: Range<Int>, _ name: String) -> Bool { bytes[range].elementsEqual(name.utf8) }

    func name(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// An attribute's value, its entities decoded. The first of that name counts; a second one is refused.
    func attribute(_ name: String, in tag: Range<Int>) throws(Malformed) -> String? {
        var found: String?
        var place = tag.lowerBound
        while place < tag.upperBound {
            guard let equals = bytes[place..<tag.upperBound].firstIndex(of: UInt8(ascii: "=")) else { break }
            let key = bytes[place..<equals].filter { $0 > 0x20 }
            var open = equals + 1
            while open < tag.upperBound, bytes[open] <= 0x20 { open += 1 }
            guard open < tag.upperBound, bytes[open] == UInt8(ascii: "\"") || bytes[open] == UInt8(ascii: "'"),
                let close = bytes[(open + 1)..<tag.upperBound].firstIndex(of: bytes[open])
            else { throw Malformed("an attribute has no value") }
            if key.elementsEqual(name.utf8) {
                guard found == nil else { throw Malformed("a tag has '\(name)' twice") }
                found = try text(open + 1..<close)
            }
            place = close + 1
        }
        return found
    }

    /// A text without the blanks around it, its entities decoded.
    func text(_ range: Range<Int>) throws(Malformed) -> String {
        var range = range
        while let first = range.first, bytes[first] <= 0x20 { range = first + 1..<range.upperBound }
        while let last = range.last, bytes[last] <= 0x20 { range = range.lowerBound..<last }
        let raw = String(decoding: bytes[range], as: UTF8.self)
        guard raw.utf8.contains(UInt8(ascii: "&")) else { return raw }
        return try XMLScanner.decoded(raw)
    }

    private static func decoded(_ raw: String) throws(Malformed) -> String {
        var text = ""
        var rest = Substring(raw)
        while let mark = rest.firstIndex(of: "&") {
            text += rest[..<mark]
            rest = rest[rest.index(after: mark)...]
            guard let end = rest.firstIndex(of: ";"), let scalar = scalar(rest[..<end]) else {
                throw Malformed("the document has an entity that is not read")
            }
            text.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    private static func scalar(_ name: Substring) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#"), name.utf8.count <= 8 else { return nil }
            let digits = name.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap(Unicode.Scalar.init)
        }
    }
}
