internal import Core

/// One element of an `XMLDocument`. Names are without their namespace prefix.
struct XMLElement {
    let name: String
    let attributes: [String: String]
    /// From `<` of its start to behind `>` of its end.
    var range: Range<Int>
    /// Positions in the document's list.
    var children: [Int] = []
    fileprivate var characters: [UInt8] = []
    fileprivate let tag: ArraySlice<UInt8>

    /// What stands directly in the element, without blanks around it.
    var text: String {
        var text = Substring(String(decoding: characters, as: UTF8.self))
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

/// A small XML document: UTF-8, elements and attributes, bounded in every direction.
///
/// A document type is refused, and with it every entity but the five of XML itself and numbers: nothing can be looked up
/// or grow. Elements lie in one list, so that no depth of theirs is a depth of ours.
struct XMLDocument {
    private(set) var elements: [XMLElement] = []
    let bytes: [UInt8]

    private var at = 0
    private var open: [Int] = []
    private let deepest: Int
    private let most: Int

    init(_ bytes: [UInt8], bytesLimit: Int = 32 << 20, depth: Int = 48, count: Int = 400_000) throws(Malformed) {
        guard bytes.count <= bytesLimit else { throw Malformed("the XML is longer than \(bytesLimit) bytes") }
        self.bytes = bytes
        deepest = depth
        most = count
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "<") { try markup() } else { try characters() }
        }
        guard open.isEmpty, !elements.isEmpty else { throw failure("the XML ends too early") }
    }

    var root: XMLElement { elements[0] }

    func children(of element: XMLElement, named name: String) -> [XMLElement] {
        element.children.map { elements[$0] }.filter { $0.name == name }
    }

    /// Every element that this path of names leads to from the root's children.
    func elements(at path: String...) -> [XMLElement] {
        path.reduce([root]) { found, name in found.flatMap { children(of: $0, named: name) } }
    }

    private func failure(_ what: String) -> Malformed { Malformed(what, offset: at) }
}

extension XMLDocument {
    private mutating func markup() throws(Malformed) {
        if has("<!--") { return try skip(past: "-->") }
        if has("<?") { return try skip(past: "?>") }
        if has("<![CDATA[") {
            let start = at + 9
            try skip(past: "]]>")
            try add(bytes[start..<at - 3])
        } else if has("<!") {
            throw failure("the XML has a document type")
        } else if has("</") {
            try close()
        } else {
            try begin()
        }
    }

    private func has(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

    private mutating func skip(past mark: String) throws(Malformed) {
        let mark = Array(mark.utf8)
        while at + mark.count <= bytes.count {
            if bytes[at] == mark[0], bytes[at..<at + mark.count].elementsEqual(mark) {
                at += mark.count
                return
            }
            at += 1
        }
        at = bytes.count
        throw failure("the XML ends within a mark")
    }

    private mutating func begin() throws(Malformed) {
        guard !open.isEmpty || elements.isEmpty else { throw failure("the XML has two roots") }
        guard open.count < deepest else { throw failure("the XML is nested deeper than \(deepest)") }
        guard elements.count < most else { throw failure("the XML has more than \(most) elements") }
        let start = at
        at += 1
        let tag = try name()
        var attributes: [String: String] = [:]
        while true {
            skipBlanks()
            if has("/>") || has(">") { break }
            let key = try name()
            skipBlanks()
            guard peek == UInt8(ascii: "=") else { throw failure("an XML attribute has no value") }
            at += 1
            skipBlanks()
            let value = try attributeValue()
            guard attributes.updateValue(value, forKey: XMLDocument.local(key)) == nil else {
                throw failure("an XML attribute stands twice")
            }
        }
        let isEmpty = bytes[at] == UInt8(ascii: "/")
        at += isEmpty ? 2 : 1
        let here = elements.count
        elements.append(
            XMLElement(name: XMLDocument.local(tag), attributes: attributes, range: start..<at, tag: tag)
        )
        if let parent = open.last { elements[parent].children.append(here) }
        if !isEmpty { open.append(here) }
    }

    private mutating func close() throws(Malformed) {
        at += 2
        let tag = try name()
        skipBlanks()
        guard peek == UInt8(ascii: ">") else { throw failure("an XML end tag does not end") }
        at += 1
        guard let last = open.popLast(), elements[last].tag == tag else {
            throw failure("an XML end tag closes another element")
        }
        elements[last].range = elements[last].range.lowerBound..<at
    }

    private mutating func characters() throws(Malformed) {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "<") { at += 1 }
        try add(XMLDocument.decoded(bytes[start..<at])[...])
    }

    private mutating func add(_ text: ArraySlice<UInt8>) throws(Malformed) {
        guard String(validating: text, as: UTF8.self) != nil else { throw failure("the XML is not UTF-8") }
        if let last = open.last {
            elements[last].characters += text
        } else if text.contains(where: { $0 > 0x20 }) {
            throw failure("the XML has text outside its root")
        }
    }

    private mutating func name() throws(Malformed) -> ArraySlice<UInt8> {
        let start = at
        while at < bytes.count, XMLDocument.isNameByte(bytes[at]) { at += 1 }
        guard at > start, at - start <= 256 else { throw failure("the XML has a mark without a name") }
        return bytes[start..<at]
    }

    private mutating func attributeValue() throws(Malformed) -> String {
        let quote = peek
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw failure("an XML attribute has no quotes")
        }
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != quote, bytes[at] != UInt8(ascii: "<") { at += 1 }
        guard peek == quote else { throw failure("an XML attribute does not end") }
        let raw = bytes[start..<at]
        at += 1
        guard let text = String(validating: try XMLDocument.decoded(raw), as: UTF8.self) else {
            throw failure("the XML is not UTF-8")
        }
        return text
    }

    private var peek: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func skipBlanks() { while at < bytes.count, bytes[at] <= 0x20 { at += 1 } }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x3A, 0x80...: true
        default: false
        }
    }

    private static func local(_ tag: ArraySlice<UInt8>) -> String {
        let start = tag.lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? tag.startIndex
        return String(decoding: tag[start...], as: UTF8.self)
    }

    /// References replaced by what they stand for.
    private static func decoded(_ raw: ArraySlice<UInt8>) throws(Malformed) -> [UInt8] {
        guard raw.contains(UInt8(ascii: "&")) else { return Array(raw) }
        var text: [UInt8] = []
        var rest = raw
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "&") else {
                text.append(byte)
                continue
            }
            guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw Malformed("the XML has an '&' without its ';'")
            }
            text += try entity(String(decoding: rest[..<end], as: UTF8.self)).utf8
            rest = rest[(end + 1)...]
        }
        return text
    }

    private static func entity(_ name: String) throws(Malformed) -> String {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let isHex = name.hasPrefix("#x")
            let digits = name.dropFirst(isHex ? 2 : 1)
            guard name.hasPrefix("#"), let code = UInt32(digits, radix: isHex ? 16 : 10),
                let scalar = Unicode.Scalar(code)
            else { throw Malformed("the XML has the entity '&\(name);'") }
            return String(Character(scalar))
        }
    }
}
