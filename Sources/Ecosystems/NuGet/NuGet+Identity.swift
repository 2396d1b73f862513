public import Core

extension NuGet: InspectableEcosystem {
    /// A package has one `.nuspec`, at its root.
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.lowercased().hasSuffix(".nupkg") else { return nil }
        return Inspection(format: .zip, allowsDataDescriptors: true) { path in
            !path.contains("/") && path.lowercased().hasSuffix(".nuspec")
        }
    }

    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let bytes = entries.first?.value, entries.count == 1 else {
            throw Malformed("the package has \(entries.count) .nuspec files at its root, not one")
        }
        let metadata = try NuspecFile.read(bytes)
        guard let id = metadata["id"], let version = metadata["version"] else {
            throw Malformed("the .nuspec has no id or no version")
        }
        return try NuGet.release(id, version)
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        guard file.lowercased().hasSuffix(".nupkg") else { return [] }
        let name = file.lowercased().dropLast(6)
        var found: [Purl] = []
        for dot in name.indices where name[dot] == "." {
            let version = String(name[name.index(after: dot)...])
            guard version.first?.isNumber == true, let release = try? NuGet.release(String(name[..<dot]), version)
            else {
                continue
            }
            found.append(release)
            if found.count == 8 { break }
        }
        return found
    }
}

/// The texts of `package/metadata/*` in a `.nuspec`: just enough XML for a file that NuGet itself reads strictly.
struct NuspecFile {
    private let bytes: [UInt8]
    private var at = 0
    private var open: [String] = []
    private var text: [UInt8] = []
    private var found: [String: String] = [:]

    /// Elements that occur twice, and texts with entities, are refused: who the package is must be plain.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> [String: String] {
        var plain = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { plain = Array(bytes.dropFirst(3)) }
        guard !plain.contains(0) else { throw Malformed("the .nuspec is not UTF-8") }
        var file = NuspecFile(bytes: plain)
        while file.at < file.bytes.count { try file.step() }
        guard file.open.isEmpty else { throw Malformed("the .nuspec ends within an element") }
        return file.found
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func step() throws(Malformed) {
        guard bytes[at] == UInt8(ascii: "<") else {
            text.append(bytes[at])
            at += 1
            return
        }
        if skip(from: "<!--", to: "-->") || skip(from: "<?", to: "?>") { return }
        guard !starts("<!") else { throw Malformed("the .nuspec has a declaration", offset: at) }
        guard let end = tagEnd() else { throw Malformed("a tag of the .nuspec has no end", offset: at) }
        let tag = bytes[(at + 1)..<end]
        at = end + 1
        try take(tag)
    }

    private mutating func take(_ tag: ArraySlice<UInt8>) throws(Malformed) {
        let isEnd = tag.first == UInt8(ascii: "/")
        let body = isEnd ? tag.dropFirst() : tag
        let name = body.prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
        let local = name.split(separator: UInt8(ascii: ":")).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard !local.isEmpty else { throw Malformed("a tag of the .nuspec has no name", offset: at) }
        if isEnd {
            guard open.last == local else { throw Malformed("the .nuspec closes '\(local)' out of turn", offset: at) }
            if open.count == 3, open[0] == "package", open[1] == "metadata" { try keep(local) }
            open.removeLast()
        } else if tag.last != UInt8(ascii: "/") {
            guard open.count < 64 else { throw Malformed("the .nuspec is nested too deep", offset: at) }
            open.append(local)
        }
        text = []
    }

    private mutating func keep(_ name: String) throws(Malformed) {
        guard name == "id" || name == "version" else { return }
        guard !text.contains(UInt8(ascii: "&")) else { throw Malformed("the .nuspec's \(name) has an entity") }
        let words = text.split { $0 <= 0x20 }
        guard words.count == 1, found.updateValue(String(decoding: words[0], as: UTF8.self), forKey: name) == nil else {
            throw Malformed("the .nuspec has no \(name), or several")
        }
    }

    private func starts(_ mark: String) -> Bool { bytes[at...].starts(with: mark.utf8) }

    private mutating func skip(from start: String, to end: String) -> Bool {
        guard starts(start) else { return false }
        let mark = Array(end.utf8)
        var place = at + start.utf8.count
        while place < bytes.count, !bytes[place...].starts(with: mark) { place += 1 }
        at = min(bytes.count, place + mark.count)
        return true
    }

    /// Where the tag at hand ends; attributes may hold `>`.
    private func tagEnd() -> Int? {
        var quote: UInt8?
        for place in (at + 1)..<max(bytes.count, at + 1) {
            let byte = bytes[place]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return place
            }
        }
        return nil
    }
}
