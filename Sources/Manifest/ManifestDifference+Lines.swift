internal import Core

extension ManifestDifference {
    /// What `purser diff` prints: the verdict, then one line per change.
    public var lines: [String] {
        var lines = [verdicts.map(\.rawValue).joined(separator: ", ")]
        lines += section("replaced: other bytes under the same name", replaced.map(ManifestDifference.line))
        lines += section("inputs", inputLines)
        lines += section("tools", toolLines)
        lines += section("artifacts", artifactLines)
        lines += section("gaps", addedGaps.map { "+ \($0.line)" } + removedGaps.map { "- \($0.line)" })
        lines += section("same bytes, other facts", restated.map(ManifestDifference.facts))
        return lines
    }

    /// One package that left and came back in another version is one line.
    private var inputLines: [String] {
        let removedByPackage = Dictionary(grouping: removed, by: \.purl.package)
        let addedByPackage = Dictionary(grouping: added, by: \.purl.package)
        let packages = Set(removedByPackage.keys).union(addedByPackage.keys).sorted()
        return packages.flatMap { package -> [String] in
            let gone = removedByPackage[package] ?? []
            let come = addedByPackage[package] ?? []
            if gone.count == 1, come.count == 1, let old = gone[0].purl.version, let new = come[0].purl.version,
                old != new
            {
                return ["~ \(package) \(printable(old)) → \(printable(new))"]
            }
            return gone.map { "- \($0.line)" } + come.map { "+ \($0.line)" }
        }
    }

    private var toolLines: [String] {
        removedTools.map { "- \($0.line)" } + addedTools.map { "+ \($0.line)" }
    }

    private var artifactLines: [String] {
        removedArtifacts.map { "- \($0.line)" } + addedArtifacts.map { "+ \($0.line)" }
            + differingArtifacts.map { change in
                "! \(printable(change.before.path))  \(short(change.before.sha256)) → \(short(change.after.sha256))"
            }
    }

    private static func line(_ change: Change<Input>) -> String {
        let name = "! \(change.before.purl) \(printable(change.before.file))"
        return "\(name)  \(short(change.before.sha256)) → \(short(change.after.sha256))"
    }

    private static func facts(_ change: Change<Input>) -> String {
        let (before, after) = (change.before, change.after)
        let differing: [(String, Bool)] = [
            ("claims", before.claimed != after.claimed), ("origin", before.origin != after.origin),
            ("url", before.url != after.url), ("published", before.published != after.published),
            ("evidence", before.evidence != after.evidence), ("license", before.license != after.license),
            ("via", before.via != after.via), ("digests", before.digests != after.digests),
            ("size", before.size != after.size),
        ]
        let names = differing.filter(\.1).map(\.0).joined(separator: ", ")
        return "~ \(before.purl) \(printable(before.file)): \(names)"
    }
}

private func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["\(title):"] + lines.map { "  \($0)" }
}

extension Input {
    fileprivate var line: String { "\(purl) \(printable(file))  \(short(sha256))" }
}

extension Output {
    fileprivate var line: String { "\(printable(path))  \(short(sha256))" }
}

extension Tool {
    fileprivate var line: String {
        "\(printable(name)) \(printable(version))  \(digest.map { short($0.hex) } ?? origin)"
    }
}

extension Gap {
    var line: String { host.isEmpty ? kind : "\(kind) \(printable(host))" }
}
