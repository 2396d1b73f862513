public import Core
internal import JSONText

/// Composer repositories: Packagist, and servers that speak like it (Satis, Private Packagist, GitLab, Artifactory).
public struct Composer: Ecosystem {
    public init() {}

    public var type: String { "composer" }
    /// Nearly all of Packagist's archives are made by GitHub's API, which is ours only where it makes archives.
    public var hosts: [String] { ["repo.packagist.org", "packagist.org", "api.github.com"] }
    public var defaultOrigin: Origin? { Origin(.https, "repo.packagist.org") }
    /// The time of a release is that of its commit or tag: its author's own word.
    public var registryAssignsTimes: Bool { false }
    public var lockfileNames: [String] { ["composer.lock"] }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let isRead = request.method == "GET" || request.method == "HEAD"
        let segments = request.url.segments
        if request.url.origin.host == "api.github.com" {
            return isRead ? Composer.archiveIntent(segments) : nil
        }
        guard let last = segments.last, !request.url.path.hasSuffix("/") else {
            return isRead || request.method == "POST" ? .passThrough : nil
        }
        if request.method == "POST" {
            return segments.contains { Composer.writingCalls.contains($0) } ? .publish(nil) : .passThrough
        }
        guard isRead else { return nil }
        if let intent = try Composer.metadataIntent(segments) { return intent }
        if last == "search.json" { return .search }
        if Composer.isArchive(last) { return .artifact(ArtifactName(file: last)) }
        return last.hasSuffix(".json") ? .sidecar(release: nil, file: last) : nil
    }

    private static let writingCalls: Set<String> = ["update-package", "create-package", "edit-package"]
    private static let endings = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".phar"]

    static func isArchive(_ file: String) -> Bool { endings.contains { file.hasSuffix($0) } }

    /// `/repos/OWNER/NAME/zipball/REFERENCE`. The commit proves no release; an index or a lockfile that names the address
    /// does.
    private static func archiveIntent(_ segments: [String]) -> Intent? {
        guard segments.count >= 5, segments[0] == "repos", ["zipball", "tarball"].contains(segments[3]) else {
            return nil
        }
        let ending = segments[3] == "zipball" ? "zip" : "tar.gz"
        let reference = segments[4...].joined(separator: "-")
        return .artifact(ArtifactName(file: "\(segments[2])-\(reference).\(ending)"))
    }

    /// `packages.json`, `include/….json` of Satis, and `p2/VENDOR/NAME.json` or `NAME~dev.json` below any prefix.
    private static func metadataIntent(_ segments: [String]) throws(Malformed) -> Intent? {
        guard let last = segments.last, last.hasSuffix(".json") else { return nil }
        if last == "packages.json" { return .index(.repository(segments.joined(separator: "/"))) }
        let folders = segments.dropLast()
        if folders.last == "include" { return .index(.repository(segments.joined(separator: "/"))) }
        guard let place = folders.lastIndex(of: "p2"), place == segments.count - 3 else { return nil }
        var name = last.dropLast(".json".count)
        if name.hasSuffix("~dev") { name = name.dropLast("~dev".count) }
        return .index(.package(try package("\(segments[place + 1])/\(name)")))
    }

    /// The package of that name, folded as Packagist does.
    static func package(_ name: String) throws(Malformed) -> Purl {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, name.utf8.count <= 256, parts.allSatisfy(isNamePart) else {
            throw Malformed("'\(name.prefix(64))' is no Composer package name")
        }
        return Purl(type: "composer", namespace: parts[0].lowercased(), name: parts[1].lowercased())
    }

    /// Letters and digits, with `-`, `_` or `.` between them.
    private static func isNamePart(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, let last = part.utf8.last, isLetterOrDigit(first), isLetterOrDigit(last)
        else {
            return false
        }
        return part.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// The index of tagged releases; branches stand in another one, which clients ask for themselves.
    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        guard package.type == type, package.namespace != nil,
            let url = try? HTTPURL(origin: origin, target: "/p2/\(package.path).json")
        else { return nil }
        return Request(url: url)
    }

    public func compare(_ a: String, _ b: String) -> Int? { ComposerVersion.compare(a, b) }

    public func isPrerelease(_ version: String) -> Bool { ComposerVersion(version)?.isPrerelease ?? false }

    /// A repository can be named in files alone, so Composer comes by the proxy in either mode.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        ClientSettings(environment: ["COMPOSER_CAFILE": endpoint.trustBundle])
    }

    /// Composer prints `warning` of any JSON answer, beside the status line.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)"
        let json: JSON = ["warning": .string(text)]
        return Document(json.canonicalBytes(), contentType: "application/json")
    }

    public func ignorableAnswer(to request: Request) -> Document? {
        let segments = request.url.segments
        let answer: JSON? =
            switch segments.last {
            case "security-advisories": ["advisories": [:]]
            case "downloads" where request.method == "POST": ["status": "success"]
            case "search.json": ["results": [], "total": 0]
            default: nil
            }
        return answer.map { Document($0.canonicalBytes(), contentType: "application/json") }
    }
}
