internal import Core

/// An index is read, printed without what is refused, and read again.
struct IndexExercise {
    let ecosystem: any Ecosystem
    let scene: Scene
    let scope: IndexScope

    /// One file of a release as an index states it.
    private struct Row: Hashable {
        let release: String
        let file: String
        let digests: Set<Digest>
    }

    func run(_ findings: inout Findings) {
        if case .package(let purl) = scope { findings.expectReadable(purl, "the scope") }
        let document = scene.document(scene.body)
        _ = ecosystem.companions(of: document, for: scene.request, scope: scope)
        guard let index = read(document) else { return }
        findings.expect(read(document) == index, "the same document reads as two indexes")
        for release in index.releases { check(release, &findings) }
        guard ecosystem.mayRewriteIndex else { return }
        // A document that lists itself is a file of a release too, and one about a single release is shown or refused whole.
        let place = scene.request.url
        guard !index.releases.contains(where: { $0.artifacts.contains { $0.url == place } }) else { return }
        if case .package(let purl) = scope, purl.version != nil {
            _ = print(document, hiding: keys(of: index.releases))
            return
        }
        showAll(index, document, &findings)
        guard !index.releases.isEmpty else { return }
        hide([index.releases[scene.choice(of: index.releases.count)]], of: index, document, &findings)
        hide(index.releases, of: index, document, &findings)
    }

    private func check(_ release: Release, _ findings: inout Findings) {
        findings.expectReadable(release.purl, "a release of the index")
        for artifact in release.artifacts {
            findings.expect(artifact.size ?? 0 >= 0, "'\(artifact.file)' has a negative size")
        }
        for time in [release.published] + release.artifacts.map(\.published) {
            guard let time = time?.time else { continue }
            findings.expect(Timestamp(rfc3339: time.description) == time, "the time \(time) cannot be read back")
        }
    }

    private func showAll(_ index: PackageIndex, _ document: Document, _ findings: inout Findings) {
        guard let printed = print(document, hiding: []) else {
            findings.expect(false, "an index that can be read cannot be printed")
            return
        }
        guard let again = read(printed) else {
            findings.expect(false, "an index from which nothing is hidden cannot be read again")
            return
        }
        findings.expect(rows(again) == rows(index), "an index from which nothing is hidden says something else")
        let link: @Sendable (HTTPURL) -> String = { "http://127.0.0.1:9/secret/\($0.origin.host)\($0.path)" }
        let view = IndexView(keeps: { _, _ in true }, link: link)
        let isLed = (try? ecosystem.writeIndex(document, for: scene.request, scope: scope, view: view)) != nil
        findings.expect(isLed, "an index that can be printed cannot be printed with its links led to us")
    }

    private func hide(
        _ releases: [Release],
        of index: PackageIndex,
        _ document: Document,
        _ findings: inout Findings
    ) {
        let hidden = keys(of: releases)
        // Printing may refuse: then the client gets nothing at all.
        guard let printed = print(document, hiding: hidden) else { return }
        guard let again = read(printed) else {
            let isEmpty = index.releases.allSatisfy { keys(of: [$0]).isSubset(of: hidden) }
            findings.expect(isEmpty, "an index from which a release is hidden cannot be read again")
            return
        }
        for release in again.releases where release.yanked == nil {
            let files = release.artifacts.isEmpty ? [Artifact(file: "")] : release.artifacts
            for artifact in files where artifact.yanked == nil {
                let isGone = !hidden.contains(IndexExercise.key(release.purl, artifact.file))
                findings.expect(isGone, "\(release.purl) '\(artifact.file)' is hidden and still there")
            }
        }
        let kept = rows(index).filter { row in !rows(of: releases).contains(row) && !isHidden(row, index, hidden) }
        let left = rows(again)
        findings.expect(
            kept.isSubset(of: left),
            "something that is not hidden went or changed: \(kept.subtracting(left))"
        )
        let isOld = left.isSubset(of: rows(index))
        findings.expect(isOld, "something new is there: \(left.subtracting(rows(index)))")
    }

    private func isHidden(_ row: Row, _ index: PackageIndex, _ hidden: Set<String>) -> Bool {
        index.releases.contains { release in
            release.purl.description == row.release && hidden.contains(IndexExercise.key(release.purl, row.file))
        }
    }

    private func read(_ document: Document) -> PackageIndex? {
        let companions = scene.documents.dropFirst().map(scene.document)
        return try? ecosystem.readIndex(document, companions: companions, for: scene.request, scope: scope)
    }

    /// The printed index as its next reader gets it.
    private func print(_ document: Document, hiding hidden: Set<String>) -> Document? {
        let view = IndexView(keeps: { !hidden.contains(IndexExercise.key($0.purl, $1.file)) })
        let printed = try? ecosystem.writeIndex(document, for: scene.request, scope: scope, view: view)
        return printed.map { printed in
            Document(
                printed.bytes,
                contentType: printed.contentType,
                url: document.url,
                modified: document.modified,
                digest: printed.bytes == document.bytes ? document.digest : nil
            )
        }
    }

    /// As the gateway tells files apart.
    private static func key(_ release: Purl, _ file: String) -> String {
        "\(release.version ?? release.qualifiers["tag"] ?? "")\n\(file)"
    }

    private func keys(of releases: [Release]) -> Set<String> {
        Set(
            releases.flatMap { release in
                release.artifacts.isEmpty
                    ? [IndexExercise.key(release.purl, "")]
                    : release.artifacts.map { IndexExercise.key(release.purl, $0.file) }
            }
        )
    }

    private func rows(_ index: PackageIndex) -> Set<Row> { rows(of: index.releases) }

    private func rows(of releases: [Release]) -> Set<Row> {
        Set(
            releases.flatMap { release in
                let files = release.artifacts.isEmpty ? [Artifact(file: "")] : release.artifacts
                return files.map {
                    Row(release: release.purl.description, file: $0.file, digests: Set($0.digests))
                }
            }
        )
    }
}
