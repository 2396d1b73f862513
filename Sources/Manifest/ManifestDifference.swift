internal import Core

/// What changed from one build manifest to another.
public struct ManifestDifference: Hashable, Sendable {
    /// One word for scripts; `allCases` runs from harmless to alarming.
    public enum Verdict: String, Sendable, CaseIterable, Comparable {
        case identical
        /// The same bytes went in and out, but something said about them (a claim, an origin, a licence) or the gaps differ.
        case factsChanged = "facts-changed"
        case artifactsDiffer = "artifacts-differ"
        case toolchainChanged = "toolchain-changed"
        case inputsChanged = "inputs-changed"
        /// Other bytes under a name that should never mean two things: somebody replaced a release.
        case contentChanged = "content-changed-under-same-purl"

        public static func < (a: Verdict, b: Verdict) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    /// What was, and what is instead.
    public struct Change<Element: Hashable & Sendable>: Hashable, Sendable {
        public let before: Element
        public let after: Element
    }

    public let added: [Input]
    public let removed: [Input]
    /// Same purl and file, other bytes.
    public let replaced: [Change<Input>]
    /// Same bytes, other facts.
    public let restated: [Change<Input>]
    public let addedTools: [Tool]
    public let removedTools: [Tool]
    public let addedArtifacts: [Output]
    public let removedArtifacts: [Output]
    /// Same name and path, other bytes.
    public let differingArtifacts: [Change<Output>]
    public let addedGaps: [Gap]
    public let removedGaps: [Gap]

    public init(from before: BuildManifest, to after: BuildManifest) {
        let inputs = Pairing(
            before.inputs,
            after.inputs,
            name: { SortKey($0.purl.description, $0.file) },
            bytes: \.sha256
        )
        added = inputs.added
        removed = inputs.removed
        replaced = inputs.replaced
        restated = inputs.restated
        addedTools = after.tools.filter { !before.tools.contains($0) }
        removedTools = before.tools.filter { !after.tools.contains($0) }
        let outputs = Pairing(
            before.artifacts ?? [],
            after.artifacts ?? [],
            name: { SortKey($0.name, $0.path) },
            bytes: \.sha256
        )
        addedArtifacts = outputs.added
        removedArtifacts = outputs.removed
        differingArtifacts = outputs.replaced
        addedGaps = after.gaps.filter { !before.gaps.contains($0) }
        removedGaps = before.gaps.filter { !after.gaps.contains($0) }
    }

    /// Everything that applies, the most alarming first; `identical` alone when nothing does.
    public var verdicts: [Verdict] {
        var verdicts: [Verdict] = []
        if !replaced.isEmpty { verdicts.append(.contentChanged) }
        if !(added.isEmpty && removed.isEmpty) { verdicts.append(.inputsChanged) }
        if !(addedTools.isEmpty && removedTools.isEmpty) { verdicts.append(.toolchainChanged) }
        if !(addedArtifacts.isEmpty && removedArtifacts.isEmpty && differingArtifacts.isEmpty) {
            verdicts.append(.artifactsDiffer)
        }
        if !(restated.isEmpty && addedGaps.isEmpty && removedGaps.isEmpty) { verdicts.append(.factsChanged) }
        return verdicts.isEmpty ? [.identical] : verdicts
    }

    public var verdict: Verdict { verdicts[0] }
}

/// What changed from `before` to `after`.
public func diff(_ before: BuildManifest, _ after: BuildManifest) -> ManifestDifference {
    ManifestDifference(from: before, to: after)
}

/// Two settled lists laid side by side by name, then by bytes.
private struct Pairing<Element: Hashable & Sendable> {
    var added: [Element] = []
    var removed: [Element] = []
    var replaced: [ManifestDifference.Change<Element>] = []
    var restated: [ManifestDifference.Change<Element>] = []

    init(_ before: [Element], _ after: [Element], name: (Element) -> SortKey, bytes: (Element) -> String) {
        let old = Dictionary(grouping: before, by: name)
        let new = Dictionary(grouping: after, by: name)
        for key in Set(old.keys).union(new.keys).sorted() { pair(old[key] ?? [], new[key] ?? [], bytes) }
    }

    private mutating func pair(_ old: [Element], _ new: [Element], _ bytes: (Element) -> String) {
        var gone: [Element] = []
        var rest = new
        for element in old {
            guard let place = rest.firstIndex(where: { bytes($0) == bytes(element) }) else {
                gone.append(element)
                continue
            }
            let same = rest.remove(at: place)
            if same != element { restated.append(.init(before: element, after: same)) }
        }
        let count = min(gone.count, rest.count)
        replaced += zip(gone, rest).map { .init(before: $0, after: $1) }
        removed += gone.dropFirst(count)
        added += rest.dropFirst(count)
    }
}
