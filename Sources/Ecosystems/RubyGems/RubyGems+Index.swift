public import Core

extension RubyGems {
    /// The compact index says when a version was published only since 2026; the API says it of every one.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .package(let gem) = scope, !RubyGems.isService(request.url),
            let page = try? CompactIndexPage(index.bytes, of: gem, gems: RubyGems.gems(for: request.url)),
            page.lines.contains(where: { $0.release.map { $0.published == nil } ?? false }),
            let url = RubyGems.versionsPage(beside: request.url, of: gem)
        else { return [] }
        return [CompanionRequest(url: url, accept: "application/json")]
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let gem) = scope else { return PackageIndex(scope: scope, releases: []) }
        let gems = try RubyGems.gems(for: request.url)
        if RubyGems.isService(request.url) {
            let page = try GemVersionsPage(index.bytes, of: gem, gems: gems)
            return PackageIndex(scope: scope, releases: page.entries.compactMap(\.release))
        }
        var releases = try CompactIndexPage(index.bytes, of: gem, gems: gems).lines.compactMap(\.release)
        for companion in companions {
            // A companion that cannot be read adds nothing; what stays unknown is policy's to judge.
            guard let page = try? GemVersionsPage(companion.bytes, of: gem, gems: gems) else { continue }
            releases = releases.map(page.complete)
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard case .package(let gem) = scope else { return index }
        let gems = try RubyGems.gems(for: request.url)
        let bytes: [UInt8]
        if RubyGems.isService(request.url) {
            bytes = try GemVersionsPage(index.bytes, of: gem, gems: gems).bytes(keeping: view.keeps)
        } else {
            bytes = try CompactIndexPage(index.bytes, of: gem, gems: gems).bytes(keeping: view.keeps)
        }
        return Document(bytes, contentType: index.contentType, url: index.url)
    }

    private static func isService(_ url: HTTPURL) -> Bool {
        url.segments.contains("api") && url.path.hasSuffix(".json")
    }

    /// The repository's root, with a slash at its end.
    private static func root(of url: HTTPURL) -> String {
        for mark in ["/info/", "/api/v1/"] {
            if let range = url.path.ranges(of: mark).last { return String(url.path[..<range.lowerBound]) + "/" }
        }
        return "/"
    }

    /// Where the gems of an index lie.
    static func gems(for url: HTTPURL) throws(Malformed) -> HTTPURL {
        let origin = url.origin.host == indexHost ? Origin(.https, home) : url.origin
        return try HTTPURL(origin: origin, target: root(of: url) + "gems/")
    }

    private static func versionsPage(beside url: HTTPURL, of gem: Purl) -> HTTPURL? {
        let origin = url.origin.host == indexHost ? Origin(.https, home) : url.origin
        return try? HTTPURL(origin: origin, target: "\(root(of: url))api/v1/versions/\(gem.name).json")
    }
}
