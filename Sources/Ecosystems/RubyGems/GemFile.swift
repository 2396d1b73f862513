internal import Core

/// `NAME-VERSION[-PLATFORM].gem`. A name may hold dashes and digits, so only the reading that has no rival is certain.
enum GemFile {
    /// The release of a file whose name can be read in one way; nil otherwise.
    static func release(of file: String) -> Purl? {
        let readings = readings(of: file)
        return readings.count == 1 ? readings[0] : nil
    }

    /// Every way to read the name, those without a platform and with the shortest version first.
    static func readings(of file: String) -> [Purl] {
        guard file.hasSuffix(".gem"), file.utf8.count <= 512 else { return [] }
        let stem = file.dropLast(".gem".count)
        var plain: [Purl] = []
        var special: [Purl] = []
        for dash in stem.indices.reversed() where stem[dash] == "-" {
            let name = String(stem[..<dash])
            let rest = stem[stem.index(after: dash)...]
            guard isName(name), let (version, platform) = split(rest) else { continue }
            let purl = purl(name, version, platform)
            if platform == nil { plain.append(purl) } else { special.append(purl) }
        }
        return plain + special
    }

    /// `VERSION[-PLATFORM]`: a version in a file name or an index has no dash, which means `.pre.` in it.
    static func split(_ text: some StringProtocol) -> (version: String, platform: String?)? {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, GemVersion(String(first)) != nil else { return nil }
        guard parts.count == 2 else { return (String(first), nil) }
        guard isPlatform(String(parts[1])) else { return nil }
        return (String(first), String(parts[1]))
    }

    /// Pure Ruby is the platform of a gem that names none.
    static func purl(_ name: String, _ version: String, _ platform: String?) -> Purl {
        let gem = Purl(type: "gem", name: name, version: version)
        guard let platform, platform != "ruby", !platform.isEmpty else { return gem }
        return gem.with(["platform": platform])
    }

    /// The file of a release.
    static func name(of purl: Purl) -> String {
        let platform = purl.qualifiers["platform"].map { "-\($0)" } ?? ""
        return "\(purl.name)-\(purl.version ?? "")\(platform).gem"
    }

    /// What rubygems.org takes, and the few old names that are shorter than it says.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 255, first != 0x2D, first != 0x2E else { return false }
        return isWord(text)
    }

    static func isPlatform(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, first != 0x2D, first != 0x2E else { return false }
        return isWord(text)
    }

    private static func isWord(_ text: String) -> Bool {
        text.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E }
    }
}
