public import Core
internal import JSONText

extension Helm {
    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let root = try YAMLTree.read(index.bytes)
        var releases: [Release] = []
        for (name, charts) in try Helm.entries(of: root) {
            for chart in charts {
                if let release = Helm.release(chart, named: name, request.url, at: index.url ?? request.url) {
                    releases.append(release)
                }
            }
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    /// Without what is refused, as JSON, which is YAML too and which helm reads faster.
    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard case .object(var root) = try YAMLTree.read(index.bytes) else { throw Helm.noIndex }
        let place = index.url ?? request.url
        var kept: [String: JSON] = [:]
        var isChanged = false
        for (name, charts) in try Helm.entries(of: .object(root)) {
            let left = charts.compactMap { chart -> JSON? in
                guard let release = Helm.release(chart, named: name, request.url, at: place),
                    let artifact = release.artifacts.first, view.keeps(release, artifact)
                else { return nil }
                return Helm.linked(chart, artifact, view)
            }
            isChanged = isChanged || left != charts
            if !left.isEmpty { kept[name] = .array(left) }
        }
        guard isChanged else { return index }
        root["entries"] = .object(kept)
        return Document(JSON.object(root).canonicalBytes(), contentType: index.contentType, url: index.url)
    }

    private static let noIndex = Malformed("the document is no index of charts")

    private static func entries(of root: JSON) throws(Malformed) -> [(String, [JSON])] {
        guard case .object = root else { throw noIndex }
        guard let entries = root["entries"], !entries.isNull else {
            guard root["apiVersion"] != nil else { throw noIndex }
            return []
        }
        guard let members = entries.members else { throw noIndex }
        return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.array ?? []) }
    }

    /// A chart under another name than its own is none, and one without an address cannot be had.
    private static func release(_ chart: JSON, named name: String, _ index: HTTPURL, at place: HTTPURL) -> Release? {
        guard chart["name"]?.string == name, isName(name), let version = chart["version"]?.string,
            HelmVersion(version) != nil, let text = chart["urls"]?.array?.first?.string,
            let url = try? place.with(query: nil).resolving(text), !url.file.isEmpty
        else { return nil }
        var release = Release(purl: package(name, in: folder(of: index)).at(version))
        release.published = chart["created"]?.string.flatMap { Timestamp(rfc3339: $0) }
            .map { PublishTime($0, basis: .authorTime) }
        if chart["deprecated"]?.bool == true { release.deprecated = Withdrawal() }
        release.license = chart["annotations"]?["artifacthub.io/license"]?.string
        let hex = chart["digest"]?.string.map { $0.hasPrefix("sha256:") ? String($0.dropFirst(7)) : $0 }
        let digest = hex.flatMap { Digest(.sha256, hex: $0) }
        release.artifacts = [
            Artifact(
                file: url.file,
                url: url.withoutFragment,
                digests: digest.map { [$0] } ?? [],
                published: release.published
            )
        ]
        return release
    }

    private static func linked(_ chart: JSON, _ artifact: Artifact, _ view: IndexView) -> JSON {
        guard let link = view.link, let url = artifact.url, case .object(var members) = chart else { return chart }
        members["urls"] = .array([.string(link(url))])
        return .object(members)
    }

    /// Chart.lock names releases; its own digest is of the list of dependencies.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root = try YAMLTree.read(document, maximumBytes: 8 << 20)
        guard let dependencies = root["dependencies"] else { throw Malformed("the lockfile has no dependencies") }
        return (dependencies.array ?? []).compactMap { dependency in
            guard let name = dependency["name"]?.string, isPlain(name), let version = dependency["version"]?.string,
                HelmVersion(version) != nil
            else { return nil }
            // Charts of container registries and of folders are of other types, or of none.
            guard let place = dependency["repository"]?.string, place.hasPrefix("http"),
                let url = try? HTTPURL(place)
            else { return nil }
            let folder = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
            return Pin(release: Helm.package(name, in: "\(url.origin)\(folder)").at(version))
        }
    }

    private func isPlain(_ name: String) -> Bool { Helm.isName(name) }
}

extension Helm: InspectableEcosystem {
    /// A chart's archive holds one folder with a Chart.yaml; those of its dependencies lie deeper.
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.hasSuffix(".tgz") else { return nil }
        return Inspection(format: .tar) { path in
            let parts = path.split(separator: "/", omittingEmptySubsequences: true)
            return parts.count == 2 && parts[1] == "Chart.yaml"
        }
    }

    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let bytes = entries.first?.value, entries.count == 1 else {
            throw Malformed("the chart has \(entries.count) Chart.yaml in its top folders, not one")
        }
        let root = try YAMLTree.read(bytes, maximumBytes: 1 << 20)
        guard let name = root["name"]?.string, Helm.isName(name), let version = root["version"]?.string else {
            throw Malformed("the Chart.yaml has no name or no version")
        }
        return Purl(type: "helm", name: name, version: version)
    }
}
