public import Core

/// The Python package index: simple pages (PEP 503, 691), JSON pages, files and uploads.
public struct PyPI: Ecosystem {
    public init() {}

    public let type = "pypi"
    public let hosts = [PyPI.indexHost, PyPI.fileHost, "upload.pypi.org"]
    public let lockfileNames = [
        "requirements*.txt", "uv.lock", "poetry.lock", "pdm.lock", "pylock*.toml", "Pipfile.lock",
    ]

    static let indexHost = "pypi.org"
    static let fileHost = "files.pythonhosted.org"

    public var defaultOrigin: Origin? { Origin(.https, PyPI.indexHost) }
    /// pip, pipenv, PDM and Poetry read the simple page of what they have pinned; uv goes to the file.
    public var looksUpLockedReleases: Bool { true }
    public var looksUpLockedReleasesAlone: Bool { true }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = request.url.segments
        switch request.method {
        case "GET", "HEAD":
            if request.url.origin.host == PyPI.fileHost { return PyPI.fileIntent(of: request.url) }
            if segments.first == "_" { return .credential }
            if let intent = try PyPI.indexIntent(of: request, segments) { return intent }
            if let intent = try PyPI.provenanceIntent(segments) { return intent }
            if PyPI.isPage(request.url, segments) { return .passThrough }
            return PyPI.fileIntent(of: request.url)
        case "POST":
            if segments.first == "_" { return .credential }
            // XML-RPC, of which clients still use search.
            if segments == ["pypi"] || segments.last == "RPC2" { return .search }
            return .publish(nil)
        case "PUT": return .publish(nil)
        case "DELETE": return .yank(nil)
        default: return nil
        }
    }

    /// A project's simple page, at `/simple/NAME/` wherever that stands, or its JSON page.
    private static func indexIntent(of request: Request, _ segments: [String]) throws(Malformed) -> Intent? {
        let isPublic = request.url.origin.host == indexHost
        // A project may be called `simple` too.
        if let last = segments.last, last != "+simple", segments.count > 1, isSimple(segments[segments.count - 2]) {
            if !isPublic || segments.count == 2 { return try index(of: last) }
        }
        if let last = segments.last, isSimple(last) { return .passThrough }
        if let place = jsonPage(segments) { return try index(of: place.project, place.version) }
        // A private index need not have `simple` in its path; pip, uv and poetry say what they want.
        guard !isPublic, request.accept.contains("vnd.pypi.simple"), let last = segments.last,
            DistributionFile.kind(of: last) == nil, !last.hasSuffix(".html"), ProjectName.isValid(last)
        else { return nil }
        return try index(of: last)
    }

    private static func isSimple(_ segment: String) -> Bool { segment == "simple" || segment == "+simple" }

    private static func index(of name: String, _ version: String? = nil) throws(Malformed) -> Intent {
        guard ProjectName.isValid(name) else { throw Malformed("'\(name.prefix(80))' is not a project name") }
        let project = Purl(type: "pypi", name: ProjectName.normalized(name))
        guard let version else { return .index(.package(project)) }
        guard let read = PythonVersion(version) else { throw Malformed("'\(version.prefix(80))' is no version") }
        return .index(.package(project.at(read.description)))
    }

    /// `/pypi/NAME/json` and `/pypi/NAME/VERSION/json`.
    static func jsonPage(_ segments: [String]) -> (project: String, version: String?)? {
        let count = segments.count
        guard segments.last == "json" else { return nil }
        if count >= 3, segments[count - 3] == "pypi" { return (segments[count - 2], nil) }
        if count >= 4, segments[count - 4] == "pypi" { return (segments[count - 3], segments[count - 2]) }
        return nil
    }

    /// `/integrity/NAME/VERSION/FILE/provenance` (PEP 740).
    private static func provenanceIntent(_ segments: [String]) throws(Malformed) -> Intent? {
        let count = segments.count
        guard count >= 5, segments[count - 5] == "integrity", segments[count - 1] == "provenance" else { return nil }
        let (name, version) = (segments[count - 4], segments[count - 3])
        guard ProjectName.isValid(name), let version = PythonVersion(version) else {
            throw Malformed("this provenance belongs to no release")
        }
        let release = Purl(type: "pypi", name: ProjectName.normalized(name), version: version.description)
        return .sidecar(release: release, file: segments[count - 2] + ".provenance")
    }

    /// Pages for people and feeds; everything else that has a file name is recorded as an artifact.
    private static func isPage(_ url: HTTPURL, _ segments: [String]) -> Bool {
        guard let last = segments.last, !url.path.hasSuffix("/") else { return true }
        if url.origin.host == indexHost, ["rss", "search", "project", "stats"].contains(segments[0]) { return true }
        return !last.contains(".") || last.hasSuffix(".html")
    }

    private static func fileIntent(of url: HTTPURL) -> Intent {
        let file = url.file
        guard !file.isEmpty else { return .passThrough }
        for suffix in [".metadata", ".asc", ".sig", ".provenance"] where file.hasSuffix(suffix) {
            let described = String(file.dropLast(suffix.count))
            guard DistributionFile.kind(of: described) != nil else { continue }
            return .sidecar(release: DistributionFile(described)?.release, file: file)
        }
        return .artifact(ArtifactName(release: DistributionFile(file)?.release, file: file))
    }
}
