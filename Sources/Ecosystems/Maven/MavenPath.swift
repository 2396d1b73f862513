internal import Core

/// Where a request stands in a repository of the Maven 2 layout: `GROUP/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].EXT`.
struct MavenPath {
    enum Kind: Hashable {
        /// A file of a release.
        case artifact(Purl)
        /// `maven-metadata.xml` of an artifact: its versions.
        case versions(Purl)
        /// A signature of a file: it says nothing of the file that we could check.
        case signature(Purl)
        /// Catalogues, folders, the metadata of groups and of snapshots.
        case service
    }

    let kind: Kind
    /// The file without the ending of a checksum.
    let file: String
    /// The algorithm whose checksum of `file` is asked for.
    let checksum: Digest.Algorithm?

    /// Nil for what is not laid out like a repository.
    init?(_ url: HTTPURL) throws(Malformed) {
        let segments = url.segments
        guard let root = MavenRoot.depth(host: url.origin.host, segments) else { return nil }
        let names = Array(segments.dropFirst(root.depth))
        for name in names { try MavenPath.check(name) }
        guard let last = names.last, !url.path.hasSuffix("/") else {
            (kind, file, checksum) = (.service, "", nil)
            return
        }
        (file, checksum) = MavenPath.cutChecksum(last)
        let folders = Array(names.dropLast())
        if names[0].hasPrefix(".") || folders.isEmpty {
            guard names[0].hasPrefix(".") || MavenPath.catalogues.contains(file) else { return nil }
            kind = .service
        } else if file == "maven-metadata.xml" {
            kind = MavenPath.metadata(of: folders)
        } else {
            guard let kind = try MavenPath.release(file, folders, root, url) else { return nil }
            self.kind = kind
        }
    }

    var release: Purl? {
        switch kind {
        case .artifact(let purl), .signature(let purl), .versions(let purl): purl
        case .service: nil
        }
    }

    private static let catalogues: Set<String> = ["archetype-catalog.xml", "maven-metadata.xml", "robots.txt"]
    private static let checksums: [(ending: String, algorithm: Digest.Algorithm)] = [
        (".sha1", .sha1), (".md5", .md5), (".sha256", .sha256), (".sha512", .sha512),
    ]
    private static let signatures = [".asc", ".sigstore.json", ".sigstore", ".sig"]
    private static let compounds = [".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"]

    /// The rules of Maven's own check of ids, which leave no room for look-alikes and for hidden slashes.
    private static func check(_ name: String) throws(Malformed) {
        guard name.utf8.count <= 256, name.utf8.allSatisfy(MavenName.isByte) else {
            throw Malformed("'\(name.prefix(64))' is no name in a Maven repository")
        }
    }

    private static func cutChecksum(_ file: String) -> (String, Digest.Algorithm?) {
        for (ending, algorithm) in checksums where file.hasSuffix(ending) {
            return (String(file.dropLast(ending.count)), algorithm)
        }
        return (file, nil)
    }

    /// Metadata of a snapshot leads to its files, that of a group to plugins by their prefix; both are passed unread, as
    /// the files themselves are judged. A group's lies where an artifact's would, and tells by having no versions.
    private static func metadata(of folders: [String]) -> Kind {
        guard folders.count > 1, let name = folders.last, !name.hasSuffix("-SNAPSHOT") else { return .service }
        return .versions(Purl(type: "maven", namespace: folders.dropLast().joined(separator: "."), name: name))
    }

    private static func release(_ file: String, _ folders: [String], _ root: MavenRoot, _ url: HTTPURL)
        throws(Malformed) -> Kind?
    {
        guard folders.count > 2 else { return nil }
        let (name, folder) = (folders[folders.count - 2], folders[folders.count - 1])
        let group = folders.dropLast(2)
        // `a.b/c` and `a/b/c` would be one name for two places.
        guard !root.isKnown || group.allSatisfy({ !$0.contains(".") }) else {
            throw Malformed("a folder of the group has a dot in its name")
        }
        let ending = signatures.first { file.hasSuffix($0) }
        guard let parts = parts(of: String(file.dropLast(ending?.count ?? 0)), name: name, folder: folder) else {
            return nil
        }
        var qualifiers: [String: String] = [:]
        if parts.type != "jar" { qualifiers["type"] = parts.type }
        if let classifier = parts.classifier { qualifiers["classifier"] = classifier }
        if !root.isCentral { qualifiers["repository_url"] = root.address(url) }
        let purl = Purl(
            type: "maven",
            namespace: group.joined(separator: "."),
            name: name,
            version: parts.version,
            qualifiers: qualifiers
        )
        return ending == nil ? .artifact(purl) : .signature(purl)
    }

    private typealias Parts = (version: String, classifier: String?, type: String)

    /// The parts of a file's name, which begins with its folders' names; a snapshot's has its time instead of the word.
    private static func parts(of file: String, name: String, folder: String) -> Parts? {
        guard file.hasPrefix(name + "-") else { return nil }
        let rest = file.dropFirst(name.count + 1)
        if rest.hasPrefix(folder), let (classifier, type) = tail(rest.dropFirst(folder.count)) {
            return (folder, classifier, type)
        }
        guard folder.hasSuffix("-SNAPSHOT") else { return nil }
        let base = folder.dropLast("SNAPSHOT".count)
        guard rest.hasPrefix(base) else { return nil }
        let stamp = rest.dropFirst(base.count)
        guard let count = stampLength(stamp), let (classifier, type) = tail(stamp.dropFirst(count)) else { return nil }
        return ("\(base)\(stamp.prefix(count))", classifier, type)
    }

    /// `20240101.120000-3`
    private static func stampLength(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        let isDigit: (Int) -> Bool = { $0 < bytes.count && (0x30...0x39).contains(bytes[$0]) }
        guard (0..<8).allSatisfy(isDigit), (9..<15).allSatisfy(isDigit), isDigit(16), bytes[8] == UInt8(ascii: "."),
            bytes[15] == UInt8(ascii: "-")
        else { return nil }
        return (16..<bytes.count).first { !isDigit($0) } ?? bytes.count
    }

    /// `[-CLASSIFIER].EXTENSION`
    private static func tail(_ text: Substring) -> (classifier: String?, type: String)? {
        if text.hasPrefix(".") { return text.count > 1 ? (nil, String(text.dropFirst())) : nil }
        guard text.hasPrefix("-") else { return nil }
        let rest = text.dropFirst()
        let ending = compounds.first { rest.hasSuffix($0) }
        guard let dot = ending.map({ rest.index(rest.endIndex, offsetBy: -$0.count) }) ?? rest.lastIndex(of: "."),
            dot != rest.startIndex
        else { return nil }
        let type = rest[rest.index(after: dot)...]
        return type.isEmpty ? nil : (String(rest[..<dot]), String(type))
    }
}

/// How many folders of a host lie before the groups begin.
struct MavenRoot {
    let depth: Int
    /// False where nothing tells, and the groups are taken to begin at once.
    let isKnown: Bool
    let isCentral: Bool

    private static let central: Set<String> = [
        "repo.maven.apache.org", "repo1.maven.org", "maven-central.storage.googleapis.com",
    ]
    /// Hosts whose layout is fixed; `*` is any one folder.
    private static let fixed: [String: [[String]]] = [
        "plugins.gradle.org": [["m2"]], "dl.google.com": [["android", "maven2"], ["dl", "android", "maven2"]],
        "maven.google.com": [[]], "jitpack.io": [[]], "maven.pkg.github.com": [["*", "*"]],
        "repo.gradle.org": [["gradle", "*"]], "packages.confluent.io": [["maven"]], "repo.spring.io": [["*"]],
        "repo.jenkins-ci.org": [["*"]], "central.sonatype.com": [["repository", "*"]],
    ]
    /// How the usual servers lay out what they hold: Nexus, Artifactory, GitLab, Azure, and plain mirrors.
    private static let usual: [[String]] = [
        ["maven2"], ["m2"], ["content", "repositories", "*"], ["content", "groups", "*"], ["repository", "*"],
        ["nexus", "content", "repositories", "*"], ["nexus", "content", "groups", "*"], ["nexus", "repository", "*"],
        ["artifactory", "*"], ["api", "v4", "projects", "*", "packages", "maven"],
        ["api", "v4", "groups", "*", "-", "packages", "maven"], ["*", "_packaging", "*", "maven", "v1"],
        ["*", "*", "_packaging", "*", "maven", "v1"], ["android", "maven2"],
    ]

    static var hosts: [String] {
        ["repo.maven.apache.org", "repo1.maven.org", "maven-central.storage.googleapis.com"] + fixed.keys.sorted() + [
            "oss.sonatype.org", "s01.oss.sonatype.org", "repository.apache.org",
        ]
    }

    /// Nil where the host has repositories, but not here.
    static func depth(host: String, _ segments: [String]) -> MavenRoot? {
        if central.contains(host) {
            return segments.first == "maven2" ? MavenRoot(depth: 1, isKnown: true, isCentral: true) : nil
        }
        if let layouts = fixed[host] {
            guard let layout = layouts.first(where: { fits($0, segments) }) else { return nil }
            return MavenRoot(depth: layout.count, isKnown: true, isCentral: false)
        }
        let depth = usual.filter { fits($0, segments) }.map(\.count).max()
        return MavenRoot(depth: depth ?? 0, isKnown: depth != nil, isCentral: false)
    }

    private static func fits(_ layout: [String], _ segments: [String]) -> Bool {
        segments.count >= layout.count && zip(layout, segments).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// The address of the repository, as purls have it.
    func address(_ url: HTTPURL) -> String {
        let folders = url.path.split(separator: "/").prefix(depth)
        return ([url.origin.description] + folders.map(String.init)).joined(separator: "/")
    }
}
