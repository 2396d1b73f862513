internal import Core
internal import JSONText

/// One line of an index file: one release of the crate. Only what policy needs is read.
struct CrateLine {
    let name: String
    let version: String
    private let document: JSONDocument
    private let checksum: Digest?
    private let isYanked: Bool
    private let published: Timestamp?
    private let dependencyCount: Int

    /// Nil for a line that is no release; cargo skips most of those, we hide them all.
    init?(_ line: some Collection<UInt8>) {
        guard let document = try? JSONDocument(Array(line)), document.root.kind == .object else { return nil }
        var name: String?
        var version: String?
        var checksum: String?
        var isYanked = false
        var published: Timestamp?
        var dependencyCount = 0
        for member in document.root.members {
            switch member.key {
            case "name": name = member.node.string
            case "vers": version = member.node.string
            case "cksum": checksum = member.node.string
            case "yanked": isYanked = member.node.bool ?? false
            // What is built or tested with does not come to whoever uses the crate.
            case "deps": dependencyCount = member.node.elements.reduce(0) { $0 + ($1["kind"]?.string == "dev" ? 0 : 1) }
            case "pubtime": published = member.node.string.flatMap { Timestamp(rfc3339: $0) }
            default: break
            }
        }
        guard let name, CrateName.isValid(name), let version, SemanticVersion(version) != nil else { return nil }
        self.name = name
        self.version = version
        self.document = document
        self.checksum = checksum.flatMap { Digest(.sha256, hex: $0) }
        self.isYanked = isYanked
        self.published = published
        self.dependencyCount = dependencyCount
    }

    /// The releases of an index file.
    static func all(in bytes: [UInt8]) -> [CrateLine] {
        bytes.split(separator: 0x0A).compactMap { CrateLine($0) }
    }

    var hasTime: Bool { published != nil }

    func isAbout(_ package: Purl) -> Bool { name.lowercased() == package.name.lowercased() }

    func release(_ files: CrateFiles) -> Release {
        let purl = Purl(type: "cargo", name: name, version: version)
        let time = published.map { PublishTime($0, basis: .registryTime) }
        let artifact = Artifact(
            file: Cargo.file(of: purl),
            url: files.url(of: name, version, checksum: checksum),
            digests: checksum.map { [$0] } ?? [],
            published: time
        )
        var release = Release(
            purl: purl,
            published: time,
            yanked: isYanked ? Withdrawal() : nil,
            artifacts: [artifact]
        )
        release.dependencyCount = dependencyCount
        return release
    }

    /// The line with its release taken back, every other byte as it was.
    func yanked() -> [UInt8] {
        guard !isYanked else { return document.bytes }
        var edit = JSONEdit(document)
        edit.insert(key: "yanked", value: true, into: document.root)
        return edit.bytes()
    }
}

/// Where a registry keeps its files: `dl` of config.json.
struct CrateFiles {
    private let template: String
    private static let marks = ["{crate}", "{version}", "{prefix}", "{lowerprefix}", "{sha256-checksum}"]

    init(template: String) {
        let isPlain = !CrateFiles.marks.contains { template.contains($0) }
        self.template = isPlain ? template + "/{crate}/{version}/download" : template
    }

    /// The one that crates.io has, so that its index needs no second document.
    static let cratesIO = CrateFiles(template: "https://\(Cargo.fileHost)/crates")
    static let unknown = CrateFiles(template: "")

    func url(of name: String, _ version: String, checksum: Digest?) -> HTTPURL? {
        guard !template.isEmpty else { return nil }
        let prefix = CrateName.folders(name).joined(separator: "/")
        let text = template.replacing("{crate}", with: name).replacing("{version}", with: version)
            .replacing("{prefix}", with: prefix).replacing("{lowerprefix}", with: prefix.lowercased())
            .replacing("{sha256-checksum}", with: checksum?.hex ?? "")
        return try? HTTPURL(text)
    }
}
