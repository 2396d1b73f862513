internal import Core

/// Reads primary.xml, piece by piece, into releases: a distribution has tens of thousands of packages in a hundred
/// megabytes, of which most tells what files they own.
struct RPMPackages {
    private(set) var releases: [Release] = []
    private let root: HTTPURL
    private let vendor: String?
    private var scanner = XMLScanner()
    /// Names of the open elements: `metadata`, `package`, and what is below.
    private var path: [String] = []
    private var entry = Entry()
    private var text = ""
    private var architectures: [String: [String: String]] = [:]
    private(set) var hasRoot = false

    private struct Entry {
        var name = ""
        var architecture = ""
        var epoch = ""
        var version = ""
        var release = ""
        var digest: Digest?
        var algorithm: Digest.Algorithm?
        var size: Int64?
        var href = ""
        var base: String?
        var license: String?
    }

    init(root: HTTPURL, vendor: String?) {
        self.root = root
        self.vendor = vendor
    }

    mutating func take(_ piece: ArraySlice<UInt8>) throws(Malformed) {
        scanner.append(piece)
        while let event = try scanner.next() {
            switch event {
            case .open(let name, let tag, let isEmpty): try open(name, tag, isEmpty)
            case .text(let range): if isWanted { text += try scanner.text(range) }
            case .close(let name): try close(name)
            }
        }
    }

    func finish() throws(Malformed) {
        guard hasRoot, path.isEmpty, scanner.isAtEnd else { throw Malformed("the index ends too soon") }
    }

    /// Elements whose text is kept.
    private var isWanted: Bool {
        switch path.last {
        case "name", "arch", "checksum": path.count == 3
        case "rpm:license": path.count == 4
        default: false
        }
    }

    private mutating func open(_ name: Range<Int>, _ tag: Range<Int>, _ isEmpty: Bool) throws(Malformed) {
        guard path.count < 32 else { throw Malformed("the index is nested too deep") }
        // Names that mean nothing to us are not made into texts.
        let isDeep = path.count > 3 || path.count == 3 && path[2] != "format"
        path.append(isDeep ? "" : scanner.name(name))
        text = ""
        if path.count == 1 {
            guard path[0] == "metadata", !hasRoot else { throw Malformed("the document is no list of packages") }
            hasRoot = true
        }
        if path.count == 2 { entry = Entry() }
        if path.count == 3, path[1] == "package" { try read(path[2], tag) }
        if isEmpty { pop() }
    }

    private mutating func read(_ name: String, _ tag: Range<Int>) throws(Malformed) {
        switch name {
        case "version":
            entry.epoch = try scanner.attribute("epoch", in: tag) ?? ""
            entry.version = try scanner.attribute("ver", in: tag) ?? ""
            entry.release = try scanner.attribute("rel", in: tag) ?? ""
        case "checksum":
            let type = try scanner.attribute("type", in: tag) ?? ""
            entry.algorithm = Digest.Algorithm(rawValue: type == "sha" ? "sha1" : type)
        case "size": entry.size = try scanner.attribute("package", in: tag).flatMap { Int64($0) }
        case "location":
            entry.href = try scanner.attribute("href", in: tag) ?? ""
            entry.base = try scanner.attribute("xml:base", in: tag)
        default: break
        }
    }

    private mutating func close(_ name: Range<Int>) throws(Malformed) {
        guard let open = path.last, open.isEmpty || scanner.isNamed(name, open) else {
            throw Malformed("the index closes what it did not open")
        }
        if isWanted {
            switch open {
            case "name": entry.name = text
            case "arch": entry.architecture = text
            case "checksum": entry.digest = entry.algorithm.flatMap { Digest($0, hex: text) }
            default: entry.license = text.isEmpty ? nil : text
            }
        }
        pop()
    }

    private mutating func pop() {
        let name = path.popLast()
        if path.count == 1, name == "package", let release = release() { releases.append(release) }
    }

    private mutating func release() -> Release? {
        let epoch = entry.epoch == "0" ? "" : entry.epoch
        let version = entry.release.isEmpty ? entry.version : "\(entry.version)-\(entry.release)"
        guard RPMFile.isName(entry.name), RPMFile.isName(entry.architecture), RPMVersion(version) != nil,
            epoch.utf8.count <= 10, epoch.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let url = place()
        else { return nil }
        // One dictionary for all packages of an architecture, not one each.
        let key = "\(entry.architecture) \(epoch)"
        let qualifiers =
            architectures[key] ?? ["arch": entry.architecture, "epoch": epoch].filter { !$0.value.isEmpty }
        architectures[key] = qualifiers
        let purl = Purl(type: "rpm", namespace: vendor, name: entry.name, version: version, qualifiers: qualifiers)
        // Its times are not taken: the build's is the publisher's to choose, the file's is that of the last copy.
        let artifact = Artifact(
            file: url.file,
            url: url,
            digests: entry.digest.map { [$0] } ?? [],
            size: entry.size
        )
        var release = Release(purl: purl, artifacts: [artifact])
        release.license = entry.license
        return release
    }

    /// Nil where the place would be no address.
    private func place() -> HTTPURL? {
        guard !entry.href.isEmpty else { return nil }
        guard let base = entry.base else { return try? root.resolving(RPMPackages.encoded(entry.href)) }
        return try? HTTPURL((base.hasSuffix("/") ? base : base + "/") + RPMPackages.encoded(entry.href))
    }

    /// Clients send the link as it stands; only what no address may hold is encoded.
    private static func encoded(_ href: String) -> String {
        guard href.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) else { return href }
        return PercentEncoding.encode(href, keeping: "/%!$&'()*+,;=:@^")
    }
}
