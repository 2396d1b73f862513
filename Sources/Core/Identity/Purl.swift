/// The name of a package, or of one of its releases, in any ecosystem (package-url specification).
///
/// Two purls are equal when their canonical texts are. `init(type:…)` takes parts as they are; `init(parsing:)` reads
/// text from outside and judges it by the rules of its type, as `normalized()` does with parts.
public struct Purl: Hashable, Sendable {
    public let type: String
    /// Segments joined by `/`, decoded.
    public internal(set) var namespace: String?
    public internal(set) var name: String
    public internal(set) var version: String?
    public internal(set) var qualifiers: [String: String]
    public internal(set) var subpath: String?

    public init(
        type: String,
        namespace: String? = nil,
        name: String,
        version: String? = nil,
        qualifiers: [String: String] = [:]
    ) {
        self.type = type
        self.namespace = namespace
        self.name = name
        self.version = version
        self.qualifiers = qualifiers
    }

    /// The package without version, qualifiers and subpath.
    public var package: Purl { Purl(type: type, namespace: namespace, name: name) }

    /// The release without qualifiers and subpath.
    public var release: Purl { Purl(type: type, namespace: namespace, name: name, version: version) }

    public func at(_ version: String) -> Purl {
        var copy = self
        copy.version = version
        return copy
    }

    public func with(_ qualifiers: [String: String]) -> Purl {
        var copy = self
        copy.qualifiers.merge(qualifiers) { _, new in new }
        return copy
    }

    public func with(subpath: String?) -> Purl {
        var copy = self
        copy.subpath = subpath
        return copy
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
        text += PercentEncoding.encode(name, keeping: PurlType.rules(of: type).namesHavePaths ? ":/" : ":")
        if let version { text += "@" + PercentEncoding.encode(version, keeping: ":") }
        let pairs = qualifiers.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        if !pairs.isEmpty {
            text += "?"
            text += pairs.map { "\($0.key)=\(PercentEncoding.encode($0.value, keeping: ":"))" }.joined(separator: "&")
        }
        if let subpath {
            text += "#"
            text += subpath.split(separator: "/").map { PercentEncoding.encode(String($0), keeping: ":") }
                .joined(separator: "/")
        }
        return text
    }

    public static func < (a: Purl, b: Purl) -> Bool { a.description.utf8.lexicographicallyPrecedes(b.description.utf8) }
}
