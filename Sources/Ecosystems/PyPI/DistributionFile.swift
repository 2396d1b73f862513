internal import Core

/// Names of projects as PEP 508 allows and PEP 503 compares them.
enum ProjectName {
    /// Letters, digits, `.`, `_` and `-`, with a letter or digit at both ends.
    static func isValid(_ text: some StringProtocol) -> Bool {
        let name = Substring(text)
        guard let first = name.utf8.first, let last = name.utf8.last, name.utf8.count <= 255 else { return false }
        let isClean = name.utf8.allSatisfy { isAlphanumeric($0) || isSeparator($0) }
        return isClean && isAlphanumeric(first) && isAlphanumeric(last)
    }

    static func normalized(_ name: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            if !isSeparator(byte) {
                bytes.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
            } else if bytes.last != UInt8(ascii: "-") {
                bytes.append(UInt8(ascii: "-"))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x2D || byte == 0x2E || byte == 0x5F }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
    }
}

/// What a file's name says about the project and version that it belongs to (PEP 427, PEP 625, and older habits).
struct DistributionFile: Hashable, Sendable {
    enum Kind: Sendable { case wheel, source, egg, installer }

    let kind: Kind
    /// Normalised.
    let project: String
    /// In PEP 440's normal form where it has one.
    let version: String

    var release: Purl { Purl(type: "pypi", name: project, version: version) }

    /// The only possible reading of the name; nil where there is none or more than one.
    init?(_ file: String) {
        let readings = DistributionFile.readings(of: file)
        guard readings.count == 1, let only = readings.first else { return nil }
        self = only
    }

    /// The reading that belongs to this project (normalised), also with a version that PEP 440 does not know.
    init?(_ file: String, of project: String) {
        if let reading = DistributionFile.readings(of: file).first(where: { $0.project == project }) {
            self = reading
            return
        }
        guard let (kind, stem) = DistributionFile.stem(of: file) else { return nil }
        for dash in stem.indices where stem[dash] == "-" && ProjectName.normalized(stem[..<dash]) == project {
            let rest = stem[stem.index(after: dash)...]
            let version = kind == .wheel || kind == .egg ? rest.prefix { $0 != "-" } : rest
            guard !version.isEmpty else { return nil }
            self.init(kind: kind, project: project, version: version.lowercased())
            return
        }
        return nil
    }

    private init(kind: Kind, project: String, version: String) {
        self.kind = kind
        self.project = project
        self.version = version
    }

    /// Every reading of the name whose version PEP 440 knows, likeliest first.
    static func readings(of file: String) -> [DistributionFile] {
        guard file.utf8.count <= 512, let (kind, stem) = stem(of: file) else { return [] }
        switch kind {
        case .wheel:
            let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 5 || parts.count == 6, parts.allSatisfy({ !$0.isEmpty }) else { return [] }
            // A build tag starts with a digit.
            guard parts.count == 5 || parts[2].first?.isNumber == true else { return [] }
            return reading(kind, parts[0], parts[1]).map { [$0] } ?? []
        case .egg:
            let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count >= 2 else { return [] }
            return reading(kind, parts[0], parts[1]).map { [$0] } ?? []
        case .source, .installer:
            return stem.indices.reversed().filter { stem[$0] == "-" }.compactMap { dash in
                reading(kind, stem[..<dash], stem[stem.index(after: dash)...])
            }
        }
    }

    private static func reading(_ kind: Kind, _ name: Substring, _ version: Substring) -> DistributionFile? {
        // Wheels and eggs write `_` for a dash in the version.
        let text = kind == .source ? String(version) : String(version.map { $0 == "_" ? "-" : $0 })
        guard ProjectName.isValid(name), let version = PythonVersion(text) else { return nil }
        return DistributionFile(kind: kind, project: ProjectName.normalized(name), version: version.description)
    }

    /// Nil for a name that no Python packaging tool would take for a distribution.
    static func kind(of file: String) -> Kind? { stem(of: file)?.kind }

    private static func stem(of file: String) -> (kind: Kind, stem: Substring)? {
        for (suffix, kind) in suffixes where file.hasSuffix(suffix) && file.utf8.count > suffix.utf8.count {
            let stem = file.dropLast(suffix.count)
            guard kind == .installer else { return (kind, stem) }
            // `name-1.0.win32-py2.7`: the platform is no part of the version.
            for platform in [".win", ".linux", ".macosx", ".noarch"] {
                if let at = stem.firstRange(of: platform) { return (kind, stem[..<at.lowerBound]) }
            }
            return (kind, stem)
        }
        return nil
    }

    private static let suffixes: [(String, Kind)] = [
        (".whl", .wheel), (".tar.gz", .source), (".zip", .source), (".tgz", .source), (".tar.bz2", .source),
        (".tar.xz", .source), (".tar.Z", .source), (".tar.lz", .source), (".tar.lzma", .source), (".tbz", .source),
        (".txz", .source), (".tlz", .source), (".tar", .source), (".egg", .egg), (".exe", .installer),
        (".msi", .installer), (".dmg", .installer), (".rpm", .installer),
    ]
}
