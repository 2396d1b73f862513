public import Core
internal import JSONText

extension Cargo {
    /// Times, where the index of crates.io lacks one, stand in its API. Other registries say in config.json where their
    /// files are, so that a file is known by its address however that looks.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .package(let package) = scope, let place = Cargo.indexPlace(request.url.segments) else { return [] }
        let url = request.url
        if url.origin.host == Cargo.indexHost {
            let lines = CrateLine.all(in: index.bytes)
            guard let name = lines.first(where: { $0.isAbout(package) })?.name, !lines.allSatisfy(\.hasTime),
                let api = try? HTTPURL("https://\(Cargo.webHost)/api/v1/crates/\(name)")
            else { return [] }
            return [CompanionRequest(url: api, accept: "application/json")]
        }
        let folders = url.path.split(separator: "/", omittingEmptySubsequences: true).dropLast(place.depth)
        let path = "/" + (folders.map(String.init) + [Cargo.settingsFile]).joined(separator: "/")
        guard let settings = try? url.moved(to: url.origin, path: path) else { return [] }
        return [CompanionRequest(url: settings.with(query: nil))]
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let package) = scope else {
            guard Cargo.root(of: index.bytes)?["dl"]?.string != nil else {
                throw Malformed("\(Cargo.settingsFile) does not say where the files are")
            }
            return PackageIndex(scope: scope, releases: [])
        }
        let lines = try Cargo.lines(of: index, about: package)
        var files = request.url.origin.host == Cargo.indexHost ? CrateFiles.cratesIO : .unknown
        var facts = CrateFacts()
        for root in companions.compactMap({ Cargo.root(of: $0.bytes) }) {
            if let template = root["dl"]?.string { files = CrateFiles(template: template) }
            facts.add(root, about: package)
        }
        return PackageIndex(scope: scope, releases: lines.map { facts.completing($0.release(files)) })
    }

    /// A refused release stays listed, but as one taken back: cargo passes over it, and a Cargo.lock that names it goes on
    /// to the file, where the refusal is shown with its reason. Without the line cargo would only say that there is none.
    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard case .package(let package) = scope else { return try Cargo.linked(index, view) }
        var lines: [[UInt8]] = []
        var isChanged = false
        for bytes in index.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard !bytes.isEmpty else {
                lines.append([])
                continue
            }
            // What could not be read, or is about another crate, was not judged.
            guard let line = CrateLine(bytes), line.isAbout(package) else {
                isChanged = true
                continue
            }
            let release = line.release(.unknown)
            let isKept = release.artifacts.allSatisfy { view.offers(release, $0) }
            let shown = isKept ? Array(bytes) : line.yanked()
            isChanged = isChanged || !isKept && !shown.elementsEqual(bytes)
            lines.append(shown)
        }
        guard isChanged else { return index }
        return Document(Array(lines.joined(separator: [0x0A])), contentType: index.contentType, url: index.url)
    }

    /// config.json, its addresses led to us where the client is.
    private static func linked(_ index: Document, _ view: IndexView) throws(Malformed) -> Document {
        guard let link = view.link else { return index }
        let document: JSONDocument
        do { document = try JSONDocument(index.bytes) } catch { throw Malformed(error.message, offset: error.offset) }
        var edit = JSONEdit(document)
        for key in ["dl", "api"] {
            guard let node = document.root[key], let text = node.string, let url = try? HTTPURL(text) else { continue }
            var led = link(url)
            // Clients put a path behind it.
            if led.hasSuffix("/"), !text.hasSuffix("/") { led.removeLast() }
            edit.replace(node, with: .string(led))
        }
        guard !edit.isEmpty else { return index }
        return Document(edit.bytes(), contentType: index.contentType, url: index.url)
    }

    private static func lines(of index: Document, about package: Purl) throws(Malformed) -> [CrateLine] {
        let lines = CrateLine.all(in: index.bytes)
        guard !lines.isEmpty else { throw Malformed("the file lists no release") }
        let own = lines.filter { $0.isAbout(package) }
        guard !own.isEmpty else { throw Malformed("the file is about '\(lines[0].name)', not '\(package.name)'") }
        return own
    }

    private static func root(of bytes: [UInt8]) -> JSONNode? {
        guard let root = try? JSONDocument(bytes).root, root.kind == .object else { return nil }
        return root
    }
}

/// What the API of crates.io says beside the index.
private struct CrateFacts {
    private var versions: [String: JSONNode] = [:]
    private var crate: JSONNode?

    mutating func add(_ root: JSONNode, about package: Purl) {
        guard let name = root["crate"]?["name"]?.string, name.lowercased() == package.name.lowercased(),
            let list = root["versions"]
        else { return }
        crate = root["crate"]
        for version in list.elements {
            if let number = version["num"]?.string { versions[number] = version }
        }
    }

    func completing(_ release: Release) -> Release {
        guard let facts = release.purl.version.flatMap({ versions[$0] }) else { return release }
        var release = release
        if release.published == nil {
            let time = facts["created_at"]?.string.flatMap { Timestamp(rfc3339: $0) }
            release.published = time.map { PublishTime($0, basis: .registryTime) }
            for index in release.artifacts.indices { release.artifacts[index].published = release.published }
        }
        release.license = facts["license"]?.string
        release.repository = crate?["repository"]?.string ?? ""
        release.homepage = crate?["homepage"]?.string ?? ""
        if let trusted = facts["trustpub_data"] {
            release.evidence = PublisherEvidence(trusted.kind == .object ? .trustedPublisher : .none)
        }
        if let account = facts["published_by"]?["login"]?.string { release.publishers = [account] }
        if let reason = facts["yank_message"]?.string, release.yanked != nil {
            release.yanked = Withdrawal(reason: reason)
        }
        return release
    }
}
