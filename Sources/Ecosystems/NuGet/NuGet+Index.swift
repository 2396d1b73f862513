public import Core
internal import JSONText

extension NuGet {
    /// The registration leaf of a package leads to its catalog entry, where the digest stands. The feeds' other addresses
    /// follow from that of the file, where their hosts are known to keep to one scheme.
    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] {
        guard let release = name.release, let version = release.version, url.file.lowercased().hasSuffix(".nupkg"),
            let base = NuGet.registrations(for: url)
        else { return [] }
        guard let leaf = try? HTTPURL(origin: url.origin, target: "\(base)/\(release.name)/\(version).json") else {
            return []
        }
        return [Request(url: leaf)]
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        guard origin == defaultOrigin, let url = try? HTTPURL(origin: origin, target: NuGet.index(of: package)) else {
            return nil
        }
        return Request(url: url)
    }

    private static func index(of package: Purl) -> String { "/v3/registration5-gz-semver2/\(package.name)/index.json" }

    /// The registrations beside a flat container.
    private static func registrations(for url: HTTPURL) -> String? {
        let segments = url.path.split(separator: "/").map(String.init)
        if url.origin.host == "api.nuget.org" { return "/v3/registration5-gz-semver2" }
        // Azure Artifacts: …/nuget/v3/flat2/ID/VERSION/FILE
        guard segments.count > 3, segments[segments.count - 4] == "flat2" else { return nil }
        return "/" + segments.dropLast(4).joined(separator: "/") + "/registrations2-semver2"
    }

    /// The flat container knows versions alone; registrations keep the leaves of long lists on pages of their own.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .package(let package) = scope, let root = try? NuGet.root(of: index) else { return [] }
        if root["versions"] != nil {
            guard request.url.origin == defaultOrigin,
                let url = try? HTTPURL(origin: request.url.origin, target: NuGet.index(of: package))
            else { return [] }
            return [CompanionRequest(url: url)]
        }
        if let entry = root["catalogEntry"]?.string, let url = NuGet.own(entry, request) {
            return [CompanionRequest(url: url)]
        }
        let pages = root["items"].map { Array($0.elements) } ?? []
        return pages.filter { $0["items"] == nil && $0["catalogEntry"] == nil }.prefix(64).compactMap { page in
            page["@id"]?.string.flatMap { NuGet.own($0, request) }.map { CompanionRequest(url: $0) }
        }
    }

    /// Further documents are asked of the origin that named them.
    private static func own(_ text: String, _ request: Request) -> HTTPURL? {
        guard let url = try? request.url.resolving(text), url.origin == request.url.origin else { return nil }
        return url
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let root = try NuGet.root(of: index)
        guard case .package(let subject) = scope else {
            guard root["resources"]?.kind == .array else { throw Malformed("the service index has no resources") }
            return PackageIndex(scope: scope, releases: [])
        }
        var facts = NuGetFacts(package: subject.package)
        for companion in companions { facts.add(try NuGet.root(of: companion), at: companion.url ?? request.url) }
        let place = index.url ?? request.url
        guard let versions = root["versions"] else {
            guard root["items"] != nil || root["catalogEntry"] != nil else {
                throw Malformed("the document lists no versions")
            }
            facts.add(root, at: place)
            // A companion may know releases that this document does not list.
            return PackageIndex(scope: scope, releases: facts.releases(of: subject.version))
        }
        var releases: [Release] = []
        for text in versions.elements.compactMap(\.string) {
            guard let release = try? NuGet.release(subject.name, text) else { continue }
            releases.append(facts.completing(Release(purl: release)))
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        let document: JSONDocument
        do { document = try JSONDocument(index.bytes) } catch { throw Malformed(error.message, offset: error.offset) }
        var printer = NuGetPrinter(edit: JSONEdit(document), place: index.url ?? request.url, view: view)
        if case .package(let subject) = scope {
            printer.hide(in: document.root, of: subject.package)
        } else {
            printer.lead(document.root["resources"])
        }
        guard !printer.edit.isEmpty else { return index }
        return Document(printer.edit.bytes(), contentType: index.contentType, url: index.url)
    }

    static func root(of document: Document) throws(Malformed) -> JSONNode {
        let root: JSONNode
        do { root = try JSONDocument(document.bytes).root } catch {
            throw Malformed(error.message, offset: error.offset)
        }
        guard root.kind == .object else { throw Malformed("the document is no JSON object") }
        return root
    }
}

/// The changes that hide versions from a document, and lead its links to us.
private struct NuGetPrinter {
    var edit: JSONEdit
    let place: HTTPURL
    let view: IndexView

    mutating func hide(in root: JSONNode, of package: Purl) {
        if let versions = root["versions"] {
            for node in versions.elements where !keeps(node.string, package) { edit.remove(node) }
            return
        }
        guard let items = root["items"] else { return lead(leaf: root) }
        for item in items.elements {
            if item["catalogEntry"] != nil { hide(leaf: item, package) }
            for leaf in item["items"].map({ Array($0.elements) }) ?? [] { hide(leaf: leaf, package) }
            if item["items"] == nil { lead(item["@id"]) }
        }
    }

    private mutating func hide(leaf: JSONNode, _ package: Purl) {
        let version = leaf["catalogEntry"]?["version"]?.string
        guard keeps(version, package) else { return edit.remove(leaf) }
        if let entry = leaf["catalogEntry"], let release = version.flatMap({ try? NuGet.release(package.name, $0) }),
            view.refusal(Release(purl: release), Artifact(file: "")) != nil
        {
            edit.insert(key: "listed", value: false, into: entry)
        }
        lead(leaf: leaf)
    }

    private mutating func lead(leaf: JSONNode) { lead(leaf["packageContent"]) }

    private func keeps(_ text: String?, _ package: Purl) -> Bool {
        guard let text, let release = try? NuGet.release(package.name, text) else { return false }
        // Whether the file is listed beside its release depends on what the feed says of its digest.
        return ["", NuGet.file(of: release)].allSatisfy { view.keeps(Release(purl: release), Artifact(file: $0)) }
    }

    /// The addresses of one text or of every resource of the service index.
    mutating func lead(_ node: JSONNode?) {
        guard let link = view.link, let node else { return }
        let texts = node.kind == .array ? node.elements.compactMap { $0["@id"] } : [node]
        for text in texts {
            guard let url = text.string.flatMap({ try? place.resolving($0) }) else { continue }
            edit.replace(text, with: .string(link(url)))
        }
    }
}
