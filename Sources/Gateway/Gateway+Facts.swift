internal import Core
internal import Policy

/// What a release is judged by beside what its own index entry says.
extension Gateway {
    func complete(_ facts: inout Facts, _ ecosystem: any Ecosystem) {
        let release = facts.release.purl
        guard release.version != nil else { return }
        let pins = memory.pins(of: release, file: facts.artifact?.file ?? "")
        facts.isLocked = pins.contains { $0.lockfile != Gateway.ownManifest }
        if configuration.policy.needsHistory {
            facts.history = memory.history(of: release.package) { ecosystem.isPrerelease($0) }
        }
        if let advisories = configuration.advisories {
            let compare = facts.compare
            facts.fixes = { [memory] in Gateway.fixes(release, memory.pinned(of: release), advisories, compare) }
        }
    }

    /// The advisories that an older, locked release of the package has and this one has not. What is malware fixes nothing.
    private static func fixes(
        _ release: Purl,
        _ pinned: Set<Purl>,
        _ advisories: @Sendable (Purl, @escaping @Sendable (String, String) -> Int?) -> [Advisory]?,
        _ compare: @escaping @Sendable (String, String) -> Int?
    ) -> [String] {
        guard let version = release.version, !pinned.isEmpty else { return [] }
        guard let own = advisories(release.release, compare) else { return [] }
        if own.contains(where: \.isMalware) { return [] }
        let left = Set(own.map(\.id))
        var fixed: Set<String> = []
        for locked in pinned {
            guard let before = locked.version, let order = compare(before, version), order < 0 else { continue }
            let its = advisories(locked, compare) ?? []
            fixed.formUnion(its.filter { !$0.isMalware && !left.contains($0.id) }.map(\.id))
        }
        return fixed.sorted()
    }
}
