internal import Core
internal import JSONText

/// One version's object in an index or a lockfile, whole.
struct ComposerRelease {
    let members: [String: JSON]

    private func text(_ key: String) -> String? { members[key]?.string }

    /// Nil where the object does not say that it is a version of this package: clients go by what stands inside.
    func release(of package: Purl) -> Release? {
        guard let version = text("version"), !version.isEmpty, version.utf8.count <= 256,
            version.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            text("name").map({ $0.lowercased() == package.path }) ?? true
        else { return nil }
        var release = Release(purl: purl(package.at(version)), published: published)
        release.deprecated = withdrawal
        release.license = licenseText
        // Only packages of these types are code that Composer itself runs.
        release.runsInstallScript = text("type").map { $0 == "composer-plugin" || $0 == "composer-installer" }
        release.repository = members["source"]?["url"]?.string ?? ""
        release.homepage = text("homepage") ?? ""
        release.authorEmail = members["authors"]?.array?.lazy.compactMap { $0["email"]?.string }.first ?? ""
        // `php` and `ext-…` are no packages.
        release.dependencyCount = members["require"]?.members?.keys.count { $0.contains("/") } ?? 0
        release.artifacts = [artifact(of: package, version: version, published: release.published)]
        return release
    }

    /// A branch is no one release: its commit says which.
    private func purl(_ release: Purl) -> Purl {
        guard let version = release.version, ComposerVersion(version)?.isBranch == true,
            let address = members["source"]?["url"]?.string, let reference = members["source"]?["reference"]?.string
        else { return release }
        return release.with(["vcs_url": "git+\(address)@\(reference)"])
    }

    /// A version without an archive still has one artifact, so that policy is asked about it.
    private func artifact(of package: Purl, version: String, published: PublishTime?) -> Artifact {
        let dist = members["dist"]
        let ending = dist?["type"]?.string ?? "zip"
        var artifact = Artifact(
            file: ComposerRelease.file(of: package, version: version, ending: ending),
            url: link,
            digests: digests,
            published: published
        )
        if let reference = dist?["reference"]?.string { artifact.attributes["reference"] = reference }
        return artifact
    }

    /// What the archive is called in the record: its own address often ends with a commit.
    private static func file(of package: Purl, version: String, ending: String) -> String {
        let name = "\(package.path)-\(version).\(ending)"
        return String(name.map { $0 == "/" || $0 == "\\" || $0.isWhitespace ? "-" : $0 })
    }

    var link: HTTPURL? {
        guard let dist = members["dist"], dist["type"]?.string != "path", let address = dist["url"]?.string else {
            return nil
        }
        return try? HTTPURL(address)
    }

    /// Packagist leaves `shasum` empty, since GitHub makes its archives anew each time.
    var digests: [Digest] {
        guard let hex = members["dist"]?["shasum"]?.string else { return [] }
        return Digest(.sha1, hex: hex).map { [$0] } ?? []
    }

    var published: PublishTime? {
        text("time").flatMap { Timestamp(rfc3339: $0) }.map { PublishTime($0, basis: .lastModified) }
    }

    /// `true`, or the name of the package that takes its place.
    private var withdrawal: Withdrawal? {
        switch members["abandoned"] {
        case .bool(true)?: Withdrawal(reason: "abandoned")
        case .string(let other)?: Withdrawal(reason: "abandoned, use \(other)")
        default: nil
        }
    }

    private var licenseText: String? {
        let names = members["license"]?.array?.compactMap(\.string) ?? members["license"]?.string.map { [$0] } ?? []
        return names.isEmpty ? nil : names.joined(separator: " OR ")
    }

    func pin() -> Pin? {
        // A folder of the project's own has a name that is nobody else's business.
        guard members["dist"]?["type"]?.string != "path", let name = text("name"),
            let package = try? Composer.package(name), let release = release(of: package)
        else { return nil }
        return Pin(release: release.purl, url: link, digests: digests, published: published)
    }
}

/// The difference coding of Packagist's indexes: each object says what is other than in the one before it.
/// <https://github.com/composer/metadata-minifier>
enum ComposerMinified {
    static let name = "composer/2.0"
    private static let absent = JSON.string("__unset")

    static func expand(_ objects: [[String: JSON]]) -> [[String: JSON]] {
        var current: [String: JSON] = [:]
        return objects.map { object in
            for (key, value) in object { current[key] = value == absent ? nil : value }
            return current
        }
    }

    static func minify(_ objects: [[String: JSON]]) -> [[String: JSON]] {
        var before: [String: JSON] = [:]
        return objects.map { object in
            var difference = object.filter { before[$0.key] != $0.value }
            for key in before.keys where object[key] == nil { difference[key] = absent }
            before = object
            return difference
        }
    }
}
