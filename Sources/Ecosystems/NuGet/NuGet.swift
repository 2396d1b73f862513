public import Core
internal import JSONText

/// NuGet's V3 protocol, as dotnet, MSBuild and nuget.exe speak it.
public struct NuGet: Ecosystem {
    public init() {}

    public let type = "nuget"
    public let hosts = ["api.nuget.org", "www.nuget.org", "azuresearch-usnc.nuget.org", "azuresearch-ussc.nuget.org"]
    public var defaultOrigin: Origin? { Origin(.https, "api.nuget.org") }
    public let lockfileNames = ["packages.lock.json"]
    public var looksUpLockedReleases: Bool { true }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = request.url.segments
        guard let last = segments.last?.lowercased() else { return nil }
        switch request.method {
        case "GET", "HEAD": break
        case "PUT", "POST": return segments.contains("package") ? .publish(nil) : nil
        case "DELETE": return segments.contains("package") ? .yank(nil) : nil
        default: return nil
        }
        guard !request.url.path.contains("//") else { throw Malformed("the path has an empty segment") }
        if let intent = try file(segments, last) { return intent }
        if last == "index.json", segments.count > 1 { return try index(segments) }
        if let intent = try registration(segments, last) { return intent }
        if ["query", "search", "autocomplete"].contains(last) { return .search }
        return segments.first == "v3" || segments.first == "v3-index" ? .passThrough : nil
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = NuGetVersion(a), let b = NuGetVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }

    public func isPrerelease(_ version: String) -> Bool { NuGetVersion(version)?.isPrerelease ?? false }
}

extension NuGet {
    /// `ID/VERSION/ID.VERSION.nupkg` in a flat container, `package/ID/VERSION` in V2, and what lies beside a package.
    private func file(_ segments: [String], _ last: String) throws(Malformed) -> Intent? {
        if segments.suffix(5).dropLast(2).map({ $0.lowercased() }) == ["api", "v2", "package"] {
            let release = try NuGet.release(segments[segments.count - 2], last)
            return .artifact(ArtifactName(release: release, file: NuGet.file(of: release)))
        }
        guard segments.count > 2 else { return nil }
        let (id, version) = (segments[segments.count - 3], segments[segments.count - 2])
        if last.hasSuffix(".nupkg") {
            let release = try NuGet.release(id, version)
            // The very spelling: a name that another server would read otherwise is none.
            guard last == "\(id).\(version).nupkg".lowercased() else {
                throw Malformed("the package's file is not named as its folder is")
            }
            return .artifact(ArtifactName(release: release, file: NuGet.file(of: release)))
        }
        if last == "\(id.lowercased()).nuspec" || ["readme", "icon", "license"].contains(last) {
            guard let release = try? NuGet.release(id, version) else { return nil }
            return .sidecar(release: release, file: last)
        }
        return nil
    }

    /// `ID/index.json`, both of the flat container and of the registrations; and the service index.
    private func index(_ segments: [String]) throws(Malformed) -> Intent? {
        let id = segments[segments.count - 2]
        let folder = segments.count > 2 ? segments[segments.count - 3] : ""
        if id.lowercased() == "v3", !NuGet.isOfPackages(folder) { return .index(.repository("index.json")) }
        if ["v3-index", "vulnerabilities", "repository-signatures"].contains(id) { return .passThrough }
        return .index(.package(try NuGet.package(id)))
    }

    /// `ID/VERSION.json` and `ID/page/LOWER/UPPER.json` below a registration.
    private func registration(_ segments: [String], _ last: String) throws(Malformed) -> Intent? {
        guard last.hasSuffix(".json"), let mark = segments.firstIndex(where: NuGet.isRegistration) else { return nil }
        let below = segments[(mark + 1)...]
        if below.count == 4, below[mark + 2] == "page" { return .index(.package(try NuGet.package(below[mark + 1]))) }
        guard below.count == 2 else { return nil }
        return .index(.package(try NuGet.release(below[mark + 1], String(last.dropLast(5)))))
    }

    static func isRegistration(_ segment: String) -> Bool { segment.lowercased().hasPrefix("registration") }

    private static func isOfPackages(_ folder: String) -> Bool {
        isRegistration(folder) || folder.lowercased().contains("flat") || folder == "download"
    }

    /// Names mean the same in every case, and addresses have the lower one, so that is the one name here.
    static func package(_ id: String) throws(Malformed) -> Purl {
        let isName = id.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E }
        guard !id.isEmpty, id.utf8.count <= 100, isName, !id.hasPrefix("."), !id.hasSuffix("."), !id.contains("..")
        else {
            throw Malformed("'\(id.prefix(100))' is no package id")
        }
        return Purl(type: "nuget", name: id.lowercased())
    }

    static func release(_ id: String, _ version: String) throws(Malformed) -> Purl {
        guard let version = NuGetVersion(version) else { throw Malformed("'\(version.prefix(100))' is no version") }
        return try package(id).at(version.normalized)
    }

    static func file(of release: Purl) -> String { "\(release.name).\(release.version ?? "").nupkg" }
}
