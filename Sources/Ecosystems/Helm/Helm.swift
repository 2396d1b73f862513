public import Core
internal import JSONText

/// Chart repositories over HTTP: one `index.yaml` and the archives it names. Charts in container registries are OCI's.
public struct Helm: Ecosystem {
    public init() {}

    /// No registered purl type; the name that tools have agreed on.
    public let type = "helm"
    public let hosts = [
        "charts.helm.sh", "charts.bitnami.com", "charts.jetstack.io", "helm.releases.hashicorp.com",
        "prometheus-community.github.io", "grafana.github.io", "kubernetes.github.io",
    ]
    public let defaultOrigin: Origin? = nil
    /// `created` is written by whoever made the index.
    public let registryAssignsTimes = false
    public let lockfileNames = ["Chart.lock", "requirements.lock"]
    public var looksUpLockedReleases: Bool { true }
    public let mirroredHosts: [String] = []

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let file = request.url.file
        switch request.method {
        case "GET", "HEAD": break
        case "POST", "PUT": return request.url.segments.contains("charts") ? .publish(nil) : nil
        case "DELETE": return request.url.segments.contains("charts") ? .yank(nil) : nil
        default: return nil
        }
        guard !request.url.path.contains("//") else { throw Malformed("the path has an empty segment") }
        if file == "index.yaml" { return .index(.repository(Helm.folder(of: request.url))) }
        if file.hasSuffix(".tgz.prov") { return .sidecar(release: nil, file: file) }
        guard file.hasSuffix(".tgz") else { return nil }
        let names = candidates(forFile: file, at: request.url)
        return .artifact(ArtifactName(release: names.count == 1 ? names[0] : nil, file: file))
    }

    /// The index beside a chart: a chart may be asked for without it, from a lock and a cache of indexes.
    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] {
        guard url.file.hasSuffix(".tgz"),
            let index = try? url.withoutFragment.with(query: nil).resolving("index.yaml")
        else { return [] }
        // A folder of archives usually lies beside the index.
        guard url.segments.dropLast().last == "charts", let above = try? index.resolving("../index.yaml") else {
            return [Request(url: index)]
        }
        return [Request(url: index), Request(url: above)]
    }

    public func indexRequest(forPinned release: Purl) -> Request? {
        guard let place = release.qualifiers["repository_url"],
            let url = try? HTTPURL("\(place)/index.yaml"), url.query == nil
        else { return nil }
        return Request(url: url)
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = HelmVersion(a), let b = HelmVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }

    public func isPrerelease(_ version: String) -> Bool { HelmVersion(version)?.isPrerelease ?? false }

    /// Every place where a version may begin: names and versions both hold dashes.
    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        guard file.hasSuffix(".tgz") else { return [] }
        let stem = file.dropLast(4)
        var found: [Purl] = []
        for dash in stem.indices where stem[dash] == "-" {
            let (name, version) = (String(stem[..<dash]), String(stem[stem.index(after: dash)...]))
            guard Helm.isName(name), HelmVersion(version) != nil else { continue }
            found.append(Helm.package(name, in: Helm.folder(of: url)).at(version))
            if found.count == 8 { break }
        }
        return found
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 250 && name != "." && name != ".."
            && name.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E }
    }

    static func package(_ name: String, in repository: String) -> Purl {
        Purl(type: "helm", name: name, qualifiers: ["repository_url": repository])
    }

    /// The repository that a file lies in, by its address without the last segment.
    static func folder(of url: HTTPURL) -> String {
        let folder = url.path[..<(url.path.lastIndex(of: "/") ?? url.path.startIndex)]
        return "\(url.origin)\(folder)"
    }
}

/// A version as SemVer 2 writes it, with the `v` that many charts have in front.
struct HelmVersion: Hashable, Sendable {
    private let numbers: [String]
    private let prerelease: [String]

    var isPrerelease: Bool { !prerelease.isEmpty }

    init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        var rest = text.hasPrefix("v") ? text.dropFirst() : text[...]
        if let plus = rest.firstIndex(of: "+") {
            guard HelmVersion.labels(rest[rest.index(after: plus)...]) != nil else { return nil }
            rest = rest[..<plus]
        }
        var labels: [String] = []
        if let dash = rest.firstIndex(of: "-") {
            guard let found = HelmVersion.labels(rest[rest.index(after: dash)...]) else { return nil }
            labels = found
            rest = rest[..<dash]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ HelmVersion.isNumber($0) && ($0 == "0" || !$0.hasPrefix("0")) })
        else { return nil }
        numbers = parts.map(String.init)
        prerelease = labels
    }

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func labels(_ text: Substring) -> [String]? {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let areWords = labels.allSatisfy { label in
            !label.isEmpty
                && label.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E && $0 != 0x5F && $0 != 0x2E }
        }
        return areWords ? labels.map(String.init) : nil
    }
}

extension HelmVersion: Comparable {
    static func < (a: HelmVersion, b: HelmVersion) -> Bool {
        for (one, other) in zip(a.numbers, b.numbers) where one != other { return precedes(one, other) }
        if a.prerelease.isEmpty || b.prerelease.isEmpty { return !a.prerelease.isEmpty && b.prerelease.isEmpty }
        for (one, other) in zip(a.prerelease, b.prerelease) where one != other { return precedes(one, other) }
        return a.prerelease.count < b.prerelease.count
    }

    private static func precedes(_ one: String, _ other: String) -> Bool {
        switch (isNumber(one), isNumber(other)) {
        case (true, true):
            return one.utf8.count != other.utf8.count ? one.utf8.count < other.utf8.count : one < other
        case (false, false): return one.utf8.lexicographicallyPrecedes(other.utf8)
        case (let isFirst, _): return isFirst
        }
    }
}
