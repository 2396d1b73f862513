public import Core

/// The npm registry protocol, as npm, yarn, pnpm, bun and deno speak it.
public struct Npm: Ecosystem {
    public init() {}

    public var type: String { "npm" }
    /// registry.yarnpkg.com serves the same packages; its documents name it in their links.
    public var hosts: [String] { ["registry.npmjs.org", "registry.yarnpkg.com"] }
    public var defaultOrigin: Origin? { Origin(.https, "registry.npmjs.org") }
    /// A lockfile need not hold addresses (npm's `omit-lockfile-registry-resolved`).
    public var looksUpLockedReleases: Bool { true }
    public var tellsOfEmptiedIndexes: Bool { true }
    public let readsFromRoot = true
    public var lockfileNames: [String] {
        ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock"]
    }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = Npm.segments(of: request.url)
        guard let first = segments.first else { return .passThrough }
        // The package called `-` exists: `/-` and `/-/-/--0.0.1.tgz` are about it.
        if first == "-", segments.count > 1, !(segments.count == 3 && segments[1] == "-") {
            return try serviceIntent(of: request, Array(segments.dropFirst()))
        }
        switch request.method {
        case "GET", "HEAD": return try readIntent(of: request, segments)
        case "PUT", "POST", "DELETE": return try writeIntent(of: request, segments)
        default: return nil
        }
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        guard let url = try? HTTPURL(origin: origin, target: Npm.target(of: package)) else { return nil }
        return Request(url: url, accept: "application/json")
    }

    /// Of a refused tarball Yarn 1 prints the status's usual words, whatever it was told. Of the index of
    /// a package that the project names it prints the message.
    public func refusalAddress(for request: Request) -> RefusalAddress? {
        guard request.userAgent.hasPrefix("yarn/1."), case .artifact? = try? intent(of: request) else { return nil }
        return .unspoken
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = NpmVersion(a), let b = NpmVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }

    public func isPrerelease(_ version: String) -> Bool { NpmVersion(version)?.isPrerelease ?? false }
}

extension Npm {
    private func readIntent(of request: Request, _ segments: [String]) throws(Malformed) -> Intent? {
        if let mark = segments.lastIndex(of: "-"), mark > 0 { return try artifact(segments, mark) }
        if segments[0] == "~", let release = try Npm.release(atJSR: segments) {
            return .artifact(ArtifactName(release: release, file: request.url.file))
        }
        let (package, rest) = try Npm.split(segments)
        // What is read here is written back whole by `npm deprecate`: a version hidden from it would be lost.
        if request.url.query?.split(separator: "&").contains("write=true") == true { return .passThrough }
        switch rest.count {
        case 0: return .index(.package(package))
        case 1 where !rest[0].hasPrefix("-"):
            try Npm.checkSpec(rest[0])
            return .index(.package(package.at(rest[0])))
        default: return nil
        }
    }

    /// `…/NAME/-/FILE`, under any prefix; some registries repeat the scope before the file.
    private func artifact(_ segments: [String], _ mark: Int) throws(Malformed) -> Intent? {
        let tail = segments[(mark + 1)...]
        guard let file = tail.last, tail.count == 1 || tail.count == 2 && tail.first?.hasPrefix("@") == true else {
            return nil
        }
        let isScoped = mark > 1 && segments[mark - 2].hasPrefix("@")
        let (package, _) = try Npm.split(Array(segments[(mark - (isScoped ? 2 : 1))..<mark]))
        return .artifact(ArtifactName(release: Npm.release(of: package, file: file), file: file))
    }

    private func writeIntent(of request: Request, _ segments: [String]) throws(Malformed) -> Intent? {
        guard request.method != "POST" else { return nil }
        let (package, rest) = try Npm.split(segments)
        if rest.contains("-rev") || request.method == "DELETE" { return .yank(package) }
        switch rest.count {
        case 0: return .publish(package)
        case 1: return .tag(package)
        default: return nil
        }
    }

    /// Requests below `/-/`, which are about no package's index or files.
    private func serviceIntent(of request: Request, _ path: [String]) throws(Malformed) -> Intent? {
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch path[0] {
        case "ping", "whoami": return isRead ? .passThrough : nil
        case "user", "login": return .credential
        case "all": return isRead ? .search : nil
        case "v1" where path.count == 2 && path[1] == "search": return isRead ? .search : nil
        case "v1" where path.count >= 2 && (path[1] == "login" || path[1] == "done"): return .credential
        case "package":
            let (package, rest) = try Npm.split(Array(path.dropFirst()))
            guard rest.first == "dist-tags" else { return nil }
            return isRead ? .passThrough : .tag(package)
        case "npm" where path.count >= 3 && path[1] == "v1":
            return try versionOneIntent(of: request, Array(path.dropFirst(2)))
        default: return nil
        }
    }

    /// Requests below `/-/npm/v1/`.
    private func versionOneIntent(of request: Request, _ path: [String]) throws(Malformed) -> Intent? {
        switch path[0] {
        // Advisory look-ups are POSTs that only read.
        case "security": return .passThrough
        case "keys": return .sidecar(release: nil, file: "keys")
        case "attestations":
            let spec = path.dropFirst().joined(separator: "/")
            guard let at = spec.lastIndex(of: "@"), at != spec.startIndex else { return nil }
            let (package, _) = try Npm.split(spec[..<at].split(separator: "/").map(String.init))
            let version = String(spec[spec.index(after: at)...])
            try Npm.checkSpec(version)
            return .sidecar(release: package.at(version), file: "attestations")
        case "user", "tokens", "oidc": return .credential
        default: return nil
        }
    }
}
