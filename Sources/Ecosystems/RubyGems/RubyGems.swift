public import Core

/// RubyGems as gem and Bundler ask for it: the compact index, the older Marshal indexes, gems, and the API for publishers.
public struct RubyGems: Ecosystem {
    public init() {}

    public var type: String { "gem" }
    public var hosts: [String] { [RubyGems.home, RubyGems.indexHost] }
    public var defaultOrigin: Origin? { Origin(.https, RubyGems.home) }
    public var lockfileNames: [String] { ["Gemfile.lock", "gems.locked", "*.gemfile.lock"] }
    public var looksUpLockedReleases: Bool { true }
    /// Bundler before 2.5 takes an index for damaged whose entity tag is not the MD5 of its bytes.
    public var entityTag: Digest.Algorithm? { .md5 }

    /// Gems and the API.
    static let home = "rubygems.org"
    /// The compact index, which gem asks for gems too.
    static let indexHost = "index.rubygems.org"

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = request.url.segments
        let isRead = request.method == "GET" || request.method == "HEAD"
        if let api = segments.firstRange(of: ["api", "v1"]) ?? segments.firstRange(of: ["api", "v2"]) {
            return try serviceIntent(of: request, Array(segments[api.upperBound...]))
        }
        return isRead ? try readIntent(of: request.url, segments) : nil
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        let home = hosts.contains(origin.host) ? Origin(.https, RubyGems.indexHost) : origin
        guard GemFile.isName(package.name), let url = try? HTTPURL(origin: home, target: "/info/\(package.name)") else {
            return nil
        }
        // As both clients ask, so that one answer serves them and us.
        return Request(url: url, accept: "*/*")
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] { GemFile.readings(of: file) }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = GemVersion(a), let b = GemVersion(b) else { return nil }
        return GemVersion.order(a, b)
    }

    public func isPrerelease(_ version: String) -> Bool { GemVersion(version)?.isPrerelease ?? false }
}

extension RubyGems {
    /// Under any prefix, since private servers have one for each repository.
    private func readIntent(of url: HTTPURL, _ segments: [String]) throws(Malformed) -> Intent? {
        guard let last = segments.last, !url.path.hasSuffix("/") else { return .passThrough }
        let folder = segments.dropLast().last
        if folder == "info" { return .index(.package(try RubyGems.package(last))) }
        if RubyGems.isWholeList(last) { return .index(.repository(last)) }
        if last.hasSuffix(".gem") { return .artifact(ArtifactName(release: GemFile.release(of: last), file: last)) }
        if last.hasSuffix(".gemspec.rz") {
            let gem = String(last.dropLast(".gemspec.rz".count)) + ".gem"
            return .sidecar(release: GemFile.release(of: gem), file: last)
        }
        return nil
    }

    /// Lists of everything there is. They pass as they are: Bundler and gem choose by `/info/NAME`.
    private static func isWholeList(_ file: String) -> Bool {
        switch file {
        case "versions", "names", "Marshal.4.8", "Marshal.4.8.Z", "yaml", "yaml.Z": true
        default:
            ["specs.4.8", "latest_specs.4.8", "prerelease_specs.4.8"].contains { file == $0 || file == $0 + ".gz" }
        }
    }

    /// Requests below `/api/v1/` and `/api/v2/`.
    private func serviceIntent(of request: Request, _ path: [String]) throws(Malformed) -> Intent? {
        guard let first = path.first else { return nil }
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch first {
        case "api_key", "api_key.json", "api_key.yaml", "oidc", "profile", "multifactor_auth", "webauthn_verification":
            return .credential
        case "gems" where !isRead: return writeIntent(of: request, path)
        case "attestations" where isRead:
            guard let file = path.last, file.hasSuffix(".json") else { return nil }
            let gem = String(file.dropLast(".json".count)) + ".gem"
            return .sidecar(release: GemFile.release(of: gem), file: "attestations")
        case "versions" where isRead && path.count == 2 && path[1].hasSuffix(".json"):
            return .index(.package(try RubyGems.package(String(path[1].dropLast(".json".count)))))
        case "search.json", "search": return isRead ? .search : nil
        default: return isRead ? .passThrough : nil
        }
    }

    private func writeIntent(of request: Request, _ path: [String]) -> Intent? {
        let fields = RubyGems.fields(request)
        let named = fields["gem_name"].flatMap { try? RubyGems.package($0) }
        let release = named.map { gem in fields["version"].map(gem.at) ?? gem }
        switch (request.method, path.dropFirst().last) {
        case ("POST", nil): return .publish(nil)
        case (_, "yank"), (_, "unyank"): return .yank(release)
        case (_, "owners"): return .tag(path.dropFirst().first.flatMap { try? RubyGems.package($0) })
        default: return nil
        }
    }

    /// The form of a yank, in the query or in the body.
    private static func fields(_ request: Request) -> [String: String] {
        let text = [request.url.query ?? "", String(decoding: request.body.prefix(4_096), as: UTF8.self)]
        var fields: [String: String] = [:]
        for pair in text.joined(separator: "&").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = PercentEncoding.decode(parts[1]) else { continue }
            fields[String(parts[0])] = value
        }
        return fields
    }

    /// The gem of that name; case is kept, since old names differ in nothing else.
    static func package(_ name: String) throws(Malformed) -> Purl {
        guard GemFile.isName(name) else { throw Malformed("'\(name.prefix(80))' is not the name of a gem") }
        return Purl(type: "gem", name: name)
    }
}
