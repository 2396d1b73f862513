public import Core
internal import JSONText

extension Npm {
    /// The abbreviated index and a single manifest say nothing of publish times; the full index does.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .package(let package) = scope else { return [] }
        if package.version != nil {
            let path = request.url.path
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex,
                let url = try? request.url.moved(to: request.url.origin, path: String(path[..<slash]))
            else { return [] }
            return [CompanionRequest(url: url.with(query: nil), accept: "application/json")]
        }
        guard index.contentType.contains("vnd.npm.install-v1") else { return [] }
        return [CompanionRequest(url: request.url, accept: "application/json")]
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let subject) = scope else { throw Malformed("npm has one index per package") }
        let package = subject.package
        let root = try Npm.root(of: index)
        let place = index.url ?? request.url
        var releases: [Release] = []
        if subject.version != nil {
            guard let release = NpmManifest(root).release(of: package, version: nil, at: place) else {
                throw Malformed("the document is no manifest of \(package.path)")
            }
            releases = [release]
        } else {
            try Npm.check(root, isAbout: package)
            for member in Npm.versions(of: root) {
                guard let release = NpmManifest(member.node).release(of: package, version: member.key, at: place) else {
                    continue
                }
                releases.append(release)
            }
        }
        var facts = NpmFacts(times: Npm.times(of: root), hasReadme: Npm.hasReadme(root))
        for companion in companions { try facts.add(companion, about: package, wanting: releases) }
        return PackageIndex(scope: scope, releases: releases.map(facts.completing))
    }

    static func root(of document: Document) throws(Malformed) -> JSONNode {
        do {
            return try JSONDocument(document.bytes).root
        } catch {
            throw Malformed(error.message, offset: error.offset)
        }
    }

    static func check(_ root: JSONNode, isAbout package: Purl) throws(Malformed) {
        guard root.kind == .object else { throw Malformed("the index is no JSON object") }
        guard let name = root["name"]?.string else { throw Malformed("the index has no name") }
        guard name == package.path else { throw Malformed("the index is about '\(name)', not '\(package.path)'") }
        guard root["versions"].map({ $0.kind == .object }) ?? (root["time"] != nil) else {
            throw Malformed("the index has no versions")
        }
    }

    /// None for a package that was unpublished whole.
    static func versions(of root: JSONNode) -> [JSONMember] { root["versions"].map { Array($0.members) } ?? [] }

    /// Nil for the short index, which leaves it away. The registry has words of its own for a package without one.
    static func hasReadme(_ root: JSONNode) -> Bool? {
        guard root["time"]?.kind == .object else { return nil }
        let text = root["readme"]?.string ?? ""
        return !text.isEmpty && !text.hasPrefix("ERROR: No README")
    }

    static func times(of root: JSONNode) -> [String: Timestamp] {
        guard let time = root["time"] else { return [:] }
        var times: [String: Timestamp] = [:]
        for member in time.members {
            if let text = member.node.string, let stamp = Timestamp(rfc3339: text) { times[member.key] = stamp }
        }
        return times
    }
}

/// What a full index adds to releases that were read from a shorter document.
private struct NpmFacts {
    var times: [String: Timestamp]
    var full: [String: Release] = [:]
    /// Only the full index has one, or has none.
    var hasReadme: Bool?

    mutating func add(_ companion: Document, about package: Purl, wanting releases: [Release]) throws(Malformed) {
        let root = try Npm.root(of: companion)
        try Npm.check(root, isAbout: package)
        times.merge(Npm.times(of: root)) { first, _ in first }
        hasReadme = hasReadme ?? Npm.hasReadme(root)
        let wanted = Set(releases.compactMap(\.purl.version))
        guard let place = companion.url ?? releases.first?.artifacts.first?.url else { return }
        for member in Npm.versions(of: root) where wanted.contains(member.key) {
            full[member.key] = NpmManifest(member.node).release(of: package, version: member.key, at: place)
        }
    }

    func completing(_ release: Release) -> Release {
        guard let version = release.purl.version else { return release }
        var release = release
        release.published = times[version].map { PublishTime($0, basis: .registryTime) }
        for index in release.artifacts.indices { release.artifacts[index].published = release.published }
        release.hasReadme = hasReadme
        if let known = full[version] {
            release.deprecated = release.deprecated ?? known.deprecated
            release.license = release.license ?? known.license
            if let evidence = known.evidence, evidence.kind > (release.evidence?.kind ?? .none) {
                release.evidence = evidence
            }
            if known.runsInstallScript == true { release.runsInstallScript = true }
            if release.publishers.isEmpty { release.publishers = known.publishers }
            release.repository = release.repository ?? known.repository
            release.homepage = release.homepage ?? known.homepage
            release.authorEmail = release.authorEmail ?? known.authorEmail
        }
        return release
    }
}
