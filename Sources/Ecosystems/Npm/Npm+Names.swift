public import Core

extension Npm {
    /// Decoded segments, a scope always apart from its name: clients write both `/@scope%2fname` and `/@scope/name`.
    static func segments(of url: HTTPURL) -> [String] {
        url.segments.flatMap { segment in
            segment.hasPrefix("@") ? segment.split(separator: "/").map(String.init) : [segment]
        }
    }

    /// Splits the package off the front of a path.
    static func split(_ segments: [String]) throws(Malformed) -> (package: Purl, rest: [String]) {
        guard let first = segments.first else { throw Malformed("the path names no package") }
        guard first.hasPrefix("@") else { return (try package(first), Array(segments.dropFirst())) }
        guard segments.count > 1 else { throw Malformed("the path names a scope without a package") }
        return (try package("\(first)/\(segments[1])"), Array(segments.dropFirst(2)))
    }

    /// The package of that name; case is kept, since old names differ in nothing else (`JSONStream`, `jsonstream`).
    static func package(_ name: String) throws(Malformed) -> Purl {
        guard name.utf8.count <= 214 else { throw Malformed("a package name has at most 214 bytes") }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isScoped = name.hasPrefix("@")
        guard let last = parts.last, parts.count == (isScoped ? 2 : 1), isNamePart(last),
            !isScoped || isNamePart(parts[0].dropFirst())
        else { throw Malformed("'\(name)' is not an npm package name") }
        return Purl(type: "npm", namespace: isScoped ? String(parts[0]) : nil, name: String(last))
    }

    /// The legacy rules of npm's own check: what `encodeURIComponent` leaves alone, not led by a dot or underscore.
    private static func isNamePart(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "_") else { return false }
        return part.utf8.allSatisfy { PercentEncoding.isUnreserved($0) || "!*'()".utf8.contains($0) }
    }

    /// A version or a tag in a path.
    static func checkSpec(_ spec: String) throws(Malformed) {
        guard !spec.isEmpty, spec.utf8.count <= 256, spec.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F })
        else {
            throw Malformed("the path names neither a version nor a tag")
        }
    }

    /// The path of the package's index, the slash of a scope encoded as npm does.
    static func target(of package: Purl) -> String {
        let name = PercentEncoding.encode(package.name, keeping: "!*'()")
        guard let scope = package.namespace else { return "/\(name)" }
        return "/@\(PercentEncoding.encode(String(scope.dropFirst()), keeping: "!*'()"))%2f\(name)"
    }

    /// The release a tarball's name tells, where it is `NAME-VERSION.tgz` with the package's own name.
    static func release(of package: Purl, file: String) -> Purl? {
        guard file.hasSuffix(".tgz"), file.hasPrefix(package.name + "-") else { return nil }
        let version = String(file.dropLast(4).dropFirst(package.name.count + 1))
        guard let read = NpmVersion(version), read.isWritten(as: version) else { return nil }
        return package.at(version)
    }

    /// `/~/11/@jsr/NAME/VERSION.tgz`, where npm.jsr.io keeps its tarballs.
    static func release(atJSR segments: [String]) throws(Malformed) -> Purl? {
        guard segments.count == 5, segments[2].hasPrefix("@"), segments[4].hasSuffix(".tgz") else { return nil }
        let version = String(segments[4].dropLast(4))
        guard let read = NpmVersion(version), read.isWritten(as: version) else { return nil }
        return try Npm.package("\(segments[2])/\(segments[3])").at(version)
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        let segments = Npm.segments(of: url)
        if let mark = segments.lastIndex(of: "-"), mark > 0 {
            let isScoped = mark > 1 && segments[mark - 2].hasPrefix("@")
            guard let (package, _) = try? Npm.split(Array(segments[(mark - (isScoped ? 2 : 1))..<mark])) else {
                return []
            }
            return Npm.release(of: package, file: file).map { [$0] } ?? []
        }
        // GitHub's registry: /download/@scope/name/1.0.0/DIGEST
        if let mark = segments.firstIndex(of: "download"), segments.count >= mark + 4,
            let (package, rest) = try? Npm.split(Array(segments[(mark + 1)...])), let version = rest.first,
            NpmVersion(version) != nil
        {
            return [package.at(version)]
        }
        return Npm.splits(of: file)
    }

    /// Every way to read `NAME-VERSION.tgz`, the shortest version first: a name may hold `-1`, a version `-beta`.
    private static func splits(of file: String) -> [Purl] {
        guard file.hasSuffix(".tgz"), file.utf8.count <= 512 else { return [] }
        let stem = file.dropLast(4)
        var found: [Purl] = []
        for dash in stem.indices.reversed() where stem[dash] == "-" {
            let version = String(stem[stem.index(after: dash)...])
            guard let read = NpmVersion(version), read.isWritten(as: version),
                let package = try? package(String(stem[..<dash]))
            else { continue }
            found.append(package.at(version))
        }
        return found
    }

    /// A search may be for a scope alone: `text=scope:acme`, `text=@acme`.
    public func names(in request: Request) -> [Purl] {
        guard case .search? = try? intent(of: request), let query = request.url.query,
            let text = PercentEncoding.decode(query)
        else { return [] }
        let words = text.split { !PercentEncoding.isUnreserved($0.asciiValue ?? 0) }
        return words.map { Purl(type: type, namespace: "@\($0)", name: "-") }
    }
}
