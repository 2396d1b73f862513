internal import Core
internal import JSONText

/// What registrations and catalog entries say of the releases of one package.
struct NuGetFacts {
    let package: Purl
    private var known: [String: Release] = [:]
    private var order: [String] = []

    init(package: Purl) { self.package = package }

    /// A registration's index, a page of one, a leaf of one, or a catalog entry.
    mutating func add(_ root: JSONNode, at place: HTTPURL) {
        if let items = root["items"] {
            // In a list, a leaf that does not hold its entry is not shown either.
            for item in items.elements {
                for leaf in [item] + (item["items"].map { Array($0.elements) } ?? [])
                where leaf["catalogEntry"]?.kind == .object {
                    add(leaf: leaf, at: place)
                }
            }
        } else if root["packageContent"] != nil {
            add(leaf: root, at: place)
        } else {
            add(entry: root, content: nil, listed: root["listed"]?.bool, published: root["published"]?.string)
        }
    }

    private mutating func add(leaf: JSONNode, at place: HTTPURL) {
        let content = leaf["packageContent"]?.string.flatMap { try? place.resolving($0).withoutFragment }
        let entry = leaf["catalogEntry"]
        if let entry, entry.kind == .object {
            let listed = entry["listed"]?.bool
            add(entry: entry, content: content, listed: listed, published: entry["published"]?.string)
            return
        }
        // A leaf by itself names its release in its addresses alone.
        guard let file = content?.file.lowercased(), file.hasPrefix("\(package.name)."), file.hasSuffix(".nupkg") else {
            return
        }
        let version = file.dropFirst(package.name.count + 1).dropLast(6)
        learn(
            String(version),
            content: content,
            listed: leaf["listed"]?.bool,
            published: leaf["published"]?.string.flatMap { Timestamp(rfc3339: $0) },
            entry: nil
        )
    }

    private mutating func add(entry: JSONNode, content: HTTPURL?, listed: Bool?, published: String?) {
        guard let id = entry["id"]?.string, id.lowercased() == package.name, let version = entry["version"]?.string
        else {
            return
        }
        let time = published.flatMap { Timestamp(rfc3339: $0) }
        let created = entry["created"]?.string.flatMap { Timestamp(rfc3339: $0) }
        let isReal = time.map { $0.seconds > 0 } ?? false
        learn(version, content: content, listed: listed, published: isReal ? time : created ?? time, entry: entry)
    }

    private mutating func learn(
        _ text: String,
        content: HTTPURL?,
        listed: Bool?,
        published: Timestamp?,
        entry: JSONNode?
    ) {
        guard let purl = try? NuGet.release(package.name, text), let version = purl.version else { return }
        let file = NuGet.file(of: purl)
        var release = known[version] ?? Release(purl: purl, artifacts: [Artifact(file: file)])
        if known[version] == nil { order.append(version) }
        var artifact = release.artifacts[0]
        if let content { artifact = NuGetFacts.moved(artifact, to: content) }
        // Unlisted releases are said to be of the year 1900.
        if let published, published.seconds > 0 {
            release.published = PublishTime(published, basis: .registryTime)
            artifact.published = release.published
        } else if published != nil {
            release.yanked = Withdrawal(reason: "unlisted")
        }
        if listed == false { release.yanked = Withdrawal(reason: "unlisted") }
        if let entry { NuGetFacts.read(entry, into: &release, &artifact) }
        release.artifacts = [artifact]
        known[version] = release
    }

    private static func moved(_ artifact: Artifact, to url: HTTPURL) -> Artifact {
        Artifact(
            file: artifact.file,
            url: url,
            digests: artifact.digests,
            size: artifact.size,
            published: artifact.published
        )
    }

    private static func read(_ entry: JSONNode, into release: inout Release, _ artifact: inout Artifact) {
        if let license = entry["licenseExpression"]?.string, !license.isEmpty { release.license = license }
        if let deprecation = entry["deprecation"], deprecation.kind == .object {
            let reasons = deprecation["reasons"].map { $0.elements.compactMap(\.string) } ?? []
            let texts = reasons + [deprecation["message"]?.string ?? ""].filter { !$0.isEmpty }
            release.deprecated = Withdrawal(reason: texts.joined(separator: ", "))
        }
        if entry["packageHashAlgorithm"]?.string?.uppercased() == "SHA512",
            let bytes = entry["packageHash"]?.string.flatMap({ Base64.decode($0) }),
            let digest = Digest(.sha512, bytes: bytes)
        {
            artifact.digests = [digest]
        }
        if let size = entry["packageSize"]?.integer, size > 0 { artifact.size = size }
    }

    /// All, or the one of a version. A file is listed where its digest is known; else its own leaf will tell.
    func releases(of version: String?) -> [Release] {
        order.compactMap { version == nil || $0 == version ? known[$0] : nil }.map { release in
            var release = release
            release.artifacts.removeAll { $0.digests.isEmpty }
            return release
        }
    }

    /// What is known of a release that an index names alone.
    func completing(_ release: Release) -> Release {
        guard let version = release.purl.version, var found = known[version] else { return release }
        found.artifacts.removeAll { $0.digests.isEmpty }
        return found
    }
}
