public import Core
internal import JSONText

extension Conda: InspectableEcosystem {
    /// The old format is one tar, whose `info/index.json` says who it is; the new one is a zip of packed tars, which says
    /// it in their names.
    public func inspection(ofFile file: String) -> Inspection? {
        if file.hasSuffix(".tar.bz2") { return Inspection(format: .tar) { $0 == "info/index.json" } }
        guard file.hasSuffix(".conda") else { return nil }
        return Inspection(format: .zip, allowsDataDescriptors: true) { path in
            path.hasPrefix("info-") && path.hasSuffix(".tar.zst") && !path.contains("/")
        }
    }

    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let entry = entries.first, entries.count == 1 else {
            throw Malformed("the package has \(entries.count) descriptions of itself, not one")
        }
        if entry.key.hasPrefix("info-") {
            guard let name = CondaFile(stem: entry.key.dropFirst(5).dropLast(8), format: "conda") else {
                throw Malformed("'\(entry.key)' names no package")
            }
            return Purl(type: "conda", name: name.name, version: name.version, qualifiers: ["build": name.build])
        }
        let root: JSONNode
        do { root = try JSONDocument(entry.value).root } catch { throw Malformed(error.message, offset: error.offset) }
        guard let name = root["name"]?.string, let version = root["version"]?.string, CondaFile.isName(name) else {
            throw Malformed("info/index.json has no name or no version")
        }
        let build = root["build"]?.string.map { ["build": $0] } ?? [:]
        return Purl(type: "conda", name: name, version: version, qualifiers: build)
    }

    /// Builds of one version are other packages.
    public func agrees(_ inside: Purl, with outside: Purl) -> Bool {
        guard inside.package == outside.package, inside.version == outside.version else { return false }
        guard let one = inside.qualifiers["build"], let other = outside.qualifiers["build"] else { return true }
        return one == other
    }

    /// Nothing of their own: all of them take the proxy and the certificates that every command gets.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard !endpoint.clients.isDisjoint(with: ["conda", "mamba", "micromamba"]) else { return ClientSettings() }
        return ClientSettings(environment: [
            "CONDA_SSL_VERIFY": endpoint.trustBundle, "MAMBA_SSL_VERIFY": endpoint.trustBundle,
            "REQUESTS_CA_BUNDLE": endpoint.trustBundle,
        ])
    }
}
