public import Core

/// Terraform's and OpenTofu's providers and modules: the registry protocol, network mirrors, and HashiCorp's release server.
///
/// Lists of versions are signed by nobody, so they may be rewritten; a release's SHA256SUMS is signed and stays as it is.
public struct Terraform: Ecosystem {
    public init() {}

    public var type: String { "terraform" }
    public var hosts: [String] { ["registry.terraform.io", "releases.hashicorp.com", "registry.opentofu.org"] }
    /// OpenTofu's is another registry with packages of its own.
    public var mirroredHosts: [String] { ["registry.terraform.io", "releases.hashicorp.com"] }
    public var defaultOrigin: Origin? { Origin(.https, "registry.terraform.io") }
    /// What clients read holds no time; only the public registry's own pages do.
    public var registryAssignsTimes: Bool { false }
    public var lockfileNames: [String] { [".terraform.lock.hcl"] }
    public var looksUpLockedReleases: Bool { true }
    public var tellsOfEmptiedIndexes: Bool { true }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        guard let place = try TerraformPlace(request.url) else {
            return hosts.contains(request.url.origin.host) ? .passThrough : nil
        }
        return switch place {
        case .discovery: .sidecar(release: nil, file: "terraform.json")
        case .versions(let package), .moduleVersions(let package), .mirrorIndex(let package): .index(.package(package))
        case .download(let release), .mirrorVersion(let release), .checksums(let release): .index(.package(release))
        case .signature(let release, let file): .sidecar(release: release, file: file)
        case .archive(let release, let file): .artifact(ArtifactName(release: release, file: file))
        case .service: .passThrough
        }
    }

    /// Providers lie where their authors like, mostly beside a release on GitHub, and so do the digests that these sign.
    public func intent(ofNamed request: Request) -> Intent? {
        let file = request.url.file
        guard request.method == "GET" || request.method == "HEAD", !hosts.contains(request.url.origin.host),
            file.hasPrefix("terraform-provider-"), file.contains("_SHA256SUMS"),
            file.hasSuffix("_SHA256SUMS") || file.hasSuffix(".sig"),
            file.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) })
        else { return nil }
        return .sidecar(release: nil, file: file)
    }

    /// What is signed stays as it is.
    public func isFinal(_ request: Request) -> Bool {
        switch try? TerraformPlace(request.url) {
        case .checksums, .signature: true
        default: false
        }
    }

    /// HashiCorp's release server keeps the digests of a release in one file beside its archives.
    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] {
        guard case .archive(let release?, _)? = try? TerraformPlace(url), let version = release.version,
            name.digests.allSatisfy({ !$0.algorithm.isStrong }), let slash = url.path.lastIndex(of: "/")
        else { return [] }
        let product = url.segments.first ?? ""
        let path = "\(url.path[...slash])\(product)_\(version)_SHA256SUMS"
        return (try? HTTPURL(origin: url.origin, target: path)).map { [Request(url: $0)] } ?? []
    }

    /// Of a registry of one's own the path is not known before it is asked for.
    public func indexRequest(forPinned release: Purl) -> Request? {
        guard let origin = defaultOrigin, release.qualifiers["repository_url"] == nil,
            let namespace = release.namespace,
            !namespace.contains("/"),
            let url = try? HTTPURL(origin: origin, target: "/v1/providers/\(namespace)/\(release.name)/versions")
        else { return nil }
        return Request(url: url)
    }

    /// Its readers of mirrors and registries take every 403 for a lack of credentials, and its download shows the number.
    public func refusalAddress(for request: Request) -> RefusalAddress? {
        let agents = ["Terraform/", "HashiCorp Terraform/", "OpenTofu/", "Go-http-client/"]
        return agents.contains { request.userAgent.hasPrefix($0) } ? .unspoken : nil
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = SemanticVersion(a), let b = SemanticVersion(b) else { return nil }
        return a.compared(to: b)
    }

    public func isPrerelease(_ version: String) -> Bool { SemanticVersion(version)?.isPrerelease ?? false }

    /// The provider of an address such as `registry.terraform.io/hashicorp/null`; the public registry is not named.
    static func provider(_ host: String, _ namespace: String, _ name: String) throws(Malformed) -> Purl {
        for part in [namespace, name] {
            let isPlain = part.utf8.allSatisfy { PercentEncoding.isUnreserved($0) }
            guard isPlain, !part.isEmpty, part.utf8.count <= 128, !part.hasPrefix("."), !part.hasPrefix("-") else {
                throw Malformed("'\(part.prefix(80))' is no name of a provider")
            }
        }
        // Addresses are compared without regard to case.
        let purl = Purl(type: "terraform", namespace: namespace.lowercased(), name: name.lowercased())
        return host == "registry.terraform.io" ? purl : purl.with(["repository_url": host])
    }

    static func version(_ text: String) throws(Malformed) -> String {
        guard SemanticVersion(text) != nil else { throw Malformed("'\(text.prefix(80))' is no version") }
        return text
    }
}
