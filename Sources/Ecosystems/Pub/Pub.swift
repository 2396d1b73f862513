public import Core

/// Dart's and Flutter's packages: the hosted pub repository, version 2.
public struct Pub: Ecosystem {
    public init() {}

    public var type: String { "pub" }
    /// The older name serves the same.
    public var hosts: [String] { ["pub.dev", "pub.dartlang.org"] }
    public var defaultOrigin: Origin? { Origin(.https, "pub.dev") }
    public var lockfileNames: [String] { ["pubspec.lock"] }
    public var looksUpLockedReleases: Bool { true }

    static let accept = "application/vnd.pub.v2+json"

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = request.url.segments
        let isRead = request.method == "GET" || request.method == "HEAD"
        guard let last = segments.last, !request.url.path.hasSuffix("/") else { return isRead ? .passThrough : nil }
        // Uploads go where the registry says, which only a publisher asks.
        if let mark = segments.firstRange(of: ["api", "packages"]) {
            return try serviceIntent(Array(segments[mark.upperBound...]), isRead: isRead)
        }
        guard isRead else { return segments.first == "api" ? .publish(nil) : nil }
        if segments.dropLast().last == "archives" || segments.dropLast().last == "versions" {
            guard let release = Pub.release(of: last, at: segments) else {
                throw Malformed("'\(last.prefix(80))' is not the name of an archive")
            }
            return .artifact(ArtifactName(release: release, file: Pub.file(of: release)))
        }
        return segments.first == "api" ? .passThrough : nil
    }

    /// Requests below `/api/packages/`.
    private func serviceIntent(_ path: [String], isRead: Bool) throws(Malformed) -> Intent? {
        guard let name = path.first else { return isRead ? .search : nil }
        // The first step of every publication is a read.
        if name == "versions" { return path.count > 1 && path[1].hasPrefix("new") ? .publish(nil) : nil }
        let package = try Pub.package(name)
        guard isRead else { return .tag(package) }
        switch path.count {
        case 1: return .index(.package(package))
        case 3 where path[1] == "versions":
            guard PubVersion(path[2]) != nil else { throw Malformed("the path names no version") }
            return .index(.package(package.at(path[2])))
        default: return .passThrough
        }
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        guard (try? Pub.package(package.name)) != nil,
            let url = try? HTTPURL(origin: origin, target: "/api/packages/\(package.name)")
        else { return nil }
        return Request(url: url, accept: Pub.accept)
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        Pub.release(of: file, at: url.segments).map { [$0] } ?? []
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = PubVersion(a), let b = PubVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }

    public func isPrerelease(_ version: String) -> Bool { PubVersion(version)?.isPrerelease ?? false }

    /// A Dart identifier.
    static func package(_ name: String) throws(Malformed) -> Purl {
        let isWord = name.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x2D && $0 != 0x2E && $0 != 0x7E }
        guard let first = name.utf8.first, name.utf8.count <= 64, isWord, !(0x30...0x39).contains(first) else {
            throw Malformed("'\(name.prefix(80))' is not the name of a package")
        }
        return Purl(type: "pub", name: name.lowercased())
    }

    /// `NAME-VERSION.tar.gz`, or `packages/NAME/versions/VERSION.tar.gz`. A name has no dash.
    static func release(of file: String, at segments: [String]) -> Purl? {
        guard file.hasSuffix(".tar.gz"), file.utf8.count <= 512 else { return nil }
        let stem = String(file.dropLast(".tar.gz".count))
        if segments.count >= 4, segments[segments.count - 2] == "versions", segments[segments.count - 4] == "packages" {
            guard PubVersion(stem) != nil else { return nil }
            return try? package(segments[segments.count - 3]).at(stem)
        }
        guard let dash = stem.firstIndex(of: "-") else { return nil }
        let version = String(stem[stem.index(after: dash)...])
        guard PubVersion(version) != nil else { return nil }
        return try? package(String(stem[..<dash])).at(version)
    }

    /// One name for a release's archive, whichever address it has.
    static func file(of release: Purl) -> String { "\(release.name)-\(release.version ?? "").tar.gz" }
}

/// Semantic versions as Dart orders them: what stands behind `+` counts too.
struct PubVersion: Hashable, Sendable, Comparable {
    private let version: SemanticVersion

    var isPrerelease: Bool { version.isPrerelease }

    init?(_ text: String) {
        guard let version = SemanticVersion(text) else { return nil }
        self.version = version
    }

    static func < (a: PubVersion, b: PubVersion) -> Bool {
        let order = a.version.compared(to: b.version)
        if order != 0 { return order < 0 }
        let (left, right) = (a.version.build.split(separator: "."), b.version.build.split(separator: "."))
        for (one, other) in zip(left, right) where one != other {
            switch (Int64(one), Int64(other)) {
            case (let left?, let right?): if left != right { return left < right }
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return one.utf8.lexicographicallyPrecedes(other.utf8)
            }
        }
        return left.count < right.count
    }
}
