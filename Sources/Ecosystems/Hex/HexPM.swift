public import Core

/// Hex, the registry of Erlang, Elixir and Gleam: signed protobuf indexes, tarballs, an API for publishers.
public struct HexPM: Ecosystem {
    public init() {}

    public var type: String { "hex" }
    public var hosts: [String] { [HexPM.home, HexPM.apiHost] }
    public var defaultOrigin: Origin? { Origin(.https, HexPM.home) }
    /// Clients check a signature over every index.
    public var mayRewriteIndex: Bool { false }
    public var lockfileNames: [String] { ["mix.lock", "rebar.lock", "manifest.toml"] }

    static let home = "repo.hex.pm"
    static let apiHost = "hex.pm"

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = request.url.segments
        let isRead = request.method == "GET" || request.method == "HEAD"
        if let mark = segments.firstIndex(of: "api"), mark == 0 || request.url.origin.host != HexPM.home {
            return try serviceIntent(Array(segments[(mark + 1)...]), request.method)
        }
        guard isRead, let last = segments.last, !request.url.path.hasSuffix("/") else {
            return isRead ? .passThrough : nil
        }
        switch segments.dropLast().last {
        case "packages": return .index(.package(try HexPM.package(last, HexPM.organization(segments))))
        case "tarballs":
            guard let release = HexPM.release(of: last, HexPM.organization(segments)) else {
                throw Malformed("'\(last.prefix(80))' is not the name of a tarball")
            }
            return .artifact(ArtifactName(release: release, file: last))
        case "docs", "policies": return .sidecar(release: nil, file: last)
        default: break
        }
        switch last {
        case "names", "versions": return .index(.repository(last))
        case "public_key": return .sidecar(release: nil, file: last)
        default: return nil
        }
    }

    /// Requests below `/api/`.
    private func serviceIntent(_ path: [String], _ method: String) throws(Malformed) -> Intent? {
        guard let first = path.first else { return nil }
        let isRead = method == "GET" || method == "HEAD"
        if ["keys", "users", "auth", "oauth"].contains(first) { return .credential }
        if first == "repos", path.count > 2 { return try serviceIntent(Array(path.dropFirst(2)), method) }
        if isRead { return path == ["packages"] ? .search : .passThrough }
        if first == "publish" { return .publish(nil) }
        guard first == "packages", path.count > 2 else { return nil }
        let package = try HexPM.package(path[1], nil)
        switch path[2] {
        case "releases" where method == "POST" && path.count == 3: return .publish(package)
        case "releases": return .yank(path.count > 3 ? package.at(path[3]) : package)
        default: return .tag(package)
        }
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        let home = hosts.contains(origin.host) ? Origin(.https, HexPM.home) : origin
        let folder = package.namespace.map { "/repos/\($0)" } ?? ""
        guard HexPM.isName(package.name), package.namespace.map(HexPM.isName) ?? true,
            let url = try? HTTPURL(origin: home, target: "\(folder)/packages/\(package.name)")
        else { return nil }
        return Request(url: url)
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        HexPM.release(of: file, HexPM.organization(url.segments)).map { [$0] } ?? []
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        index
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = HexPM.version(a), let b = HexPM.version(b) else { return nil }
        return a.compared(to: b)
    }

    public func isPrerelease(_ version: String) -> Bool { HexPM.version(version)?.isPrerelease ?? false }

    /// Elixir's `Version` is semantic versioning; what stands behind `+` orders nothing.
    static func version(_ text: String) -> SemanticVersion? { SemanticVersion(text) }
}

extension HexPM {
    /// `/repos/NAME/…` is an organization's own repository.
    private static func organization(_ segments: [String]) -> String? {
        guard let mark = segments.firstIndex(of: "repos"), mark + 2 < segments.count else { return nil }
        return segments[mark + 1]
    }

    static func package(_ name: String, _ organization: String?) throws(Malformed) -> Purl {
        guard isName(name), organization.map(isName) ?? true else {
            throw Malformed("'\(name.prefix(80))' is not the name of a package")
        }
        return Purl(type: "hex", namespace: organization, name: name)
    }

    /// `NAME-VERSION.tar`. A name has no dash.
    private static func release(of file: String, _ organization: String?) -> Purl? {
        guard file.hasSuffix(".tar"), file.utf8.count <= 512, let dash = file.firstIndex(of: "-") else { return nil }
        let version = String(file[file.index(after: dash)...].dropLast(".tar".count))
        guard self.version(version) != nil else { return nil }
        return try? package(String(file[..<dash]), organization).at(version)
    }

    /// Lower-case letters, digits and underscores.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
