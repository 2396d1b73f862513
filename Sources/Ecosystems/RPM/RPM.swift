public import Core

/// RPM repositories as dnf, yum and zypper ask for them: repomd.xml vouches for the indexes of packages.
///
/// An index may be signed (`repomd.xml.asc`) and nothing in it says so, so policy acts on packages alone.
public struct RPM: Ecosystem {
    public init() {}

    public var type: String { "rpm" }
    public var hosts: [String] {
        [
            "dl.fedoraproject.org", "download.fedoraproject.org", "mirrors.fedoraproject.org",
            "mirror.stream.centos.org", "mirrors.centos.org", "vault.centos.org", "dl.rockylinux.org",
            "mirrors.rockylinux.org", "repo.almalinux.org", "mirrors.almalinux.org", "download.opensuse.org",
            "cdn.opensuse.org", "cdn.redhat.com", "cdn-ubi.redhat.com", "yum.oracle.com",
        ]
    }
    /// Every distribution has its own.
    public var defaultOrigin: Origin? { nil }
    public var mayRewriteIndex: Bool { false }
    public var registryAssignsTimes: Bool { false }
    public var lockfileNames: [String] { ["rpms.lock.yaml"] }
    /// librepo prints `Status code: 403 for ADDRESS`, neither reason phrase nor body.
    public func refusalAddress(for request: Request) -> RefusalAddress? {
        request.userAgent.contains("libdnf") || request.userAgent.contains("librepo") ? .followed : nil
    }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        let place = RPMPath(request.url)
        switch place.kind {
        case .folder: return .passThrough
        case .index: return .index(.repository(place.part))
        case .sidecar: return .sidecar(release: nil, file: place.file)
        // The name has no epoch, so it proves no release; an index that lists the file does.
        case .package: return .artifact(ArtifactName(file: place.file))
        case .other: return nil
        }
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        RPMFile(file).map { [$0.purl(vendor: RPMPath(url).vendor)] } ?? []
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        // repomd.xml has the digests of all others, and may be signed itself.
        index
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = RPMVersion(a), let b = RPMVersion(b) else { return nil }
        return RPMVersion.order(a, b)
    }
}
