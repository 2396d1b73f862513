internal import Core

extension PyPI {
    /// Groups the files of a page by version, in the page's order.
    static func releases(of package: Purl, on page: any IndexPage) -> [Release] {
        var order: [String] = []
        var grouped: [String: [ListedFile]] = [:]
        for case let file? in page.files {
            if grouped[file.version] == nil { order.append(file.version) }
            grouped[file.version, default: []].append(file)
        }
        return order.map { version in
            let files = grouped[version] ?? []
            var release = Release(purl: package.at(version), artifacts: unique(files.map(\.artifact)))
            release.published = earliest(release.artifacts)
            if files.allSatisfy({ $0.artifact.yanked != nil }) { release.yanked = files.first?.artifact.yanked }
            if files.allSatisfy(\.hasProvenance) { release.evidence = PublisherEvidence(.provenance) }
            release.deprecated = page.status
            return release
        }
    }

    /// Takes publish times, sizes and digests that an index lacks from another page about the same files.
    static func complete(_ releases: inout [Release], from page: any IndexPage) {
        let known = Dictionary(
            page.files.compactMap { $0.map { ($0.artifact.file, $0.artifact) } },
            uniquingKeysWith: { first, _ in first }
        )
        for release in releases.indices {
            for index in releases[release].artifacts.indices {
                var artifact = releases[release].artifacts[index]
                guard let other = known[artifact.file], !contradict(artifact.digests, other.digests) else { continue }
                if artifact.published == nil { artifact.published = other.published }
                if artifact.size == nil { artifact.size = other.size }
                if artifact.digests.isEmpty { artifact.digests = other.digests }
                releases[release].artifacts[index] = artifact
            }
            releases[release].published = earliest(releases[release].artifacts)
        }
    }

    /// A page that lists a file twice (in `releases` and in `urls`) still means one.
    private static func unique(_ artifacts: [Artifact]) -> [Artifact] {
        var seen: Set<String> = []
        return artifacts.filter { seen.insert($0.file).inserted }
    }

    private static func earliest(_ artifacts: [Artifact]) -> PublishTime? {
        artifacts.compactMap(\.published).min { $0.time < $1.time }
    }

    private static func contradict(_ a: [Digest], _ b: [Digest]) -> Bool {
        a.contains { one in b.contains { $0.algorithm == one.algorithm && $0 != one } }
    }
}
