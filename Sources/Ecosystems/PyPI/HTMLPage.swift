/// The links and metas of an HTML page; everything else in it is dropped.
struct HTMLPage {
    /// An element by its attributes (names in lower case, entities read, first of a name wins).
    struct Element {
        var attributes: [(name: String, value: String)] = []
        var text = ""

        subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }
    }

    var anchors: [Element] = []
    var metas: [Element] = []
    /// The first `<base href>`.
    var base: String?
    /// False where `<html>` or `<body>` was opened and neither closed: the page was cut.
    var isWhole = true

    init(_ bytes: [UInt8]) {
        var scanner = HTMLScanner(bytes)
        self = scanner.scan()
    }

    fileprivate init() {}
}

/// Walks once over a page, taking whatever stands there; nothing in it is an error.
private struct HTMLScanner {
    private let bytes: [UInt8]
    private var at = 0
    private var page = HTMLPage()
    private var open: HTMLPage.Element?
    private var text: [UInt8] = []
    private var isOpened = false
    private var isClosed = false

    private static let attributeLimit = 64
    private static let textLimit = 1_024
    /// Elements whose content is no markup.
    private static let opaque: Set<String> = [
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    ]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func scan() -> HTMLPage {
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "<") { takeText() } else { takeMarkup() }
        }
        closeAnchor()
        page.isWhole = isClosed || !isOpened
        return page
    }

    private mutating func takeText() {
        let end = bytes[at...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        if open != nil, text.count < Self.textLimit { text += bytes[at..<end].prefix(Self.textLimit) }
        at = end
    }

    private mutating func takeMarkup() {
        let next = at + 1 < bytes.count ? bytes[at + 1] : 0
        if starts(with: "<!--") {
            at = find("-->", from: at + 4).map { $0 + 3 } ?? bytes.count
        } else if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            skipTag()
        } else if next == UInt8(ascii: "/") {
            at += 2
            let name = takeName()
            skipTag()
            if name == "a" { closeAnchor() }
            if name == "html" || name == "body" { isClosed = true }
        } else if isLetter(next) {
            at += 1
            takeElement()
        } else {
            // A lone `<` is text.
            if open != nil { text.append(UInt8(ascii: "<")) }
            at += 1
        }
    }

    private mutating func takeElement() {
        let name = takeName()
        let element = takeAttributes()
        switch name {
        case "a":
            closeAnchor()
            open = element
        case "meta": page.metas.append(element)
        case "base": if page.base == nil { page.base = element["href"] }
        case "html", "body": isOpened = true
        default: break
        }
        guard Self.opaque.contains(name) else { return }
        at = find("</\(name)", from: at) ?? bytes.count
    }

    private mutating func closeAnchor() {
        guard var anchor = open else { return }
        anchor.text = HTMLText.decode(text[...])
        page.anchors.append(anchor)
        open = nil
        text = []
    }

    private mutating func takeName() -> String {
        let start = at
        while at < bytes.count, !isBlank(bytes[at]), bytes[at] != UInt8(ascii: ">"), bytes[at] != UInt8(ascii: "/") {
            at += 1
        }
        return String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
    }

    /// Reads up to and over the `>`.
    private mutating func takeAttributes() -> HTMLPage.Element {
        var element = HTMLPage.Element()
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: ">") {
                at += 1
                break
            }
            if isBlank(byte) || byte == UInt8(ascii: "/") {
                at += 1
                continue
            }
            let attribute = takeAttribute()
            if element[attribute.name] == nil, element.attributes.count < Self.attributeLimit {
                element.attributes.append(attribute)
            }
        }
        return element
    }

    private mutating func takeAttribute() -> (name: String, value: String) {
        let start = at
        // The first byte is part of the name whatever it is, or this would not move on.
        at += 1
        while at < bytes.count, !isBlank(bytes[at]), bytes[at] != UInt8(ascii: "="), bytes[at] != UInt8(ascii: ">"),
            bytes[at] != UInt8(ascii: "/")
        { at += 1 }
        let name = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
        skipBlanks()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { return (name, "") }
        at += 1
        skipBlanks()
        guard at < bytes.count else { return (name, "") }
        let quote = bytes[at]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let end = bytes[(at + 1)...].firstIndex(of: quote) ?? bytes.count
            let value = HTMLText.decode(bytes[(at + 1)..<end])
            at = min(end + 1, bytes.count)
            return (name, value)
        }
        let valueStart = at
        while at < bytes.count, !isBlank(bytes[at]), bytes[at] != UInt8(ascii: ">") { at += 1 }
        return (name, HTMLText.decode(bytes[valueStart..<at]))
    }

    private mutating func skipTag() {
        at = bytes[at...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.count
    }

    private mutating func skipBlanks() { while at < bytes.count, isBlank(bytes[at]) { at += 1 } }

    private func starts(with text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

    /// Where this lower-case ASCII text begins, whatever its case in the page.
    private func find(_ text: String, from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count, start <= bytes.count - wanted.count else { return nil }
        for place in start...(bytes.count - wanted.count) where bytes[place] == wanted[0] {
            let isThere = wanted.indices.allSatisfy { offset in
                let byte = bytes[place + offset]
                return ((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) == wanted[offset]
            }
            if isThere { return place }
        }
        return nil
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
}
