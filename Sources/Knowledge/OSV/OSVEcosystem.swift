internal import Core

/// The schema's ecosystem names in our words.
enum OSVEcosystem {
    /// How the schema spells names of an ecosystem.
    private enum Spelling {
        case plain
        /// `scope/name`, `vendor/name`, `host/path/name`.
        case path
        /// `group:artifact`.
        case colon
        /// A URL, with or without its scheme.
        case url
        /// Distributions: purls have their name as the namespace.
        case distribution(String)
    }

    /// The package; nil where neither the ecosystem nor a purl tells.
    static func package(ecosystem: String, name: String, purl: String?) -> Purl? {
        let family = ecosystem.split(separator: ":", maxSplits: 1).first.map(String.init) ?? ecosystem
        guard let (type, spelling) = table[family] else {
            return purl.flatMap { try? Purl(parsing: $0).package }
        }
        switch spelling {
        case .plain: return name.isEmpty ? nil : Purl(type: type, name: name)
        case .distribution(let namespace):
            return name.isEmpty ? nil : Purl(type: type, namespace: namespace, name: name)
        case .path: return split(type, name[...], at: "/")
        case .colon: return split(type, name[...], at: ":")
        case .url:
            var path = name[...]
            if let mark = path.firstRange(of: "://") { path = path[mark.upperBound...] }
            if path.hasSuffix(".git") { path = path.dropLast(4) }
            return split(type, path, at: "/")
        }
    }

    /// A repository at one of the hosts that purls have a type for; nil for any other.
    static func repository(_ url: String) -> Purl? {
        var path = url[...]
        if let mark = path.firstRange(of: "://") { path = path[mark.upperBound...] }
        if path.hasSuffix("/") { path = path.dropLast() }
        if path.hasSuffix(".git") { path = path.dropLast(4) }
        for (host, type) in [("github.com/", "github"), ("bitbucket.org/", "bitbucket"), ("gitlab.com/", "gitlab")]
        where path.lowercased().hasPrefix(host) {
            return split(type, path.dropFirst(host.utf8.count), at: "/")
        }
        return nil
    }

    private static func split(_ type: String, _ path: Substring, at mark: Character) -> Purl? {
        guard let at = path.lastIndex(of: mark) else {
            return path.isEmpty ? nil : Purl(type: type, name: String(path))
        }
        let name = path[path.index(after: at)...]
        let namespace = path[..<at]
        guard !name.isEmpty else { return nil }
        return Purl(type: type, namespace: namespace.isEmpty ? nil : String(namespace), name: String(name))
    }

    private static let table: [String: (String, Spelling)] = [
        "Alpine": ("apk", .distribution("alpine")),
        "CRAN": ("cran", .plain),
        "ConanCenter": ("conan", .plain),
        "Debian": ("deb", .distribution("debian")),
        "Go": ("golang", .path),
        "Hackage": ("hackage", .plain),
        "Hex": ("hex", .plain),
        "Julia": ("julia", .plain),
        "Maven": ("maven", .colon),
        "NuGet": ("nuget", .plain),
        "Packagist": ("composer", .path),
        "Pub": ("pub", .plain),
        "PyPI": ("pypi", .plain),
        "RubyGems": ("gem", .plain),
        "SwiftURL": ("swift", .url),
        "Ubuntu": ("deb", .distribution("ubuntu")),
        "crates.io": ("cargo", .plain),
        "npm": ("npm", .path),
        "opam": ("opam", .plain),
    ]
}
