internal import Core

/// The terms of `mix.lock` (Elixir) and `rebar.lock` (Erlang), as far as both write them.
indirect enum ErlangTerm {
    /// A string, a binary or a number, without its marks.
    case text(String)
    case atom(String)
    /// A tuple, a list, or the content of a map.
    case items([ErlangTerm])

    var text: String? {
        switch self {
        case .text(let text), .atom(let text): text
        case .items: nil
        }
    }

    var items: [ErlangTerm]? { if case .items(let items) = self { items } else { nil } }
}

/// Reads them. Maps are read as the sequence of their keys and values.
struct ErlangTerms {
    private let bytes: [UInt8]
    private var at = 0
    private static let deepest = 64

    /// `%{"name": {:hex, :name, "1.0.0", "INNER", [:mix], [DEPENDENCIES], "hexpm", "OUTER"}, …}`
    static func mixPins(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        var terms = ErlangTerms(bytes: document)
        guard let map = try terms.term(depth: 0).items else { throw Malformed("mix.lock is no map") }
        return map.compactMap { entry in
            guard let parts = entry.items, parts.count >= 4, parts[0].text == "hex" else { return nil }
            return HexPM.pin(
                parts[1].text,
                parts[2].text,
                outer: parts.count > 7 ? parts[7].text : nil,
                of: parts.count > 6 ? parts[6].text : nil
            )
        }
    }

    /// `{"1.2.0", [{<<"name">>,{pkg,<<"name">>,<<"1.0.0">>},0}, …]}.` and then the hashes.
    static func rebarPins(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        var terms = ErlangTerms(bytes: document)
        guard let first = try terms.term(depth: 0).items else { throw Malformed("rebar.lock is no list of packages") }
        let packages = first.count == 2 && first[0].text != nil ? first[1].items ?? [] : first
        var outer: [String: String] = [:]
        terms.skipBlanks()
        if terms.at < document.count {
            for group in try terms.term(depth: 0).items ?? [] where group.items?.first?.text == "pkg_hash_ext" {
                for pair in group.items?.last?.items ?? [] {
                    if let pair = pair.items, pair.count == 2, let name = pair[0].text { outer[name] = pair[1].text }
                }
            }
        }
        return packages.compactMap { entry in
            guard let parts = entry.items, parts.count >= 2, let source = parts[1].items, source.count >= 3,
                source[0].text == "pkg"
            else { return nil }
            return HexPM.pin(source[1].text, source[2].text, outer: parts[0].text.flatMap { outer[$0] })
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ offset: Int = 0) -> UInt8? { at + offset < bytes.count ? bytes[at + offset] : nil }

    /// Blanks, commas, arrows between keys and values, full stops and comments carry no meaning here.
    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let next = peek(), next != 0x0A { at += 1 }
            } else if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ".") {
                at += 1
            } else if byte == UInt8(ascii: "="), peek(1) == UInt8(ascii: ">") {
                at += 2
            } else {
                return
            }
        }
    }

    private mutating func term(depth: Int) throws(Malformed) -> ErlangTerm {
        guard depth < ErlangTerms.deepest else { throw Malformed("the lockfile is nested too deep", offset: at) }
        skipBlanks()
        switch peek() {
        case UInt8(ascii: "%") where peek(1) == UInt8(ascii: "{"):
            at += 2
            return .items(try items(until: UInt8(ascii: "}"), depth))
        case UInt8(ascii: "{"):
            at += 1
            return .items(try items(until: UInt8(ascii: "}"), depth))
        case UInt8(ascii: "["):
            at += 1
            return .items(try items(until: UInt8(ascii: "]"), depth))
        case UInt8(ascii: "<") where bytes[at...].starts(with: "<<\"".utf8):
            at += 2
            let text = try string()
            guard peek() == UInt8(ascii: ">"), peek(1) == UInt8(ascii: ">") else {
                throw Malformed("a binary has no end", offset: at)
            }
            at += 2
            return .text(text)
        case UInt8(ascii: "\""): return try quoted()
        case UInt8(ascii: ":"):
            at += 1
            return peek() == UInt8(ascii: "\"") ? .atom(try string()) : .atom(try word())
        default: return .atom(try word())
        }
    }

    private mutating func items(until end: UInt8, _ depth: Int) throws(Malformed) -> [ErlangTerm] {
        var items: [ErlangTerm] = []
        while true {
            skipBlanks()
            guard let byte = peek() else { throw Malformed("the lockfile ends too soon") }
            if byte == end {
                at += 1
                return items
            }
            items.append(try term(depth: depth + 1))
        }
    }

    /// A string; with a colon behind it the key of a pair.
    private mutating func quoted() throws(Malformed) -> ErlangTerm {
        let text = try string()
        guard peek() == UInt8(ascii: ":") else { return .text(text) }
        at += 1
        return .atom(text)
    }

    private mutating func string() throws(Malformed) -> String {
        let start = at + 1
        at = start
        while let byte = peek(), byte != UInt8(ascii: "\"") {
            guard byte != UInt8(ascii: "\\") else {
                at += 2
                continue
            }
            at += 1
        }
        guard at < bytes.count else { throw Malformed("a string has no end", offset: start) }
        defer { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// An atom, a number, or a key with its colon.
    private mutating func word() throws(Malformed) -> String {
        let start = at
        while let byte = peek(), isWord(byte) { at += 1 }
        guard at > start else { throw Malformed("the lockfile has a letter that is not read", offset: at) }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if peek() == UInt8(ascii: ":") { at += 1 }
        return text
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x40, 0x2D, 0x21, 0x3F: true
        default: false
        }
    }
}
