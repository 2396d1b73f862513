public import Core

/// Git over HTTP, the smart protocol in its versions 0, 1 and 2 (gitprotocol-http, gitprotocol-v2).
///
/// A repository is known by its address on any host, since its paths are like no other's. What is read over ssh or the
/// `git:` protocol does not come this way.
public struct Git: ConversingEcosystem {
    public init() {}

    public let type = "git"
    public let hosts = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"]
    public let isKnownOnAnyHost = true
    public let defaultOrigin: Origin? = Origin(.https, "github.com")
    public let mayRewriteIndex = false
    public let registryAssignsTimes = false

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let path = request.url.path
        let isRead = request.method == "GET" || request.method == "HEAD"
        if isRead, path.hasSuffix("/info/refs") {
            let repository = try Git.repository(request.url, before: "/info/refs")
            switch Git.service(request.url) {
            case "git-upload-pack": return .conversation
            case "git-receive-pack": return .publish(repository)
            case nil: return .passThrough
            default: throw Malformed("git knows no such service")
            }
        }
        // cargo asks GitHub what commit a name stands for, before it asks git.
        if isRead, request.url.origin.host == "api.github.com" {
            let segments = request.url.segments
            return segments.count == 5 && segments[0] == "repos" && segments[3] == "commits" ? .passThrough : nil
        }
        guard request.method == "POST" else { return nil }
        if path.hasSuffix("/git-upload-pack") { return .conversation }
        if path.hasSuffix("/git-receive-pack") {
            return .publish(try Git.repository(request.url, before: "/git-receive-pack"))
        }
        return path.hasSuffix("/info/lfs/objects/batch") ? .passThrough : nil
    }

    public func topic(of request: Request) throws(Malformed) -> Topic {
        if request.method != "POST" { return .listing(try Git.repository(request.url, before: "/info/refs")) }
        let repository = try Git.repository(request.url, before: "/git-upload-pack")
        let wish = try GitWish(reading: request.body)
        guard !wish.isListing else { return .listing(repository) }
        let wants = wish.wants.map { repository.at($0) }
        return .objects(wants, body: wish.selfContained, clientHasSome: wish.hasSome)
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        throw Malformed("git has no index")
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        throw Malformed("git has no index")
    }

    /// Object names have no order.
    public func compare(_ a: String, _ b: String) -> Int? { a == b ? 0 : nil }
}

extension Git {
    /// The repository at this address: `pkg:github/OWNER/NAME`, `pkg:bitbucket/OWNER/NAME`, else `pkg:git/HOST/PATH`.
    static func repository(_ url: HTTPURL, before suffix: String) throws(Malformed) -> Purl {
        guard url.path.hasSuffix(suffix) else { throw Malformed("the path does not end with \(suffix)") }
        return try repository(url, path: String(url.path.dropLast(suffix.utf8.count)))
    }

    static func repository(_ url: HTTPURL, path: String) throws(Malformed) -> Purl {
        var segments: [String] = []
        for raw in path.split(separator: "/") {
            // An encoded slash, dot or control byte would be another repository to the server than to us.
            guard let segment = PercentEncoding.decode(raw), segment.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
                !segment.contains("/"), !segment.contains("\\"), !segment.contains("%"), segment != "..",
                segment != ".",
                segment.utf8.count <= 255
            else { throw Malformed("the path names no repository") }
            segments.append(segment)
        }
        guard var name = segments.popLast() else { throw Malformed("the path names no repository") }
        if name.hasSuffix(".git"), name.utf8.count > 4 { name = String(name.dropLast(4)) }
        let host = url.origin.host
        if host == "github.com" || host == "bitbucket.org" {
            guard segments.count == 1, let owner = segments.first else {
                throw Malformed("a repository of \(host) is OWNER/NAME")
            }
            let type = host == "github.com" ? "github" : "bitbucket"
            return Purl(type: type, namespace: owner.lowercased(), name: name.lowercased())
        }
        let place = url.origin == Origin(url.origin.scheme, host) ? host : "\(host):\(url.origin.port)"
        return Purl(type: "git", namespace: place, name: (segments + [name]).joined(separator: "/"))
    }

    private static func service(_ url: HTTPURL) -> String? {
        for pair in (url.query ?? "").split(separator: "&") where pair.hasPrefix("service=") {
            return String(pair.dropFirst("service=".utf8.count))
        }
        return nil
    }
}
