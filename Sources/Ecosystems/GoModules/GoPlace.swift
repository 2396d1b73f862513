internal import Core

/// What a path of the module proxy protocol is about. <https://go.dev/ref/mod#goproxy-protocol>
enum GoPlace {
    /// Versions, one a line.
    case list(Purl)
    case latest(Purl)
    /// `.info` of a branch, a commit or half a version.
    case query(Purl)
    case info(Purl)
    case mod(Purl)
    case zip(Purl)
    /// What the checksum database says of one release.
    case lookup(Purl)
    /// A tile, the signed tree head, or whether there is a database at all.
    case checksums(String)
    /// The feed of what was published last.
    case newest

    /// Nil for a path of no such form; throws for one that names a module wrongly.
    init?(_ url: HTTPURL) throws(Malformed) {
        let segments = url.segments
        guard segments.allSatisfy({ !$0.contains("/") }) else { throw Malformed("a name hides a slash") }
        if let mark = segments.lastIndex(of: "@v"), mark == segments.count - 2 {
            let package = try GoPlace.module(segments[..<mark], at: url)
            try self.init(file: segments[mark + 1], of: package)
        } else if segments.last == "@latest" {
            self = .latest(try GoPlace.module(segments.dropLast(), at: url))
        } else if let mark = segments.firstIndex(of: "sumdb"), segments.count > mark + 2 {
            try self.init(database: segments[(mark + 2)...])
        } else if url.origin.host == "sum.golang.org", !segments.isEmpty {
            try self.init(database: segments[...])
        } else if url.origin.host == "index.golang.org", segments == ["index"] {
            self = .newest
        } else {
            return nil
        }
    }

    private init?(file: String, of package: Purl) throws(Malformed) {
        if file == "list" {
            self = .list(package)
            return
        }
        guard let dot = file.lastIndex(of: ".") else { return nil }
        let version = try GoPlace.unescaped(file[..<dot])
        guard !version.isEmpty, version.utf8.count <= 300 else { throw Malformed("a version is too long") }
        let isCanonical = GoVersion(version)?.isCanonical ?? false
        switch file[dot...] {
        case ".info": self = isCanonical ? .info(package.at(version)) : .query(package)
        case ".mod", ".zip":
            guard isCanonical else { throw Malformed("'\(version)' is no whole version") }
            self = file[dot...] == ".mod" ? .mod(package.at(version)) : .zip(package.at(version))
        default: return nil
        }
    }

    private init?(database path: ArraySlice<String>) throws(Malformed) {
        switch path.first {
        case "supported" where path.count == 1, "latest" where path.count == 1: self = .checksums(path.joined())
        case "tile": self = .checksums(path.joined(separator: "/"))
        case "lookup":
            let spec = path.dropFirst()
            guard let last = spec.last, let at = last.lastIndex(of: "@") else { return nil }
            let names = spec.dropLast() + [String(last[..<at])]
            let version = try GoPlace.unescaped(last[last.index(after: at)...])
            guard GoVersion(version)?.isCanonical ?? false else { throw Malformed("'\(version)' is no whole version") }
            self = .lookup(
                try GoPlace.package(names.map { name throws(Malformed) in try GoPlace.unescaped(name[...]) }).at(
                    version
                )
            )
        default: return nil
        }
    }

    /// The module of a path. A proxy of one's own may lie below a prefix; a module's first element is a host's name.
    private static func module(_ escaped: ArraySlice<String>, at url: HTTPURL) throws(Malformed) -> Purl {
        var names: [String] = []
        for name in escaped { names.append(try unescaped(name[...])) }
        if !GoModules().hosts.contains(url.origin.host), let start = names.firstIndex(where: isHost) {
            names.removeFirst(start)
        }
        return try package(names)
    }

    private static func isHost(_ name: String) -> Bool { name.contains(".") && name.utf8.allSatisfy { $0 != 0x40 } }

    /// The package of a module's path, judged as the go command judges it. <https://go.dev/ref/mod#go-mod-file-ident>
    static func package(_ names: [String]) throws(Malformed) -> Purl {
        guard let first = names.first, let last = names.last else { throw Malformed("no module is named") }
        guard first.contains("."), first.utf8.allSatisfy({ !(0x41...0x5A).contains($0) && $0 != 0x5F && $0 != 0x7E })
        else { throw Malformed("'\(first)' is no host that a module can be from") }
        guard names.reduce(0, { $0 + $1.utf8.count + 1 }) <= 1_000 else {
            throw Malformed("a module's path is too long")
        }
        for name in names {
            let isPlain = name.utf8.allSatisfy { PercentEncoding.isUnreserved($0) }
            guard isPlain, !name.isEmpty, !name.hasPrefix("."), !name.hasSuffix("."), !first.hasPrefix("-") else {
                throw Malformed("'\(name)' cannot be part of a module's path")
            }
        }
        let folder = names.dropLast().joined(separator: "/")
        return Purl(type: "golang", namespace: folder.isEmpty ? nil : folder, name: last)
    }

    /// `!b` stands for `B`, so that the paths of two modules differ on every file system. A capital itself is no form of it.
    static func unescaped(_ text: Substring) throws(Malformed) -> String {
        var plain: [UInt8] = []
        var isCapital = false
        for byte in text.utf8 {
            guard byte > 0x20, byte < 0x7F, !(0x41...0x5A).contains(byte) else {
                throw Malformed("a name is not written as module proxies want it")
            }
            if isCapital {
                guard (0x61...0x7A).contains(byte) else { throw Malformed("'!' stands before a letter") }
                plain.append(byte - 0x20)
                isCapital = false
            } else if byte == UInt8(ascii: "!") {
                isCapital = true
            } else {
                plain.append(byte)
            }
        }
        guard !isCapital else { throw Malformed("'!' stands before a letter") }
        return String(decoding: plain, as: UTF8.self)
    }

    /// As the go command writes it on the wire.
    static func escaped(_ text: String) -> String {
        text.map { $0.isUppercase ? "%21\($0.lowercased())" : String($0) }.joined()
    }
}

extension GoPlace {
    /// The document of the same release with another ending.
    static func beside(_ url: HTTPURL, _ ending: String, _ other: String) -> Request? {
        guard url.path.hasSuffix(ending) else { return nil }
        let path = url.path.dropLast(ending.count) + other
        return (try? url.moved(to: url.origin, path: String(path))).map { Request(url: $0.with(query: nil)) }
    }

    /// What the checksum database has of a file's release, asked through the file's own proxy.
    static func lookup(for url: HTTPURL, _ ending: String) -> Request? {
        guard url.path.hasSuffix(ending), let mark = url.path.firstRange(of: "/@v/") else { return nil }
        let version = url.path[mark.upperBound...].dropLast(ending.count)
        let path = "/sumdb/sum.golang.org/lookup\(url.path[..<mark.lowerBound])@\(version)"
        return (try? url.moved(to: url.origin, path: path)).map { Request(url: $0.with(query: nil)) }
    }
}
