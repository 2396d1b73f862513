public import Core
internal import JSONText
internal import Transfer

/// What the registry's public index says of a package.
public struct PackageFacts: Sendable {
    public let package: Purl
    /// Those that were asked for; with the history all, but those others only as far as releases are compared with them.
    public let releases: [Release]
}

extension RegistryClient {
    private static let mostReleases = 1_000

    /// What the public indexes say of releases, as the registry reads them. Packages of which it knows nothing are missing;
    /// so are all where it is of a version that cannot be asked.
    public func facts(of releases: [Purl], history: Bool) async throws(Problem) -> [PackageFacts] {
        var facts: [PackageFacts] = []
        var rest = releases[...]
        while !rest.isEmpty {
            let part = rest.prefix(RegistryClient.mostReleases)
            rest = rest.dropFirst(part.count)
            var question = Question("/api/v1/facts")
            question.method = "POST"
            question.headers = [HeaderField(name: "Content-Type", value: "application/json")]
            question.body =
                JSON.object(["history": .bool(history), "releases": .array(part.map { .string($0.description) })])
                .canonicalBytes()
            question.accepted = [200, 404]
            let (head, bytes) = try await answer(to: question)
            guard head.status == 200 else { return facts }
            let json = try? JSON(parsing: bytes, limits: JSONLimits(depth: 16, bytes: bytes.count))
            guard let packages = json?["packages"]?.array else { throw senseless("no facts of packages") }
            facts += try packages.map { package throws(Problem) in try told(package) }
        }
        return facts
    }

    private func told(_ json: JSON) throws(Problem) -> PackageFacts {
        guard let package = json["package"]?.string.flatMap({ try? Purl(parsing: $0) }),
            let items = json["releases"]?.array
        else { throw senseless("facts of no package") }
        var releases: [Release] = []
        for item in items {
            guard let purl = item["purl"]?.string.flatMap({ try? Purl(parsing: $0) }),
                purl.registryKey == package.registryKey
            else {
                throw senseless("facts of a release of another package")
            }
            releases.append(RegistryClient.release(purl, item))
        }
        return PackageFacts(package: package, releases: releases)
    }

    private static func release(_ purl: Purl, _ json: JSON) -> Release {
        var release = Release(purl: purl, published: published(json), yanked: withdrawal(json["yanked"]))
        release.deprecated = withdrawal(json["deprecated"])
        if let kind = json["evidence"]?["kind"]?.string.flatMap(PublisherEvidence.Kind.init(rawValue:)) {
            release.evidence = PublisherEvidence(kind, isVerified: json["evidence"]?["verified"]?.bool ?? false)
        }
        release.publishers = (json["publishers"]?.array ?? []).compactMap(\.string)
        release.license = json["license"]?.string
        release.repository = json["repository"]?.string
        release.homepage = json["homepage"]?.string
        release.runsInstallScript = json["install-script"]?.bool
        release.artifacts = (json["files"]?.array ?? []).map { file in
            Artifact(
                file: file["file"]?.string ?? "",
                url: file["url"]?.string.flatMap { try? HTTPURL($0) },
                digests: (file["digests"]?.array ?? []).compactMap { $0.string.flatMap { Digest($0) } },
                size: file["size"]?.integer,
                published: published(file),
                yanked: withdrawal(file["yanked"]),
                attributes: (file["attributes"]?.members ?? [:]).compactMapValues(\.string)
            )
        }
        return release
    }

    private static func published(_ json: JSON) -> PublishTime? {
        guard let time = json["published"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let basis = json["basis"]?.string.flatMap(PublishTime.Basis.init(rawValue:))
        else { return nil }
        return PublishTime(time, basis: basis)
    }

    private static func withdrawal(_ reason: JSON?) -> Withdrawal? {
        reason?.string.map { Withdrawal(reason: $0) }
    }
}
