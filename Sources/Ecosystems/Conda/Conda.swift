public import Core
internal import JSONText

/// Conda channels, as conda, mamba, micromamba and pixi ask for them.
public struct Conda: Ecosystem {
    public init() {}

    public let type = "conda"
    public let hosts = ["conda.anaconda.org", "repo.anaconda.com", "repo.prefix.dev"]
    public var defaultOrigin: Origin? { Origin(.https, "conda.anaconda.org") }
    /// The only time there is was written by whoever built the package.
    public let registryAssignsTimes = false
    public let lockfileNames = [
        "conda-lock.yml", "pixi.lock", "conda-linux-64.lock", "conda-linux-aarch64.lock", "conda-osx-64.lock",
        "conda-osx-arm64.lock", "conda-win-64.lock", "explicit.txt",
    ]

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let url = request.url
        let segments = url.segments
        guard let file = segments.last, segments.count > 1 else { return nil }
        switch request.method {
        case "GET", "HEAD": break
        case "POST", "PUT": return file.hasSuffix(".conda") || file.hasSuffix(".tar.bz2") ? .publish(nil) : nil
        default: return nil
        }
        guard !url.path.contains("//") else { throw Malformed("the path has an empty segment") }
        if file == "channeldata.json" || file == "rss.xml" { return .passThrough }
        guard let place = CondaPlace(url) else { return nil }
        if CondaRepodata.names.contains(file) { return .index(.repository("\(place.subdir)/\(file)")) }
        // Of the forms that cannot be printed again packages are seen when they are asked for.
        if CondaRepodata.unread.contains(file) || file.hasSuffix(".msgpack.zst") { return .passThrough }
        guard let name = CondaFile(file) else { return nil }
        return .artifact(ArtifactName(release: name.purl(at: place), file: file))
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let request = request.url.withoutFragment.with(query: nil)
        guard let place = CondaPlace(request) else { throw Malformed("the address is in no folder of a channel") }
        guard let repodata = try CondaRepodata(index, request.file) else {
            return PackageIndex(scope: scope, releases: [])
        }
        var releases: [Release] = []
        for member in try repodata.packages() {
            if let release = CondaRepodata.release(member, at: place, beside: request) { releases.append(release) }
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard let place = CondaPlace(request.url) else { throw Malformed("the address is in no folder of a channel") }
        guard let repodata = try CondaRepodata(index, request.url.file) else { return index }
        var edit = JSONEdit(repodata.document)
        for member in try repodata.packages() {
            guard let release = CondaRepodata.release(member, at: place, beside: request.url),
                let artifact = release.artifacts.first
            else { continue }
            if !view.keeps(release, artifact) { edit.remove(member) }
        }
        guard !edit.isEmpty else { return index }
        let bytes = repodata.isCompressed ? StoredZstandard.frame(edit.bytes()) : edit.bytes()
        return Document(bytes, contentType: index.contentType, url: index.url)
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = CondaVersion(a), let b = CondaVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }

    public func isPrerelease(_ version: String) -> Bool { CondaVersion(version)?.isPrerelease ?? false }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        guard let place = CondaPlace(url), let name = CondaFile(file) else { return [] }
        return [name.purl(at: place)]
    }
}

/// The channel and the platform's folder that an address lies in.
struct CondaPlace: Hashable, Sendable {
    let channel: String
    let subdir: String

    /// Nil where the last folder is no platform's.
    init?(_ url: HTTPURL) {
        let segments = url.segments
        guard segments.count > 1, CondaPlace.isSubdir(segments[segments.count - 2]) else { return nil }
        subdir = segments[segments.count - 2]
        var channel = Array(segments.dropLast(2))
        // A token before the channel is a secret.
        if channel.count > 1, channel[0] == "t" { channel.removeFirst(2) }
        self.channel = channel.isEmpty ? url.origin.host : channel.joined(separator: "/")
    }

    static func isSubdir(_ text: String) -> Bool {
        if text == "noarch" { return true }
        let parts = text.split(separator: "-")
        let systems: Set<Substring> = ["linux", "osx", "win", "freebsd", "zos", "emscripten", "wasi"]
        return parts.count == 2 && systems.contains(parts[0]) && parts[1].allSatisfy { $0.isLetter || $0.isNumber }
    }
}

/// `NAME-VERSION-BUILD.conda`, or `.tar.bz2`: neither version nor build holds a dash.
struct CondaFile: Hashable, Sendable {
    let name: String
    let version: String
    let build: String
    /// `conda` or `tar.bz2`.
    let format: String

    init?(_ file: String) {
        guard let format = ["conda", "tar.bz2"].first(where: { file.hasSuffix("." + $0) }) else { return nil }
        self.init(stem: file.dropLast(format.count + 1), format: format)
    }

    init?(stem: Substring, format: String) {
        guard let last = stem.lastIndex(of: "-"), let first = stem[..<last].lastIndex(of: "-") else { return nil }
        name = String(stem[..<first])
        version = String(stem[stem.index(after: first)..<last])
        build = String(stem[stem.index(after: last)...])
        self.format = format
        guard CondaFile.isName(name), CondaVersion(version) != nil, !build.isEmpty, build.utf8.count <= 128,
            build.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || $0 == 0x2B })
        else { return nil }
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 128
            && name.utf8.allSatisfy { PercentEncoding.isUnreserved($0) }
    }

    func purl(at place: CondaPlace) -> Purl {
        let qualifiers = ["build": build, "channel": place.channel, "subdir": place.subdir, "type": format]
        return Purl(type: "conda", name: name, version: version, qualifiers: qualifiers)
    }
}
