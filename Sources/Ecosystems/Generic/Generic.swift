public import Core

/// Whatever no other ecosystem claims: files that curl, wget and scripts fetch by URL alone.
public struct Generic: Ecosystem {
    public init() {}

    public let type = "generic"
    public let hosts: [String] = []
    public let defaultOrigin: Origin? = nil
    public let mayRewriteIndex = false
    public let registryAssignsTimes = false
    public let lockfileNames = ["deno.lock"]

    /// Folders and everything that is not read pass; a file is an artifact of no known release.
    public func intent(of request: Request) throws(Malformed) -> Intent? {
        guard request.method == "GET" || request.method == "HEAD" else { return .passThrough }
        let file = request.url.file
        guard !file.isEmpty else { return .passThrough }
        return .artifact(ArtifactName(file: file))
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        throw Malformed("files fetched by URL have no index")
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        throw Malformed("files fetched by URL have no index")
    }

    /// Nothing is known about versions here, but that equal ones are equal.
    public func compare(_ a: String, _ b: String) -> Int? { a == b ? 0 : nil }

    /// The name of a file of which only the address is known: `pkg:generic/NAME?download_url=…`, without the secrets that
    /// a query may carry.
    public static func purl(for url: HTTPURL) -> Purl {
        let name = url.file.isEmpty ? url.origin.host : url.file
        return Purl(type: "generic", name: name, qualifiers: ["download_url": url.redacted])
    }
}
