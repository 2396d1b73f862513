public import Core

extension Maven {
    /// Two of the checksums that may lie beside a file (SHA-1 is always there, SHA-256 is the one that proves something),
    /// and the file's own date: those of its checksums may be of the day on which a mirror made them.
    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] {
        guard let release = name.release else { return [] }
        if let place = try? MavenPath(url), case .versions(let package) = place.kind {
            // A release without an address, as Gradle's lockfiles pin it. Each has a POM.
            guard package == release.package, place.checksum == nil, let version = release.version,
                let file = try? url.moved(
                    to: url.origin,
                    path: "\(url.path.dropLast(place.file.count))\(version)/"
                        + (name.file.isEmpty ? "\(Maven.stem(package, version)).pom" : name.file)
                )
            else { return [] }
            return statements(about: name, at: file)
        }
        let checksums = [".sha1", ".sha256"].compactMap { ending in
            (try? url.moved(to: url.origin, path: url.path + ending)).map { Request(url: $0.with(query: nil)) }
        }
        return checksums + [Request(method: "HEAD", url: url.withoutFragment)]
    }

    public func checksum(about request: Request) -> IndexChecksum? {
        guard let place = try? MavenPath(request.url), case .versions = place.kind else { return nil }
        guard let algorithm = place.checksum else {
            guard let url = try? request.url.moved(to: request.url.origin, path: request.url.path + ".sha1") else {
                return nil
            }
            return IndexChecksum(index: request.url, checksum: url, algorithm: .sha1)
        }
        let path = request.url.path.dropLast(algorithm.rawValue.count + 1)
        guard let url = try? request.url.moved(to: request.url.origin, path: String(path)) else { return nil }
        return IndexChecksum(index: url, checksum: request.url, algorithm: algorithm)
    }

    /// Repositories refuse to take a released file twice; a snapshot is another one tomorrow.
    public func isFinal(_ request: Request) -> Bool {
        guard let place = try? MavenPath(request.url), case .artifact(let purl) = place.kind else {
            return false
        }
        return purl.version?.hasSuffix("-SNAPSHOT") == false
    }

    /// The versions of an artifact have no dates. Those of the newest ones are asked for: what is the newest by order, and
    /// what was added last.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard let place = try? MavenPath(request.url), case .versions(let package) = place.kind,
            place.checksum == nil, let metadata = try? MavenMetadata(index.bytes)
        else { return [] }
        let folder = request.url.path.dropLast(place.file.count)
        let versions = metadata.versions.filter { !$0.hasSuffix("-SNAPSHOT") }
        let newest = versions.sorted { (compare($0, $1) ?? 0) < 0 }.suffix(Maven.datedVersions)
        let wanted = Set(newest).union(versions.suffix(Maven.datedVersions))
        return wanted.sorted().compactMap { version in
            let path = "\(folder)\(version)/\(Maven.stem(package, version)).pom"
            return (try? request.url.moved(to: request.url.origin, path: path)).map { CompanionRequest(url: $0) }
        }
    }

    private static let datedVersions = 8

    private static func stem(_ package: Purl, _ version: String) -> String { "\(package.name)-\(version)" }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard let place = try MavenPath(request.url) else { throw Malformed("the address is none of a repository") }
        switch place.kind {
        case .artifact(let purl): return try statement(about: purl, index, place, request)
        case .versions(let package):
            if let algorithm = place.checksum, let sum = checksum(about: request) {
                let digest = try Maven.digest(algorithm, in: index.bytes)
                return PackageIndex(scope: scope, releases: [], vouches: [sum.index: [digest]])
            }
            let metadata = try MavenMetadata(index.bytes)
            let times = Maven.times(in: companions, of: package)
            let releases = metadata.versions.map { version in
                Release(purl: package.at(version), published: times[Maven.stem(package, version)])
            }
            return PackageIndex(scope: scope, releases: releases)
        case .signature, .service: throw Malformed("the address is no index of a repository")
        }
    }

    /// What one document beside a file states of it: a digest, or its date. Neither alone is a release that policy could
    /// be asked about.
    private func statement(about purl: Purl, _ document: Document, _ place: MavenPath, _ request: Request)
        throws(Malformed) -> PackageIndex
    {
        let scope = IndexScope.package(purl)
        if let algorithm = place.checksum {
            let path = request.url.path.dropLast(algorithm.rawValue.count + 1)
            let url = try request.url.moved(to: request.url.origin, path: String(path))
            let digest = try Maven.digest(algorithm, in: document.bytes)
            return PackageIndex(scope: scope, releases: [], vouches: [url.with(query: nil): [digest]])
        }
        guard request.method == "HEAD" else { throw Malformed("a file is no index") }
        let published = document.modified.map { PublishTime($0, basis: .lastModified) }
        let artifact = Artifact(file: place.file, url: request.url.withoutFragment, published: published)
        return PackageIndex(
            scope: scope,
            releases: [Release(purl: purl, published: published, artifacts: [artifact])]
        )
    }

    /// By the name of the file without its ending.
    private static func times(in companions: [Document], of package: Purl) -> [String: PublishTime] {
        var times: [String: PublishTime] = [:]
        for companion in companions {
            guard let file = companion.url?.file, file.hasSuffix(".pom"), let time = companion.modified else {
                continue
            }
            times[String(file.dropLast(".pom".count))] = PublishTime(time, basis: .lastModified)
        }
        return times
    }

    /// The first word of the right length: some files have the name of the file or the algorithm around it.
    private static func digest(_ algorithm: Digest.Algorithm, in bytes: [UInt8]) throws(Malformed) -> Digest {
        guard bytes.count <= 4_096, let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed("the checksum is no short text")
        }
        for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "=" || $0 == ":" }) {
            if let digest = Digest(algorithm, hex: String(word)) { return digest }
        }
        throw Malformed("the checksum holds no \(algorithm.rawValue)")
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard let place = try MavenPath(request.url) else { throw Malformed("the address is none of a repository") }
        // A checksum tells nobody to fetch anything.
        guard case .versions(let package) = place.kind, place.checksum == nil else { return index }
        var metadata = try MavenMetadata(index.bytes)
        let hidden = metadata.versions.filter { version in
            !view.keeps(Release(purl: package.at(version)), Artifact(file: ""))
        }
        guard metadata.hide(Set(hidden)) else { return index }
        return Document(metadata.printed, contentType: index.contentType, url: index.url, modified: index.modified)
    }
}
