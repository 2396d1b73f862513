extension Purl {
    /// Reads a purl as the specification's "How to parse" section says, with its rules per type.
    ///
    /// `isTolerant` also takes qualifier keys that start with a capital, for text typed by people.
    public init(parsing text: String, isTolerant: Bool = false) throws(Malformed) {
        var rest = Substring(text)
        guard let colon = rest.firstIndex(of: ":"), rest[..<colon].lowercased() == "pkg" else {
            throw Malformed("a purl starts with pkg:")
        }
        rest = rest[rest.index(after: colon)...]
        let subpath = try Purl.subpath(Purl.cut(&rest, at: "#"))
        let qualifiers = try Purl.qualifiers(Purl.cut(&rest, at: "?"), isTolerant: isTolerant)
        while rest.hasPrefix("/") { rest = rest.dropFirst() }
        guard let slash = rest.firstIndex(of: "/") else { throw Malformed("a purl needs a type and a name") }
        let type = rest[..<slash].lowercased()
        rest = rest[rest.index(after: slash)...]
        let version = try Purl.cutVersion(&rest).map { text throws(Malformed) in try Purl.decoded(text) }
        while rest.hasSuffix("/"), version == nil { rest = rest.dropLast() }
        guard !rest.hasSuffix("/") else { throw Malformed("a purl needs a name") }
        var segments: [String] = []
        for segment in rest.split(separator: "/") { segments.append(try Purl.decoded(segment)) }
        // The path of a repository is its name: only the host stands before it.
        let nameLength = PurlType.rules(of: type).namesHavePaths ? max(segments.count - 1, 1) : 1
        let parts = Purl(
            type: type,
            namespace: segments.dropLast(nameLength).joined(separator: "/"),
            name: segments.suffix(nameLength).joined(separator: "/"),
            version: version,
            qualifiers: qualifiers
        )
        self = try parts.with(subpath: subpath).normalized()
    }

    /// The same purl judged and normalised by the rules of its type; empty parts count as absent.
    public func normalized() throws(Malformed) -> Purl {
        var purl = Purl(
            type: type.lowercased(),
            namespace: namespace.map(Purl.withoutEmptySegments).flatMap { $0.isEmpty ? nil : $0 },
            name: PurlType.rules(of: type.lowercased()).namesHavePaths ? Purl.withoutEmptySegments(name) : name,
            version: version.flatMap { $0.isEmpty ? nil : $0 },
            qualifiers: qualifiers.filter { !$0.value.isEmpty }
        )
        guard Purl.isType(purl.type) else { throw Malformed("'\(type)' is not a purl type") }
        guard !purl.name.isEmpty else { throw Malformed("a purl needs a name") }
        for key in qualifiers.keys where !Purl.isKey(key) { throw Malformed("'\(key)' is not a qualifier key") }
        try PurlType.rules(of: purl.type).apply(to: &purl)
        purl.subpath = subpath.flatMap { Purl.joinedSubpath($0.split(separator: "/").map(String.init)) }
        return purl
    }

    /// Encoded slashes may stand beside each other or at an end; the canonical text has no empty segment.
    private static func withoutEmptySegments(_ path: String) -> String {
        path.split(separator: "/").joined(separator: "/")
    }

    private static func cut(_ rest: inout Substring, at mark: Character) -> Substring? {
        guard let at = rest.lastIndex(of: mark) else { return nil }
        defer { rest = rest[..<at] }
        return rest[rest.index(after: at)...]
    }

    /// The version stands behind the last `@` that follows the last `/`; an `@` that starts a scope is no mark.
    private static func cutVersion(_ rest: inout Substring) throws(Malformed) -> Substring? {
        guard let at = rest.lastIndex(of: "@") else { return nil }
        guard at != rest.startIndex, rest[rest.index(before: at)] != "/" else {
            guard rest[at...].contains("/") else { throw Malformed("a purl needs a name") }
            return nil
        }
        defer { rest = rest[..<at] }
        return rest[rest.index(after: at)...]
    }

    private static func decoded(_ text: Substring) throws(Malformed) -> String {
        guard let decoded = PercentEncoding.decode(text) else { throw Malformed("bad percent code in '\(text)'") }
        return decoded
    }

    private static func isType(_ type: String) -> Bool {
        guard let first = type.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return type.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
        }
    }

    private static func isKey(_ key: String) -> Bool {
        guard let first = key.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return key.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E && !(0x41...0x5A).contains($0) }
    }

    private static func qualifiers(_ text: Substring?, isTolerant: Bool) throws(Malformed) -> [String: String] {
        var pairs: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].lowercased()
            guard isKey(key), isTolerant || parts[0].first == key.first else {
                throw Malformed("'\(parts[0])' is not a qualifier key")
            }
            guard parts.count == 2 else { continue }
            let value = try decoded(parts[1])
            guard pairs.updateValue(value, forKey: key) == nil else { throw Malformed("qualifier '\(key)' twice") }
        }
        return pairs
    }

    private static func subpath(_ text: Substring?) throws(Malformed) -> String? {
        var segments: [String] = []
        for segment in (text ?? "").split(separator: "/") { segments.append(try decoded(segment)) }
        return joinedSubpath(segments)
    }

    private static func joinedSubpath(_ segments: [String]) -> String? {
        let kept = segments.filter { !$0.isEmpty && $0 != "." && $0 != ".." }
        return kept.isEmpty ? nil : kept.joined(separator: "/")
    }
}
