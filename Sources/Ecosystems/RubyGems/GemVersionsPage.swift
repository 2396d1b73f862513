internal import Core
internal import JSONText

/// `/api/v1/versions/NAME.json`: the same versions with their publish times and licences.
struct GemVersionsPage {
    /// One version, and its element.
    struct Entry {
        let node: JSONNode
        /// Nil for an element that could not be read.
        let release: Release?
    }

    let document: JSONDocument
    let entries: [Entry]

    init(_ bytes: [UInt8], of gem: Purl, gems: HTTPURL) throws(Malformed) {
        do { document = try JSONDocument(bytes) } catch { throw Malformed(error.message, offset: error.offset) }
        guard document.root.kind == .array else { throw Malformed("the versions of \(gem.name) are no JSON array") }
        entries = document.root.elements.map { node in
            Entry(node: node, release: GemVersionsPage.release(node, of: gem, gems: gems))
        }
    }

    private static func release(_ node: JSONNode, of gem: Purl, gems: HTTPURL) -> Release? {
        guard let number = node["number"]?.string, let (version, none) = GemFile.split(number), none == nil else {
            return nil
        }
        let platform = node["platform"]?.string
        guard platform.map(GemFile.isPlatform) ?? true else { return nil }
        let purl = GemFile.purl(gem.name, version, platform)
        let file = GemFile.name(of: purl)
        var artifact = Artifact(file: file, url: try? gems.resolving(file))
        if let digest = Digest(.sha256, hex: node["sha"]?.string ?? "") { artifact.digests = [digest] }
        let time = (node["created_at"]?.string).flatMap { Timestamp(rfc3339: $0) }
        artifact.published = time.map { PublishTime($0, basis: .registryTime) }
        var release = Release(purl: purl, published: artifact.published, artifacts: [artifact])
        let licenses = node["licenses"].map { $0.kind == .array ? $0.elements.compactMap(\.string) : [] } ?? []
        if !licenses.isEmpty { release.license = licenses.joined(separator: " OR ") }
        return release
    }

    /// Adds what a compact index does not say. A checksum that it does say stands.
    func complete(_ release: Release) -> Release {
        guard let known = entries.lazy.compactMap(\.release).first(where: { $0.purl == release.purl }),
            var artifact = release.artifacts.first, let other = known.artifacts.first
        else { return release }
        var release = release
        if artifact.digests.isEmpty { artifact.digests = other.digests }
        artifact.published = artifact.published ?? other.published
        release.published = release.published ?? known.published
        release.license = release.license ?? known.license
        release.artifacts = [artifact]
        return release
    }

    func bytes(keeping keeps: (Release, Artifact) -> Bool) -> [UInt8] {
        var edit = JSONEdit(document)
        for entry in entries {
            if let release = entry.release, let artifact = release.artifacts.first, keeps(release, artifact) {
                continue
            }
            edit.remove(entry.node)
        }
        return edit.isEmpty ? document.bytes : edit.bytes()
    }
}
