public import Core

/// Debian's archives as apt asks for them: one signed index for each repository, so policy acts on files alone.
public struct Debian: Ecosystem {
    public init() {}

    public var type: String { "deb" }
    public var hosts: [String] {
        [
            "deb.debian.org", "security.debian.org", "archive.debian.org", "snapshot.debian.org", "archive.ubuntu.com",
            "security.ubuntu.com", "ports.ubuntu.com",
        ]
    }
    public var defaultOrigin: Origin? { Origin(.http, "deb.debian.org") }
    public var mayRewriteIndex: Bool { false }
    public var registryAssignsTimes: Bool { false }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        let place = DebianPath(request.url)
        guard !place.file.isEmpty else { return .passThrough }
        switch place.kind {
        case .index: return .index(.repository(place.part))
        case .sidecar: return .sidecar(release: nil, file: place.file)
        case .service: return .passThrough
        // The name has no epoch and no vendor, so it proves no release; an index that lists the file does.
        case .file: return .artifact(ArtifactName(file: place.file))
        }
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        DebianFile(file).map { [$0.purl(vendor: DebianPath(url).vendor)] } ?? []
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        // Clients check a signature over it.
        index
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = DebianVersion(a), let b = DebianVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }
}
