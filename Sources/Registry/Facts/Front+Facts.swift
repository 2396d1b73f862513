internal import Core
internal import Gateway
internal import JSONText
internal import Upstream

/// What public indexes say of many releases, in one answer: an agent that judges a lockfile asks once instead of once a package.
extension Front {
    private static let mostReleases = 5_000
    private static let indexesAtOnce = 16
    /// Releases and files in one answer. Of packages for which there is no room nothing is said, as of those whose index
    /// cannot be had; the agent asks about them itself.
    private static let mostRows = 100_000

    func facts(_ call: Call) async throws(Declined) -> Reply {
        let body = try await call.json(limit: configuration.limits.request)
        guard let items = body["releases"]?.array, items.count <= Front.mostReleases else {
            throw .malformed("releases", "must be a list of at most \(Front.mostReleases) purls with a version")
        }
        var asked: [Purl: Set<String>] = [:]
        for item in items {
            guard let purl = item.string.flatMap({ try? Purl(parsing: $0) }), let version = purl.version else {
                throw .malformed("releases", "has an item that is no purl with a version")
            }
            asked[purl.package, default: []].insert(version)
        }
        let wantsHistory = body["history"]?.bool == true
        var packages: [JSON] = []
        var rows = 0
        for (package, releases) in await listed(asked.keys.sorted { $0.description < $1.description }) {
            let isAsked = { (release: Release) in asked[package]?.contains(release.purl.version ?? "") == true }
            let told = wantsHistory ? releases : releases.filter(isAsked)
            rows += told.reduce(1) { $0 + 1 + $1.artifacts.count }
            guard rows <= Front.mostRows else { break }
            let json = told.map { Front.json($0, isWhole: isAsked($0)) }
            packages.append(["package": .string(package.description), "releases": .array(json)])
        }
        return Replies.json(["packages": .array(packages)])
    }

    /// In the order of the question; without those of which nothing is known.
    private func listed(_ packages: [Purl]) async -> [(package: Purl, releases: [Release])] {
        guard let gateway = gateway as? PublicGateway else { return [] }
        var all = [[Release]?](repeating: nil, count: packages.count)
        await withTaskGroup(of: (Int, [Release]?).self) { group in
            for (at, package) in packages.enumerated() {
                if at >= Front.indexesAtOnce, let (done, releases) = await group.next() { all[done] = releases }
                group.addTask { (at, await gateway.releases(of: package)) }
            }
            for await (done, releases) in group { all[done] = releases }
        }
        return packages.indices.compactMap { at in all[at].map { (packages[at], $0) } }
    }

    /// Of a release that was not asked for, only what others of its package are compared with.
    private static func json(_ release: Release, isWhole: Bool) -> JSON {
        var json: [String: JSON] = ["purl": .string(release.purl.description)]
        put(release.published, into: &json)
        json["yanked"] = release.yanked.map { .string($0.reason) }
        if let evidence = release.evidence {
            json["evidence"] = ["kind": .string(evidence.kind.rawValue), "verified": .bool(evidence.isVerified)]
        }
        if !release.publishers.isEmpty { json["publishers"] = .strings(release.publishers) }
        if isWhole {
            json["deprecated"] = release.deprecated.map { .string($0.reason) }
            json["license"] = release.license.map(JSON.string)
            json["repository"] = release.repository.map(JSON.string)
            json["homepage"] = release.homepage.map(JSON.string)
            json["install-script"] = release.runsInstallScript.map(JSON.bool)
        }
        json["files"] = .array(release.artifacts.map { Front.json($0, isWhole: isWhole) })
        return .object(json)
    }

    private static func json(_ file: Artifact, isWhole: Bool) -> JSON {
        var json: [String: JSON] = ["file": .string(file.file), "size": file.size.map(JSON.integer) ?? .null]
        guard isWhole else { return .object(json) }
        json["url"] = file.url.map { .string($0.description) }
        json["digests"] = .array(file.digests.map { .string($0.description) })
        json["yanked"] = file.yanked.map { .string($0.reason) }
        json["attributes"] = .object(file.attributes.mapValues(JSON.string))
        put(file.published, into: &json)
        return .object(json)
    }

    private static func put(_ time: PublishTime?, into json: inout [String: JSON]) {
        guard let time else { return }
        json["published"] = .string(time.time.description)
        json["basis"] = .string(time.basis.rawValue)
    }
}
