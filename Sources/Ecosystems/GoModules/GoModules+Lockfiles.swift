public import Core

extension GoModules {
    /// go.sum and go.work.sum: two lines for each release, one of its zip and one of its go.mod alone.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        guard lockfileNames.contains(name) else { return [] }
        guard let text = String(validating: document, as: UTF8.self) else { throw Malformed("\(name) is not UTF-8") }
        var pins: [Pin] = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard let entry = try GoSum.entry(line) else { continue }
            pins.append(Pin(release: entry.release, file: entry.file, digests: [entry.digest]))
        }
        return pins
    }
}

/// A line of go.sum, as the checksum database writes it too: `MODULE VERSION[/go.mod] h1:HASH`.
enum GoSum {
    struct Entry {
        let release: Purl
        let file: String
        let digest: Digest
    }

    /// Nil for a blank line and for a hash of a kind that is not known yet.
    static func entry(_ line: Substring) throws(Malformed) -> Entry? {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { return nil }
        guard words.count == 3 else { throw Malformed("a line of checksums has \(words.count) words, not 3") }
        let isModFile = words[1].hasSuffix("/go.mod")
        let version = String(isModFile ? words[1].dropLast(7) : words[1])
        guard GoVersion(version) != nil else { throw Malformed("'\(version.prefix(80))' is no version") }
        guard words[2].hasPrefix("h1:") else { return nil }
        guard let digest = Digest(String(words[2])) else { throw Malformed("a checksum is no hash") }
        let names = words[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let release = try GoPlace.package(names).at(version)
        return Entry(release: release, file: GoModules.file(of: release, isModFile ? ".mod" : ".zip"), digest: digest)
    }
}
