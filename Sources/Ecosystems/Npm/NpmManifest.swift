internal import Core
internal import JSONText

/// One version's object in an index. Reads the few members that policy needs and skips the rest unread.
struct NpmManifest {
    private var name: String?
    private var version: String?
    private var dist: JSONNode?
    private var deprecated: JSONNode?
    private var license: JSONNode?
    private var publisher: JSONNode?
    private var scripts: JSONNode?
    private var repository: JSONNode?
    private var homepage: JSONNode?
    private var author: JSONNode?
    private var dependencies: JSONNode?
    private var declaresInstallScript = false

    init(_ node: JSONNode) {
        for member in node.members {
            switch member.key {
            case "name": name = member.node.string
            case "version": version = member.node.string
            case "dist": dist = member.node
            case "deprecated": deprecated = member.node
            case "license": license = member.node
            case "licenses": license = license ?? member.node
            case "_npmUser": publisher = member.node
            case "scripts": scripts = member.node
            case "repository": repository = member.node
            case "homepage": homepage = member.node
            case "author": author = member.node
            case "dependencies": dependencies = member.node
            case "hasInstallScript", "gypfile":
                declaresInstallScript = declaresInstallScript || member.node.bool == true
            default: break
            }
        }
    }

    /// Nil where the object does not say that it is this package (and this version, if one is given): clients go by
    /// what stands inside, so policy must not judge it by its key.
    func release(of package: Purl, version expected: String?, at place: HTTPURL) -> Release? {
        guard name == package.path, let version, expected == nil || version == expected, NpmVersion(version) != nil
        else {
            return nil
        }
        var release = Release(purl: package.at(version), evidence: evidence)
        release.deprecated = withdrawal
        release.license = licenseText
        release.runsInstallScript = declaresInstallScript || runsScriptAtInstall
        release.dependencyCount = dependencies.map { $0.members.reduce(0) { count, _ in count + 1 } } ?? 0
        if let account = publisher?["name"]?.string { release.publishers = [account] }
        // The short index leaves them away; the full one names its publisher too.
        if publisher != nil {
            release.repository = repository?.string ?? repository?["url"]?.string ?? ""
            release.homepage = homepage?.string ?? ""
            release.authorEmail = author?["email"]?.string ?? NpmManifest.address(in: author?.string ?? "")
        }
        release.artifacts = [artifact(of: package, version: version, at: place)]
        return release
    }

    /// A manifest without a link still has one artifact, so that policy is asked about the release.
    private func artifact(of package: Purl, version: String, at place: HTTPURL) -> Artifact {
        let link = dist?["tarball"]?.string
        var url: HTTPURL?
        if let link { url = try? place.resolving(link) }
        var digests: [Digest] = []
        // Several hashes may stand in one integrity, separated by blanks.
        for part in (dist?["integrity"]?.string ?? "").split(separator: " ") {
            if let digest = Digest(integrity: String(part)) { digests.append(digest) }
        }
        if let hex = dist?["shasum"]?.string, let digest = Digest(.sha1, hex: hex) { digests.append(digest) }
        let file = url.map(\.file).flatMap { $0.isEmpty ? nil : $0 } ?? "\(package.name)-\(version).tgz"
        var artifact = Artifact(file: file, url: url, digests: digests)
        artifact.attributes = attestations(at: place)
        return artifact
    }

    /// Where the publisher's attestations are, and what the registry signed: `NAME@VERSION:INTEGRITY`.
    private func attestations(at place: HTTPURL) -> [String: String] {
        var attributes: [String: String] = [:]
        if let link = dist?["attestations"]?["url"]?.string, let url = try? place.resolving(link) {
            attributes["attestations"] = url.description
        }
        guard let signatures = dist?["signatures"], signatures.kind == .array else { return attributes }
        let lines = signatures.elements.compactMap { one in
            one["keyid"]?.string.flatMap { id in one["sig"]?.string.map { "\(id) \($0)" } }
        }
        if !lines.isEmpty {
            attributes["signatures"] = lines.joined(separator: "\n")
            attributes["integrity"] = dist?["integrity"]?.string
        }
        return attributes
    }

    /// An empty text and `false` are what `npm undeprecate` leaves behind.
    private var withdrawal: Withdrawal? {
        if let reason = deprecated?.string { return reason.isEmpty ? nil : Withdrawal(reason: reason) }
        return deprecated?.bool == true ? Withdrawal() : nil
    }

    var isDeprecated: Bool { withdrawal != nil }

    private var evidence: PublisherEvidence? {
        if publisher?["trustedPublisher"]?.kind == .object { return PublisherEvidence(.trustedPublisher) }
        if dist?["attestations"]?.kind == .object { return PublisherEvidence(.provenance) }
        return dist == nil ? nil : PublisherEvidence(.none)
    }

    private var runsScriptAtInstall: Bool {
        guard let scripts else { return false }
        return scripts.members.contains { member in
            member.isNamed("install") || member.isNamed("preinstall") || member.isNamed("postinstall")
        }
    }

    /// `Jane Doe <jane@example.org> (https://example.org)`; empty where no address stands in it.
    private static func address(in text: String) -> String {
        guard let start = text.firstIndex(of: "<"), let end = text[start...].firstIndex(of: ">") else { return "" }
        return String(text[text.index(after: start)..<end])
    }

    /// A text today; an object, or a list of objects under `licenses`, in old packages.
    private var licenseText: String? {
        guard let license else { return nil }
        let entries = license.kind == .array ? Array(license.elements) : [license]
        let names = entries.compactMap { $0.string ?? $0["type"]?.string }
        return names.isEmpty ? nil : names.joined(separator: " OR ")
    }
}
