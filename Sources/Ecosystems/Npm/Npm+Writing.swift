public import Core
internal import JSONText

extension Npm {
    /// A single manifest cannot be shown without its release; the gateway refuses it by itself.
    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard case .package(let subject) = scope else { throw Malformed("npm has one index per package") }
        let document = try Npm.parsed(index)
        let link = Npm.followsLinks(request.userAgent) ? view.link : nil
        var printer = NpmPrinter(
            edit: JSONEdit(document),
            package: subject.package,
            place: index.url ?? request.url,
            view: view,
            link: link
        )
        if subject.version != nil {
            guard printer.keep(NpmManifest(document.root), of: document.root, version: nil) else {
                throw Malformed("the manifest's release is hidden")
            }
        } else {
            try Npm.check(document.root, isAbout: subject.package)
            printer.hideVersions(of: document.root)
        }
        guard !printer.edit.isEmpty else { return index }
        return Document(printer.edit.bytes(), contentType: index.contentType, url: index.url)
    }

    private static func parsed(_ index: Document) throws(Malformed) -> JSONDocument {
        do {
            return try JSONDocument(index.bytes)
        } catch {
            throw Malformed(error.message, offset: error.offset)
        }
    }

    /// npm and yarn 1 write a tarball's link into their lockfile, so they get it as the origin wrote it; npm maps its
    /// host to the configured registry by itself. The others fetch from the link and forget it.
    static func followsLinks(_ userAgent: String) -> Bool {
        !userAgent.hasPrefix("npm/") && !userAgent.hasPrefix("yarn/1.")
    }
}

/// The changes that hide versions from one index.
private struct NpmPrinter {
    var edit: JSONEdit
    /// Versions that stay listed for a lockfile's sake; no tag leads to them.
    var refused: Set<String> = []
    let package: Purl
    let place: HTTPURL
    let view: IndexView
    let link: (@Sendable (HTTPURL) -> String)?

    /// True where the manifest stays; its link is led elsewhere then, where asked.
    mutating func keep(_ manifest: NpmManifest, of node: JSONNode, version: String?) -> Bool {
        guard let release = manifest.release(of: package, version: version, at: place),
            let artifact = release.artifacts.first, view.keeps(release, artifact)
        else { return false }
        // npm, pnpm and yarn take a deprecated version only where nothing else will do.
        if let reason = view.refusal(release, artifact) {
            edit.insert(key: "deprecated", value: .string(reason), into: node)
            refused.insert(release.purl.version ?? "")
        }
        if let link, let url = artifact.url, let tarball = node["dist"]?["tarball"] {
            edit.replace(tarball, with: .string(link(url)))
        }
        return true
    }

    /// A version that could not be read as a release was not judged, so it is hidden too.
    mutating func hideVersions(of root: JSONNode) {
        var kept: [String: Bool] = [:]
        var hidden: Set<String> = []
        for member in Npm.versions(of: root) {
            let manifest = NpmManifest(member.node)
            let version = member.key
            if keep(manifest, of: member.node, version: version) {
                if !refused.contains(version) { kept[version] = manifest.isDeprecated }
            } else {
                hidden.insert(version)
                edit.remove(member)
            }
        }
        guard !hidden.isEmpty || !refused.isEmpty else { return }
        if let time = root["time"] {
            for member in time.members where hidden.contains(member.key) { edit.remove(member) }
        }
        repairTags(of: root, kept: kept)
    }

    /// yarn and deno fail on a tag that leads nowhere. `latest` moves back, other tags go.
    private mutating func repairTags(of root: JSONNode, kept: [String: Bool]) {
        guard let tags = root["dist-tags"] else { return }
        for tag in tags.members {
            guard let target = tag.node.string, kept[target] == nil else { continue }
            if tag.isNamed("latest"), let version = NpmPrinter.latest(of: kept, insteadOf: target) {
                edit.replace(tag.node, with: .string(version))
            } else {
                edit.remove(tag)
            }
        }
    }

    /// The newest stable version that is left. One above the old `latest` is taken last: it was published beside it,
    /// under another tag, for those who ask for it.
    private static func latest(of kept: [String: Bool], insteadOf target: String) -> String? {
        let old = NpmVersion(target)
        var best: (rank: Int, version: NpmVersion, text: String)?
        for (text, isDeprecated) in kept {
            guard let version = NpmVersion(text), !version.isPrerelease else { continue }
            let isBeyond = old.map { $0 < version } ?? false
            let rank = (isBeyond ? 0 : 2) + (isDeprecated ? 0 : 1)
            if let current = best, (rank, version, text) <= (current.rank, current.version, current.text) { continue }
            best = (rank, version, text)
        }
        return best?.text
    }
}
