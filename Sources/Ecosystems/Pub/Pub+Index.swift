public import Core
internal import JSONText

extension Pub {
    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let page = try PubPage(index, scope, request)
        return PackageIndex(scope: scope, releases: page.entries.compactMap(\.release))
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        let page = try PubPage(index, scope, request)
        var edit = JSONEdit(page.document)
        var kept: [PubPage.Entry] = []
        for entry in page.entries {
            if let release = entry.release, let artifact = release.artifacts.first, view.keeps(release, artifact) {
                if view.refusal(release, artifact) == nil {
                    kept.append(entry)
                } else {
                    edit.insert(key: "retracted", value: true, into: entry.node)
                }
                if let link = view.link, let url = artifact.url, let node = entry.node["archive_url"] {
                    edit.replace(node, with: .string(link(url)))
                }
            } else if entry.isWhole {
                throw Malformed("the document's release is hidden")
            } else {
                edit.remove(entry.node)
            }
        }
        Pub.repairLatest(page, kept, view.link, &edit)
        guard !edit.isEmpty else { return index }
        return Document(edit.bytes(), contentType: index.contentType, url: index.url)
    }

    /// `latest` repeats a version whole. It moves to the newest stable one that is left, and goes where there is none.
    private static func repairLatest(
        _ page: PubPage,
        _ kept: [PubPage.Entry],
        _ link: (@Sendable (HTTPURL) -> String)?,
        _ edit: inout JSONEdit
    ) {
        guard let latest = page.document.root["latest"] else { return }
        let version = latest["version"]?.string
        let isKept = kept.contains { $0.release?.purl.version == version }
        guard let entry = isKept ? kept.first(where: { $0.release?.purl.version == version }) : newest(kept) else {
            edit.remove(latest)
            return
        }
        if isKept, link == nil { return }
        guard var members = entry.node.value.members else { return }
        if let link, let url = entry.release?.artifacts.first?.url { members["archive_url"] = .string(link(url)) }
        edit.replace(latest, with: .object(members))
    }

    private static func newest(_ kept: [PubPage.Entry]) -> PubPage.Entry? {
        let stable = kept.compactMap { entry -> (PubVersion, PubPage.Entry)? in
            guard let release = entry.release, release.yanked == nil,
                let version = PubVersion(release.purl.version ?? ""), !version.isPrerelease
            else { return nil }
            return (version, entry)
        }
        return stable.max { $0.0 < $1.0 }?.1
    }

    /// The member `error` is what pub shows.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.subject) \(problem.summary)\(rule). \(problem.remedy)"
        let json: JSON = ["error": ["code": .string(problem.code.rawValue), "message": .string(text)]]
        return Document(json.canonicalBytes(), contentType: Pub.accept)
    }

    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root = try YAMLTree.read(document)
        return (root["packages"]?.members ?? [:]).sorted { $0.key < $1.key }.compactMap { key, entry in
            // Packages of git, a folder or the SDK came from no repository.
            guard entry["source"]?.string == "hosted", let version = entry["version"]?.string,
                PubVersion(version) != nil,
                let package = try? Pub.package(entry["description"]?["name"]?.string ?? key)
            else { return nil }
            let digest = (entry["description"]?["sha256"]?.string).flatMap { Digest(.sha256, hex: $0) }
            let home = entry["description"]?["url"]?.string.flatMap { try? HTTPURL($0) }
            let isPublic = home.map { Pub().hosts.contains($0.origin.host) } ?? true
            let bare = package.at(version)
            let release = isPublic ? bare : bare.with(["repository_url": home?.redacted ?? ""])
            return Pin(release: release, file: Pub.file(of: release), digests: digest.map { [$0] } ?? [])
        }
    }
}

/// The document about one package, or the older one about one version.
struct PubPage {
    struct Entry {
        let node: JSONNode
        /// Nil for an entry that could not be read: it was not judged, so it is never shown.
        let release: Release?
        /// The entry is the whole document.
        let isWhole: Bool
    }

    let document: JSONDocument
    let entries: [Entry]

    init(_ index: Document, _ scope: IndexScope, _ request: Request) throws(Malformed) {
        guard case .package(let subject) = scope else { throw Malformed("pub has one index per package") }
        do { document = try JSONDocument(index.bytes) } catch { throw Malformed(error.message, offset: error.offset) }
        let root = document.root
        guard root.kind == .object else { throw Malformed("the index is no JSON object") }
        let place = index.url ?? request.url
        if let version = subject.version {
            guard let release = PubPage.release(root, of: subject.package, at: place), release.purl.version == version
            else { throw Malformed("the document is not about \(subject.name) \(version)") }
            entries = [Entry(node: root, release: release, isWhole: true)]
            return
        }
        guard let name = root["name"]?.string, name.lowercased() == subject.name else {
            throw Malformed("the index is not about \(subject.name)")
        }
        guard let versions = root["versions"], versions.kind == .array else {
            throw Malformed("the index has no versions")
        }
        let isDiscontinued = root["isDiscontinued"]?.bool == true
        let successor = root["replacedBy"]?.string.map { "replaced by \($0)" } ?? "discontinued"
        entries = versions.elements.map { node in
            var release = PubPage.release(node, of: subject.package, at: place)
            if isDiscontinued { release?.deprecated = Withdrawal(reason: successor) }
            return Entry(node: node, release: release, isWhole: false)
        }
    }

    private static func release(_ node: JSONNode, of package: Purl, at place: HTTPURL) -> Release? {
        guard let version = node["version"]?.string, PubVersion(version) != nil else { return nil }
        // Clients read the pubspec inside before they fetch: one that lies is no release of this package.
        if let pubspec = node["pubspec"] {
            if let name = pubspec["name"]?.string, name.lowercased() != package.name { return nil }
            if let inner = pubspec["version"]?.string, inner != version { return nil }
        }
        let purl = package.at(version)
        let url = (node["archive_url"]?.string).flatMap { try? place.resolving($0) }
        var artifact = Artifact(file: Pub.file(of: purl), url: url)
        if let digest = Digest(.sha256, hex: node["archive_sha256"]?.string ?? "") { artifact.digests = [digest] }
        let time = (node["published"]?.string).flatMap { Timestamp(rfc3339: $0) }
        artifact.published = time.map { PublishTime($0, basis: .registryTime) }
        if node["retracted"]?.bool == true { artifact.yanked = Withdrawal(reason: "retracted") }
        var release = Release(purl: purl, published: artifact.published, artifacts: [artifact])
        release.yanked = artifact.yanked
        return release
    }
}
