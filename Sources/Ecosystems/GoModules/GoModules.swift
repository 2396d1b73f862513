public import Core

/// Go modules as the go command asks a module proxy for them, and the checksum database that it asks through the proxy.
///
/// A zip is the artifact. Its go.mod is served by itself and hashed by itself, so it is a companion with a digest of its
/// own. What the checksum database signs goes through byte by byte.
public struct GoModules: Ecosystem {
    public init() {}

    public var type: String { "golang" }
    /// The proxy first: the others may be mapped to another place.
    public var hosts: [String] { ["proxy.golang.org", "sum.golang.org", "index.golang.org"] }
    public var defaultOrigin: Origin? { Origin(.https, "proxy.golang.org") }
    /// The time of a commit is whatever its author says.
    public var registryAssignsTimes: Bool { false }
    public var lockfileNames: [String] { ["go.sum", "go.work.sum"] }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        guard let place = try GoPlace(request.url) else { return request.url.segments.isEmpty ? .passThrough : nil }
        return switch place {
        case .list(let package), .latest(let package), .query(let package): .index(.package(package))
        case .info(let release), .lookup(let release): .index(.package(release))
        case .mod(let release): .sidecar(release: release, file: GoModules.file(of: release, ".mod"))
        case .zip(let release):
            .artifact(ArtifactName(release: release, file: GoModules.file(of: release, ".zip")))
        case .checksums(let part): .sidecar(release: nil, file: part)
        case .newest: .search
        }
    }

    /// `v1.2.3.zip`: what a proxy and the module cache call it.
    static func file(of release: Purl, _ ending: String) -> String { (release.version ?? "") + ending }

    public func nameInHash(ofFile file: String) -> String? { file.hasSuffix(".mod") ? "go.mod" : nil }

    /// A module without tags has a list of nothing; that a proxy relays a database is said with a status alone.
    public func admitsEmptyIndex(for request: Request) -> Bool {
        switch try? GoPlace(request.url) {
        case .list, .checksums: true
        default: false
        }
    }

    /// A release never changes, and no record of the database does.
    public func isFinal(_ request: Request) -> Bool {
        switch try? GoPlace(request.url) {
        case .info, .mod, .lookup: true
        case .checksums(let part): part.hasPrefix("tile/")
        default: false
        }
    }

    /// The `.info` beside a zip says when it was made, the checksum database what it hashes to. The database is asked
    /// through the public proxy alone: a private proxy's names are nobody else's business.
    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] {
        let isPublic = hosts.contains(url.origin.host)
        switch try? GoPlace(url) {
        case .zip:
            let info = GoPlace.beside(url, ".zip", ".info")
            return [info, isPublic ? GoPlace.lookup(for: url, ".zip") : nil].compactMap(\.self)
        case .mod where name.digests.allSatisfy { !$0.algorithm.isStrong }:
            return isPublic ? [GoPlace.lookup(for: url, ".mod")].compactMap(\.self) : []
        case .list(let package):
            // A release without an address, as go.sum pins it.
            guard let release = name.release, release.package == package, let version = release.version,
                let zip = GoPlace.beside(url, "list", GoPlace.escaped(version) + ".zip")
            else { return [] }
            return statements(about: name, at: zip.url)
        default: return []
        }
    }

    public func file(after companion: Request) -> Request? {
        guard case .mod? = try? GoPlace(companion.url) else { return nil }
        return GoPlace.beside(companion.url, ".mod", ".zip")
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = GoVersion(a), let b = GoVersion(b) else { return nil }
        return a.compared(to: b)
    }

    public func isPrerelease(_ version: String) -> Bool { GoVersion(version)?.isPrerelease ?? false }
}
