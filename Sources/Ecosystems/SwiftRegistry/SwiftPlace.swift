internal import Core

/// What a path of a Swift package registry stands for. The registry may lie below a prefix, so it is read from its end.
struct SwiftPlace {
    enum Kind: Hashable {
        case package, release, manifest
        case archive(String)
        /// `identifiers`, `login`, `availability`.
        case service(String)
    }

    let kind: Kind
    /// `pkg:swift/HOST/SCOPE/NAME`, with the version where the path has one.
    let purl: Purl

    init(_ url: HTTPURL) throws(Malformed) {
        var parts = url.segments
        for part in parts { try SwiftPlace.check(part) }
        let none = Purl(type: "swift", namespace: url.origin.host, name: "")
        if let last = parts.last, ["identifiers", "login", "availability"].contains(last) {
            (kind, purl) = (.service(last), none)
            return
        }
        guard let last = parts.last, parts.count >= 2 else { throw Malformed("the path names no package") }
        let version: String?
        if last == "Package.swift" {
            parts.removeLast()
            version = parts.popLast()
            kind = .manifest
        } else if last.hasSuffix(".zip"), SemanticVersion(String(last.dropLast(4))) != nil {
            parts.removeLast()
            version = String(last.dropLast(4))
            kind = .archive(last)
        } else if parts.count >= 3, SemanticVersion(SwiftPlace.bare(last)) != nil {
            parts.removeLast()
            version = SwiftPlace.bare(last)
            kind = .release
        } else {
            version = nil
            kind = .package
        }
        if let version { guard SemanticVersion(version) != nil else { throw Malformed("the path names no version") } }
        guard parts.count >= 2, let name = parts.popLast().map(SwiftPlace.bare), let scope = parts.popLast(),
            SwiftPlace.isScope(scope), SwiftPlace.isName(name)
        else { throw Malformed("the path is not SCOPE/NAME") }
        purl = Purl(type: "swift", namespace: "\(url.origin.host)/\(scope)", name: name, version: version)
    }

    private static func bare(_ text: String) -> String { text.hasSuffix(".json") ? String(text.dropLast(5)) : text }

    private static func check(_ part: String) throws(Malformed) {
        let isPlain = part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x5C && $0 != 0x25 }
        guard isPlain, part != "..", part.utf8.count <= 300 else { throw Malformed("the path names no package") }
    }

    /// Registry.md §3.6: letters, digits and single dashes inside, at most 39.
    private static func isScope(_ text: String) -> Bool { isWord(text, extra: [], atMost: 39) }

    /// As a scope, with underscores, at most 100.
    private static func isName(_ text: String) -> Bool { isWord(text, extra: [0x5F], atMost: 100) }

    private static func isWord(_ text: String, extra: Set<UInt8>, atMost: Int) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= atMost else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard isAlphanumeric(first), isAlphanumeric(last) else { return false }
        var before: UInt8 = 0
        for byte in bytes {
            guard isAlphanumeric(byte) || byte == 0x2D || extra.contains(byte) else { return false }
            if byte == before, byte == 0x2D { return false }
            before = byte
        }
        return true
    }
}
