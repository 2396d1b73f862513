public import Core
internal import JSONText

extension PyPI {
    /// A pin without a file and URL is one of the files that its release may be: where several name one release, the
    /// artifact must be one of them, not all.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        switch name {
        case "uv.lock", "poetry.lock", "pdm.lock": return try PyPI.tomlPins(document, list: "package")
        case "Pipfile.lock": return try PyPI.pipfilePins(document)
        default:
            if name.hasPrefix("pylock"), name.hasSuffix(".toml") {
                return try PyPI.tomlPins(document, list: "packages")
            }
            return RequirementsFile.pins(in: document)
        }
    }

    private static func tomlPins(_ document: [UInt8], list: String) throws(Malformed) -> [Pin] {
        let root = try TOMLText.parse(document)
        // Older poetry and pdm keep the files apart from the packages.
        let apart = root["metadata"]?.table?["files"]?.table
        var pins: [Pin] = []
        for package in root[list]?.list ?? [] {
            guard let name = package["name"]?.string, ProjectName.isValid(name) else { continue }
            let project = ProjectName.normalized(name)
            let version = package["version"]?.string.map { PythonVersion($0)?.description ?? $0 }
            var files = [package["sdist"], package["archive"]].compactMap { $0?.table }
            for key in ["wheels", "files"] { files += package[key]?.list ?? [] }
            if files.isEmpty { files = apart?[name]?.list ?? [] }
            let place = registry(package["source"]?.table?["url"]?.string)
            pins += files.compactMap { pin($0, of: project, version: version, at: place) }
        }
        return pins
    }

    /// What a lockfile of several registries says of the one that a package is from; nil for PyPI itself.
    private static func registry(_ text: String?) -> String? {
        text.flatMap { try? HTTPURL($0) }.flatMap { $0.origin.host == indexHost ? nil : $0.redacted }
    }

    private static func pin(_ file: TOMLTable, of project: String, version: String?, at place: String?) -> Pin? {
        let url = file["url"]?.string.flatMap { try? HTTPURL($0) }
        let name = file["file"]?.string ?? file["name"]?.string ?? url?.file
        // A path of the user's own disk needs no pin.
        guard let name, !name.isEmpty, let digests = digests(of: file), !digests.isEmpty else { return nil }
        guard let version = version ?? DistributionFile(name, of: project)?.version else { return nil }
        let release = Purl(type: "pypi", name: project, version: version)
        return Pin(
            release: place.map { release.with(["repository_url": $0]) } ?? release,
            file: name,
            url: url?.withoutFragment,
            digests: digests,
            published: file["upload-time"]?.string.flatMap(PublishTime.init(uploaded:))
        )
    }

    private static func digests(of file: TOMLTable) -> [Digest]? {
        if let hash = file["hash"]?.string { return Digest(hash).map { [$0] } }
        return file["hashes"]?.table?.members.compactMap { key, value in
            Digest.Algorithm(rawValue: key).flatMap { Digest($0, hex: value.string ?? "") }
        }.sorted()
    }

    private static func pipfilePins(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        let root: JSON
        do { root = try JSON(parsing: document) } catch { throw Malformed(error.message, offset: error.offset) }
        let sources = (root["_meta"]?["sources"]?.array ?? []).map { ($0["name"]?.string, $0["url"]?.string) }
        var pins: [Pin] = []
        for (group, packages) in root.members ?? [:] where group != "_meta" {
            for (name, package) in packages.members ?? [:] where ProjectName.isValid(name) {
                guard let version = package["version"]?.string, version.hasPrefix("=="),
                    let parsed = PythonVersion(String(version.dropFirst(2)))
                else { continue }
                let index = package["index"]?.string
                let place = index.flatMap { index in registry(sources.first { $0.0 == index }?.1) }
                let bare = Purl(type: "pypi", name: ProjectName.normalized(name), version: parsed.description)
                let release = place.map { bare.with(["repository_url": $0]) } ?? bare
                pins += (package["hashes"]?.array ?? []).compactMap { hash in
                    hash.string.flatMap { Digest($0) }.map { Pin(release: release, digests: [$0]) }
                }
            }
        }
        return pins.sorted { ($0.release, $0.digests.first?.hex ?? "") < ($1.release, $1.digests.first?.hex ?? "") }
    }
}
