/// The name of a package, or of one of its releases, in any ecosystem (package-url specification).
///
/// Two purls are equal when their canonical texts are. `init(type:…)` takes parts as they are; `init(parsing:)`
/// reads and normalises text from outside.
public struct Purl: Hashable, Sendable {
    public let type: String
    /// Segments joined by `/`, decoded.
    public let namespace: String?
    public let name: String
    public let version: String?
    public let qualifiers: [String: String]
    public let subpath: String?

    public init(
        type: String,
        namespace: String? = nil,
        name: String,
        version: String? = nil,
        qualifiers: [String: String] = [:]
    ) {
        self.init(type, namespace, name, version, qualifiers, nil)
    }

    private init(
        _ type: String,
        _ namespace: String?,
        _ name: String,
        _ version: String?,
        _ qualifiers: [String: String],
        _ subpath: String?
    ) {
        self.type = type
        self.namespace = namespace
        self.name = name
        self.version = version
        self.qualifiers = qualifiers
        self.subpath = subpath
    }

    /// The package without version, qualifiers and subpath.
    public var package: Purl { Purl(type, namespace, name, nil, [:], nil) }

    /// The release without qualifiers and subpath.
    public var release: Purl { Purl(type, namespace, name, version, [:], nil) }

    public func at(_ version: String) -> Purl { Purl(type, namespace, name, version, qualifiers, subpath) }

    public func with(_ qualifiers: [String: String]) -> Purl {
        let merged = self.qualifiers.merging(qualifiers) { _, new in new }
        return Purl(type, namespace, name, version, merged, subpath)
    }

    /// `namespace/name`, or the bare name: how people call the package.
    public var path: String { namespace.map { "\($0)/\(name)" } ?? name }
}

extension Purl: CustomStringConvertible, Comparable {
    public var description: String {
        var text = "pkg:\(type)/"
        if let namespace, !namespace.isEmpty {
            text += namespace.split(separator: "/").map { PercentEncoding.encode(String($0), keeping: ":") }
                .joined(separator: "/")
            text += "/"
        }
        text += PercentEncoding.encode(name, keeping: ":")
        if let version { text += "@" + PercentEncoding.encode(version, keeping: ":") }
        let pairs = qualifiers.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        if !pairs.isEmpty {
            text +=
                "?"
                + pairs.map { "\($0.key)=\(PercentEncoding.encode($0.value, keeping: ":"))" }
                .joined(separator: "&")
        }
        if let subpath {
            text +=
                "#"
                + subpath.split(separator: "/").map { PercentEncoding.encode(String($0), keeping: ":") }
                .joined(separator: "/")
        }
        return text
    }

    public static func < (a: Purl, b: Purl) -> Bool { a.description.utf8.lexicographicallyPrecedes(b.description.utf8) }
}

extension Purl {
    /// Reads a purl as the specification's "How to parse" section says, with its rules per type.
    public init(parsing text: String) throws(Malformed) {
        var rest = Substring(text)
        guard let colon = rest.firstIndex(of: ":"), rest[..<colon].lowercased() == "pkg" else {
            throw Malformed("a purl starts with pkg:")
        }
        rest = rest[rest.index(after: colon)...]
        let subpath = Purl.cut(&rest, at: "#", fromEnd: true).map(String.init)
        let qualifierText = Purl.cut(&rest, at: "?", fromEnd: true)
        while rest.hasPrefix("/") { rest = rest.dropFirst() }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let slash = rest.firstIndex(of: "/") else { throw Malformed("a purl needs a type and a name") }
        let type = rest[..<slash].lowercased()
        guard Purl.isType(type) else { throw Malformed("'\(type)' is not a purl type") }
        rest = rest[rest.index(after: slash)...]
        let version = try Purl.cutVersion(&rest).map { text throws(Malformed) in try Purl.decoded(text) }
        let segments = rest.split(separator: "/")
        guard let last = segments.last else { throw Malformed("a purl needs a name") }
        let name = try Purl.decoded(last)
        var namespace: [String] = []
        for segment in segments.dropLast() { namespace.append(try Purl.decoded(segment)) }
        try self.init(
            normalizing: type,
            namespace.isEmpty ? nil : namespace.joined(separator: "/"),
            name,
            version,
            Purl.qualifiers(qualifierText),
            Purl.subpath(subpath)
        )
    }

    private init(
        normalizing type: String,
        _ namespace: String?,
        _ name: String,
        _ version: String?,
        _ qualifiers: [String: String],
        _ subpath: String?
    ) throws(Malformed) {
        guard !name.isEmpty else { throw Malformed("a purl needs a name") }
        let rules = PurlType.rules(of: type)
        if rules.forbidsNamespace, namespace != nil { throw Malformed("\(type) purls have no namespace") }
        if rules.needsNamespace, namespace == nil { throw Malformed("\(type) purls need a namespace") }
        self.init(
            type,
            rules.lowersNamespace ? namespace?.lowercased() : namespace,
            rules.normalized(name: name, qualifiers: qualifiers),
            version.flatMap { $0.isEmpty ? nil : $0 }.map { rules.lowersVersion ? $0.lowercased() : $0 },
            qualifiers,
            subpath
        )
    }

    private static func cut(_ rest: inout Substring, at mark: Character, fromEnd: Bool) -> Substring? {
        guard let at = fromEnd ? rest.lastIndex(of: mark) : rest.firstIndex(of: mark) else { return nil }
        defer { rest = rest[..<at] }
        return rest[rest.index(after: at)...]
    }

    /// The version stands behind the last `@` that follows the last `/`; an `@` that starts a scope is no mark.
    private static func cutVersion(_ rest: inout Substring) -> Substring? {
        guard let at = rest.lastIndex(of: "@"), at != rest.startIndex else { return nil }
        if rest[rest.index(before: at)] == "/" { return nil }
        defer { rest = rest[..<at] }
        return rest[rest.index(after: at)...]
    }

    private static func decoded(_ text: Substring) throws(Malformed) -> String {
        guard let decoded = PercentEncoding.decode(text) else { throw Malformed("bad percent code in '\(text)'") }
        return decoded
    }

    private static func isType(_ type: String) -> Bool {
        guard let first = type.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return type.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
        }
    }

    private static func qualifiers(_ text: Substring?) throws(Malformed) -> [String: String] {
        var pairs: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].lowercased()
            guard let first = key.utf8.first, !(0x30...0x39).contains(first),
                key.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) && $0 != 0x7E })
            else { throw Malformed("'\(key)' is not a qualifier key") }
            guard parts.count == 2 else { continue }
            let value = try decoded(parts[1])
            guard pairs.updateValue(value, forKey: key) == nil else { throw Malformed("qualifier '\(key)' twice") }
        }
        return pairs.filter { !$0.value.isEmpty }
    }

    private static func subpath(_ text: String?) throws(Malformed) -> String? {
        var segments: [String] = []
        for segment in (text ?? "").split(separator: "/") {
            let decoded = try decoded(segment)
            if decoded.isEmpty || decoded == "." || decoded == ".." { continue }
            segments.append(decoded)
        }
        return segments.isEmpty ? nil : segments.joined(separator: "/")
    }
}
