public import Core
internal import JSONText

extension Terraform {
    /// The list that clients read has no times; the public registry's own site reads one that has.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .versions(let provider)? = try? TerraformPlace(request.url),
            request.url.origin == defaultOrigin, let namespace = provider.namespace,
            let url = try? HTTPURL(
                origin: request.url.origin,
                target: "/v2/providers/\(namespace)/\(provider.name)?include=provider-versions"
            )
        else { return [] }
        return [CompanionRequest(url: url, accept: "application/json")]
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let subject) = scope else { throw Malformed("Terraform has one index per provider") }
        // Clients resolve links against the address that they asked.
        let place = request.url
        switch try TerraformPlace(request.url) {
        case .versions, .moduleVersions, .mirrorIndex:
            let times = Terraform.times(in: companions)
            let releases = Terraform.versions(in: try Terraform.root(of: index)).map { listed in
                let published = times[listed.version].map { PublishTime($0, basis: .registryTime) }
                return Release(purl: subject.at(listed.version), published: published)
            }
            return PackageIndex(scope: scope, releases: releases)
        case .download:
            let root = try Terraform.root(of: index)
            let release = Release(purl: subject, artifacts: [try Terraform.download(root, at: place)])
            // Of the signed digests it says only where they are.
            let signed = ["shasums_url", "shasums_signature_url"].compactMap { root[$0]?.string }
                .compactMap { try? place.resolving($0).withoutFragment }
            let vouches = Dictionary(signed.map { ($0, [Digest]()) }) { first, _ in first }
            return PackageIndex(scope: scope, releases: [release], vouches: vouches)
        case .mirrorVersion:
            let artifacts = Terraform.archives(try Terraform.root(of: index), at: place).map(\.artifact)
            return PackageIndex(scope: scope, releases: [Release(purl: subject, artifacts: artifacts)])
        case .checksums:
            let artifacts = try Terraform.checksums(index.bytes, at: request.url)
            return PackageIndex(scope: scope, releases: [Release(purl: subject, artifacts: artifacts)])
        default: throw Malformed("the document is no index")
        }
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard case .package(let subject) = scope else { throw Malformed("Terraform has one index per provider") }
        let shown = try readIndex(index, companions: [], for: request, scope: scope).releases
        switch try TerraformPlace(request.url) {
        case .versions, .moduleVersions, .mirrorIndex:
            let document = try Terraform.parsed(index)
            var edit = JSONEdit(document)
            for listed in Terraform.versions(in: document.root) {
                guard !view.keeps(Release(purl: subject.at(listed.version)), Artifact(file: "")) else { continue }
                edit.remove(listed.node)
            }
            return edit.isEmpty ? index : Document(edit.bytes(), contentType: index.contentType, url: index.url)
        default:
            for release in shown {
                guard release.artifacts.contains(where: { view.keeps(release, $0) }) else {
                    throw Malformed("the release is hidden")
                }
            }
            return index
        }
    }

    private static func parsed(_ index: Document) throws(Malformed) -> JSONDocument {
        do { return try JSONDocument(index.bytes) } catch { throw Malformed(error.message, offset: error.offset) }
    }

    private static func root(of index: Document) throws(Malformed) -> JSONNode {
        let root = try parsed(index).root
        guard root.kind == .object else { throw Malformed("the index is no JSON object") }
        return root
    }

    /// A registry lists objects (a module's one level deeper), a mirror has a member for each version.
    private static func versions(in root: JSONNode) -> [(version: String, node: JSONNode)] {
        var found: [(version: String, node: JSONNode)] = []
        for list in [root["versions"]] + (root["modules"].map { $0.elements.map { $0["versions"] } } ?? []) {
            guard let list else { continue }
            if list.kind == .object {
                found += list.members.map { ($0.key, $0.node) }
            } else {
                found += list.elements.compactMap { node in node["version"]?.string.map { ($0, node) } }
            }
        }
        return found.filter { SemanticVersion($0.version) != nil }
    }

    /// `{"filename":…,"download_url":…,"shasum":HEX}`
    private static func download(_ root: JSONNode, at place: HTTPURL) throws(Malformed) -> Artifact {
        guard let link = root["download_url"]?.string, let hex = root["shasum"]?.string,
            let digest = Digest(.sha256, hex: hex)
        else { throw Malformed("the document has no link or no digest of an archive") }
        let url = try place.resolving(link)
        return Artifact(file: url.file, url: url, digests: [digest])
    }

    /// `{"archives":{"linux_amd64":{"url":…,"hashes":["zh:HEX","h1:BASE64"]}}}`
    private static func archives(_ root: JSONNode, at place: HTTPURL) -> [(artifact: Artifact, node: JSONNode)] {
        (root["archives"].map { Array($0.members) } ?? []).compactMap { member in
            guard let link = member.node["url"]?.string, let url = try? place.resolving(link) else { return nil }
            let hashes = member.node["hashes"].map { $0.elements.compactMap { $0.string.flatMap(digest) } } ?? []
            // Of several of a kind any may be the one, so none is a promise.
            let single = hashes.filter { one in hashes.count { $0.algorithm == one.algorithm } == 1 }
            return (Artifact(file: url.file, url: url, digests: single), member.node)
        }
    }

    /// `h1:BASE64` of what the archive holds, `zh:HEX` of the archive.
    static func digest(_ hash: String) -> Digest? {
        hash.hasPrefix("zh:")
            ? Digest(.sha256, hex: String(hash.dropFirst(3))) : hash.hasPrefix("h1:") ? Digest(hash) : nil
    }

    /// `HEX  FILE`, one a line.
    private static func checksums(_ bytes: [UInt8], at url: HTTPURL) throws(Malformed) -> [Artifact] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("SHA256SUMS is not UTF-8") }
        var artifacts: [Artifact] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count == 2, let digest = Digest(.sha256, hex: String(words[0])),
                words[1].utf8.allSatisfy({ PercentEncoding.isUnreserved($0) }),
                let place = try? url.resolving(String(words[1]))
            else { throw Malformed("a line of SHA256SUMS names no file and digest") }
            artifacts.append(Artifact(file: String(words[1]), url: place, digests: [digest]))
        }
        guard !artifacts.isEmpty else { throw Malformed("SHA256SUMS names no file") }
        return artifacts
    }

    /// `included: [{attributes: {version, published-at}}]`
    private static func times(in companions: [Document]) -> [String: Timestamp] {
        var times: [String: Timestamp] = [:]
        for companion in companions {
            guard let root = try? JSONDocument(companion.bytes).root, let included = root["included"] else { continue }
            for node in included.elements {
                guard let attributes = node["attributes"], let version = attributes["version"]?.string,
                    let time = attributes["published-at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
                else { continue }
                times[version] = time
            }
        }
        return times
    }
}
