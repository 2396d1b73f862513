public import Core
internal import JSONText

extension Npm {
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        switch name {
        case "yarn.lock": try YarnLock.pins(in: document)
        case "pnpm-lock.yaml": try PnpmLock.pins(in: document)
        case "bun.lock": try BunLock.pins(in: document)
        case "deno.lock": try DenoLock.pins(in: document)
        default: name.hasSuffix(".json") ? try Npm.packageLock(document) : []
        }
    }

    /// package-lock.json and npm-shrinkwrap.json: format 1 nests `dependencies`, 2 has both, 3 only `packages`.
    private static func packageLock(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        let root = try root(of: Document(document))
        guard root.kind == .object else { throw Malformed("the lockfile is no JSON object") }
        var pins: [Pin] = []
        if let packages = root["packages"] {
            for entry in packages.members {
                if let pin = pin(at: entry.key, entry.node) { pins.append(pin) }
            }
            return pins
        }
        var open = [root]
        while let node = open.popLast() {
            guard let dependencies = node["dependencies"] else { continue }
            for entry in dependencies.members {
                if let pin = nestedPin(named: entry.key, entry.node) { pins.append(pin) }
                open.append(entry.node)
            }
        }
        return pins
    }

    /// The entry of one installed folder. Links, workspaces and what lies inside another tarball came from no registry.
    private static func pin(at folder: String, _ entry: JSONNode) -> Pin? {
        guard let mark = folder.range(ofLast: "node_modules/"), entry["link"]?.bool != true,
            entry["inBundle"]?.bool != true, let version = entry["version"]?.string
        else { return nil }
        // `name` stands there only for an alias, whose folder has another name.
        let name = entry["name"]?.string ?? String(folder[mark.upperBound...])
        return pin(name, version, resolved: entry["resolved"]?.string, integrity: entry["integrity"]?.string)
    }

    private static func nestedPin(named key: String, _ entry: JSONNode) -> Pin? {
        guard entry["bundled"]?.bool != true, var version = entry["version"]?.string else { return nil }
        var name = key
        if version.hasPrefix("npm:") {
            let spec = version.dropFirst(4)
            guard let at = spec.lastIndex(of: "@"), at != spec.startIndex else { return nil }
            name = String(spec[..<at])
            version = String(spec[spec.index(after: at)...])
        }
        return pin(name, version, resolved: entry["resolved"]?.string, integrity: entry["integrity"]?.string)
    }

    /// Nil for a dependency from git or from a folder, which is no npm release.
    static func pin(_ name: String, _ version: String, resolved: String?, integrity: String?, sha1: String? = nil)
        -> Pin?
    {
        guard let package = try? package(name), NpmVersion(version) != nil else { return nil }
        var digests: [Digest] = []
        for part in (integrity ?? "").split(separator: " ") {
            if let digest = Digest(integrity: String(part)) { digests.append(digest) }
        }
        if let sha1, let digest = Digest(.sha1, hex: sha1), !digests.contains(digest) { digests.append(digest) }
        let release = package.at(version)
        guard let resolved else { return digests.isEmpty ? nil : Pin(release: release, digests: digests) }
        guard let url = try? HTTPURL(resolved) else { return nil }
        return Pin(
            release: isRegistryLink(url, to: package) ? release : release.with(["download_url": resolved]),
            file: url.file,
            url: url.withoutFragment,
            digests: digests
        )
    }

    /// A tarball from anywhere else may call itself what it likes; its purl says where it came from.
    private static func isRegistryLink(_ url: HTTPURL, to package: Purl) -> Bool {
        let segments = segments(of: url)
        let name = package.path.split(separator: "/").map(String.init)
        guard let mark = segments.firstRange(of: name) else { return false }
        let after = segments[mark.upperBound...]
        let isGitHub = mark.lowerBound > 0 && segments[mark.lowerBound - 1] == "download"
        return after.first == "-" || isGitHub && after.count == 2
    }
}

extension String {
    fileprivate func range(ofLast text: String) -> Range<String.Index>? { ranges(of: text).last }
}
