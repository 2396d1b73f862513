public import Core
internal import JSONText

/// Package registries of the Swift Package Manager (SE-0292, Registry.md).
///
/// There is no public one, so traffic is of this ecosystem where `--origin swift=URL` says so. Dependencies by git
/// address are read by the codec for git.
public struct SwiftRegistry: Ecosystem {
    public init() {}

    public let type = "swift"
    public let hosts: [String] = []
    public let defaultOrigin: Origin? = nil
    /// Registry.md §3.5 wants it in every answer.
    public let answerFields = ["Content-Version": "1"]

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let place = try SwiftPlace(request.url)
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch place.kind {
        case .service(let name):
            if name == "login" { return .credential }
            return isRead ? .passThrough : nil
        case .package: return isRead ? .index(.package(place.purl)) : nil
        case .release:
            if isRead { return .index(.package(place.purl)) }
            return request.method == "PUT" ? .publish(place.purl) : nil
        case .manifest: return isRead ? .sidecar(release: place.purl, file: "Package.swift") : nil
        case .archive(let file):
            return isRead ? .artifact(ArtifactName(release: place.purl, file: file)) : nil
        }
    }

    /// The list of releases knows neither times nor checksums; the page of each release does.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .package(let package) = scope, package.version == nil,
            let root = try? JSONDocument(index.bytes).root, let releases = root["releases"]
        else { return [] }
        let folder = SwiftRegistry.folder(of: request.url)
        return releases.members.prefix(SwiftRegistry.releasesAtMost).compactMap { member in
            guard SemanticVersion(member.key) != nil, member.node["problem"] == nil,
                let url = try? request.url.moved(to: request.url.origin, path: "\(folder)/\(member.key)")
            else { return nil }
            return CompanionRequest(url: url.with(query: nil), accept: SwiftRegistry.json)
        }
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let subject) = scope else { throw Malformed("a registry has one index per package") }
        let root = try SwiftRegistry.root(of: index)
        let folder = SwiftRegistry.folder(of: request.url)
        if let version = subject.version {
            let above = String(folder.dropLast(version.utf8.count + 1))
            return PackageIndex(scope: scope, releases: [try release(root, of: subject, in: above, request.url)])
        }
        guard let members = root["releases"]?.members else { throw Malformed("the index has no releases") }
        var known: [String: JSONNode] = [:]
        for companion in companions {
            let root = try SwiftRegistry.root(of: companion)
            if let version = root["version"]?.string { known[version] = root }
        }
        var releases: [Release] = []
        for member in members where SemanticVersion(member.key) != nil {
            let purl = subject.at(member.key)
            if let page = known[member.key] {
                releases.append(try release(page, of: purl, in: folder, request.url))
            } else {
                releases.append(Release(purl: purl, artifacts: [archive(of: purl, in: folder, request.url)]))
            }
            if member.node["problem"] != nil { releases[releases.count - 1].yanked = Withdrawal() }
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    /// A refused release gets a `problem`, which makes the resolver pass it over and says why (Registry.md §4.1).
    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        let read = try readIndex(index, companions: [], for: request, scope: scope)
        let refused = Set(
            read.releases.filter { release in !release.artifacts.contains { view.keeps(release, $0) } }
                .compactMap(\.purl.version)
        )
        guard !refused.isEmpty else { return index }
        guard case .package(let subject) = scope, subject.version == nil else {
            throw Malformed("the page's release is hidden")
        }
        let document: JSONDocument
        do { document = try JSONDocument(index.bytes) } catch { throw Malformed(error.message, offset: error.offset) }
        var edit = JSONEdit(document)
        let problem: JSON = [
            "status": 403, "title": "Refused by policy", "detail": "purser policy explain says why",
        ]
        for member in document.root["releases"].map({ Array($0.members) }) ?? [] {
            let isRead = SemanticVersion(member.key) != nil
            if refused.contains(member.key) || !isRead {
                edit.insert(key: "problem", value: problem, into: member.node)
            }
        }
        return Document(edit.bytes(), contentType: index.contentType, url: index.url)
    }

    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] {
        guard name.release?.version != nil, url.path.hasSuffix(".zip"),
            let page = try? url.moved(to: url.origin, path: String(url.path.dropLast(4)))
        else { return [] }
        return [Request(url: page.with(query: nil), accept: SwiftRegistry.json)]
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = SemanticVersion(a), let b = SemanticVersion(b) else { return nil }
        return a.compared(to: b)
    }

    public func isPrerelease(_ version: String) -> Bool { SemanticVersion(version)?.isPrerelease ?? false }

    /// RFC 9457, which SwiftPM shows the `detail` of.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)"
        let json: JSON = [
            "status": .integer(Int64(problem.code.httpStatus)), "title": .string(problem.code.rawValue),
            "detail": .string(text),
        ]
        return Document(json.canonicalBytes(), contentType: "application/problem+json")
    }
}

extension SwiftRegistry {
    static let json = "application/vnd.swift.registry.v1+json"
    /// So many pages of releases are asked for; the dates of the others stay unknown.
    private static let releasesAtMost = 500

    /// The path without a `.json` at its end.
    private static func folder(of url: HTTPURL) -> String {
        var path = url.path
        if path.hasSuffix("/") { path.removeLast() }
        return path.hasSuffix(".json") ? String(path.dropLast(5)) : path
    }

    private static func root(of document: Document) throws(Malformed) -> JSONNode {
        do {
            let root = try JSONDocument(document.bytes).root
            guard root.kind == .object else { throw Malformed("the document is no JSON object") }
            return root
        } catch let error as JSONError {
            throw Malformed(error.message, offset: error.offset)
        } catch {
            throw error as? Malformed ?? Malformed("the document is no JSON")
        }
    }

    private func archive(of release: Purl, in folder: String, _ place: HTTPURL) -> Artifact {
        let version = release.version ?? ""
        let url = try? place.moved(to: place.origin, path: "\(folder)/\(version).zip").with(query: nil)
        // SwiftPM takes an archive of no other type.
        return Artifact(file: "\(version).zip", url: url, attributes: ["content-type": "application/zip"])
    }

    private func release(_ page: JSONNode, of purl: Purl, in folder: String, _ place: HTTPURL) throws(Malformed)
        -> Release
    {
        guard page["version"]?.string == purl.version else { throw Malformed("the page is about another release") }
        var artifact = archive(of: purl, in: folder, place)
        for resource in page["resources"].map({ Array($0.elements) }) ?? []
        where resource["name"]?.string == "source-archive" {
            guard let text = resource["checksum"]?.string else { continue }
            guard let digest = Digest(.sha256, hex: text) else { throw Malformed("a checksum is no SHA-256") }
            artifact.digests = [digest]
        }
        var release = Release(purl: purl)
        release.published = page["publishedAt"]?.string.flatMap { Timestamp(rfc3339: $0) }
            .map { PublishTime($0, basis: .registryTime) }
        artifact.published = release.published
        release.artifacts = [artifact]
        return release
    }
}
