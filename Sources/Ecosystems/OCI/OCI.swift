public import Core
internal import JSONText

/// The distribution protocol of container registries, as skopeo, buildah, podman, crane, oras and helm speak it.
public struct OCI: Ecosystem {
    public init() {}

    public let type = "oci"
    public let hosts = [
        "registry-1.docker.io", "auth.docker.io", "index.docker.io", "ghcr.io", "quay.io", "gcr.io",
        "us-docker.pkg.dev", "registry.k8s.io", "public.ecr.aws", "mcr.microsoft.com", "registry.gitlab.com",
    ]
    public var defaultOrigin: Origin? { Origin(.https, "registry-1.docker.io") }
    /// A mirror of the Docker Hub is no mirror of the other registries.
    public let mirroredHosts = ["registry-1.docker.io"]
    /// The only time there is was written by whoever built the image.
    public let registryAssignsTimes = false
    public var digestField: String? { "Docker-Content-Digest" }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let url = request.url
        let isRead = request.method == "GET" || request.method == "HEAD"
        if OCI.isTokenServer(request) { return .credential }
        let segments = url.segments
        guard segments.first == "v2" else { return nil }
        if segments.count == 1 { return isRead ? .passThrough : nil }
        if segments == ["v2", "_catalog"] { return isRead ? .search : nil }
        guard let path = try OCIPath(url) else { return nil }
        let package = OCI.package(path.repository, at: url.origin)
        switch (path.part, request.method) {
        case (.upload, "HEAD"): return .passThrough
        case (_, "DELETE"): return .yank(package)
        case (.manifest, "PUT"), (.upload, "POST"), (.upload, "PATCH"), (.upload, "PUT"),
            (.upload, "GET"):
            return .publish(package)
        case (_, _) where !isRead: return nil
        case (.manifest(.tag(let tag)), _): return .index(.package(package.with(["tag": tag])))
        case (.manifest(.digest(let digest)), _): return .index(.package(package.at(digest.description)))
        case (.tags, _): return .index(.package(package))
        case (.referrers(let digest), _): return .index(.repository("referrers/\(digest)"))
        case (.blob(let digest), _):
            let release = package.at(digest.description)
            return .artifact(ArtifactName(release: release, file: digest.description, digests: [digest]))
        case (.upload, _): return nil
        }
    }

    public func promises(of request: Request) -> [Digest] {
        guard let path = try? OCIPath(request.url) else { return [] }
        switch path.part {
        case .manifest(.digest(let digest)), .blob(let digest): return [digest]
        case .manifest(.tag), .upload, .tags, .referrers: return []
        }
    }

    /// Tags and digests have no order.
    public func compare(_ a: String, _ b: String) -> Int? { a == b ? 0 : nil }
}

extension OCI {
    /// The repository as a purl: the Docker Hub under the name that people use.
    static func package(_ repository: String, at origin: Origin) -> Purl {
        let isHub = ["registry-1.docker.io", "index.docker.io", "docker.io"].contains(origin.host)
        let name = repository.split(separator: "/").last.map(String.init) ?? repository
        let place = "\(isHub ? "docker.io" : origin.authority)/\(repository)"
        return Purl(type: "oci", name: name, qualifiers: ["repository_url": place])
    }

    /// Where a registry sends its clients for tokens. Others are known by the challenge that named them.
    private static func isTokenServer(_ request: Request) -> Bool {
        if request.url.origin.host == "auth.docker.io" { return true }
        let segments = request.url.segments
        let isPlace = [
            ["token"], ["v2", "token"], ["v2", "auth"], ["service", "token"], ["jwt", "auth"], ["oauth2", "token"],
            ["oauth2", "exchange"],
        ].contains(segments)
        guard isPlace else { return false }
        let names = (request.url.query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }
        return request.method == "POST" || names.contains("service") || names.contains("scope")
    }

    public func tokens(in answer: Document) -> [String] {
        guard let json = try? JSON(parsing: answer.bytes) else { return [] }
        return ["token", "access_token"].compactMap { json[$0]?.string }.filter { !$0.isEmpty }
    }
}
