public import Core
internal import JSONText

extension GoModules {
    /// Releases whose publish time is asked for when a list is judged: those that a client would choose from.
    private static let datedReleases = 16

    /// A list says nothing of times; the `.info` of its newest releases does. What was taken back stands in the go.mod of the
    /// newest release that is no prerelease.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .list? = try? GoPlace(request.url) else { return [] }
        let path = request.url.path
        guard let slash = path.lastIndex(of: "/") else { return [] }
        let newest = GoList(index.bytes).versions
            .sorted { $0.version.compared(to: $1.version) > 0 }
            .prefix(Self.datedReleases)
        var files = newest.map { "\(GoPlace.escaped($0.text)).info" }
        if let last = GoList(index.bytes).newest { files.append("\(GoPlace.escaped(last)).mod") }
        return files.compactMap { file in
            let url = try? HTTPURL(origin: request.url.origin, target: String(path[...slash]) + file)
            return url.map { CompanionRequest(url: $0) }
        }
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let subject) = scope else { throw Malformed("Go has one index per module") }
        switch try GoPlace(request.url) {
        case .list:
            let times = GoModules.times(in: companions)
            let newest = companions.first { $0.url?.path.hasSuffix(".mod") == true }.map { GoModFile($0.bytes) }
            let releases = GoList(index.bytes).versions.map { listed in
                let published = times[listed.text].map { PublishTime($0, basis: .authorTime) }
                var release = Release(purl: subject.package.at(listed.text), published: published)
                release.yanked = newest?.retraction(of: listed.text)
                release.deprecated = newest?.deprecation
                return release
            }
            return PackageIndex(scope: scope, releases: releases)
        case .info, .latest, .query:
            return PackageIndex(scope: scope, releases: [try GoModules.release(index.bytes, of: subject)])
        case .lookup:
            let record = try GoRecord(index.bytes, of: subject)
            return PackageIndex(scope: scope, releases: [Release(purl: subject, artifacts: record.artifacts)])
        default: throw Malformed("the document is no index")
        }
    }

    /// Only a list can be shown without some of its releases; every other document is about one.
    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard case .package(let subject) = scope else { throw Malformed("Go has one index per module") }
        if case .list? = try GoPlace(request.url) {
            let kept = GoList(index.bytes).lines {
                view.keeps(Release(purl: subject.package.at($0)), Artifact(file: ""))
            }
            return kept == index.bytes ? index : Document(kept, contentType: index.contentType, url: index.url)
        }
        let shown = try readIndex(index, companions: [], for: request, scope: scope).releases
        for release in shown {
            let files = release.artifacts.isEmpty ? [Artifact(file: "")] : release.artifacts
            guard files.allSatisfy({ view.keeps(release, $0) }) else { throw Malformed("the release is hidden") }
        }
        return index
    }

    /// `.info`: `{"Version":"v1.2.0","Time":"2024-01-01T00:00:00Z"}`, of the version that was asked where it was a whole one.
    private static func release(_ bytes: [UInt8], of subject: Purl) throws(Malformed) -> Release {
        guard let info = info(bytes) else { throw Malformed("the document does not say what version it is about") }
        guard subject.version.map({ $0 == info.version }) ?? true else {
            throw Malformed("the document is about \(info.version), not \(subject.version ?? "")")
        }
        let published = info.time.map { PublishTime($0, basis: .authorTime) }
        return Release(purl: subject.package.at(info.version), published: published)
    }

    private static func info(_ bytes: [UInt8]) -> (version: String, time: Timestamp?)? {
        guard let json = try? JSON(parsing: bytes), let version = json["Version"]?.string,
            GoVersion(version)?.isCanonical ?? false
        else { return nil }
        return (version, json["Time"]?.string.flatMap { Timestamp(rfc3339: $0) })
    }

    private static func times(in companions: [Document]) -> [String: Timestamp] {
        var times: [String: Timestamp] = [:]
        for companion in companions {
            if let info = info(companion.bytes), let time = info.time { times[info.version] = time }
        }
        return times
    }
}

/// A list of versions, one a line. The go command skips what is no version; here it is not shown at all.
struct GoList {
    let versions: [(text: String, version: GoVersion)]

    init(_ bytes: [UInt8]) {
        versions = bytes.split(separator: 0x0A).compactMap { line in
            guard let text = String(validating: line, as: UTF8.self),
                let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init),
                let version = GoVersion(word), version.isCanonical
            else { return nil }
            return (word, version)
        }
    }

    /// The one whose go.mod speaks for the module: a prerelease only where there is nothing else.
    var newest: String? {
        let stable = versions.filter { !$0.version.isPrerelease }
        return (stable.isEmpty ? versions : stable).max { $0.version.compared(to: $1.version) < 0 }?.text
    }

    func lines(_ keeps: (String) -> Bool) -> [UInt8] {
        versions.filter { keeps($0.text) }.flatMap { Array("\($0.text)\n".utf8) }
    }
}

/// One record of the checksum database: its number, the lines of go.sum, and behind a blank line the signed tree head,
/// which clients check.
struct GoRecord {
    private(set) var artifacts: [Artifact] = []

    init(_ bytes: [UInt8], of release: Purl) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("the record is not UTF-8") }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 2, let number = lines.first, !number.isEmpty,
            number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw Malformed("the document is no record of a checksum database") }
        for line in lines.dropFirst().prefix(while: { !$0.isEmpty }) {
            guard let entry = try GoSum.entry(line) else { continue }
            guard entry.release == release else {
                throw Malformed("the record is about \(entry.release), not \(release)")
            }
            artifacts.append(Artifact(file: entry.file, digests: [entry.digest]))
        }
        guard !artifacts.isEmpty else { throw Malformed("the record names no digest") }
    }
}
