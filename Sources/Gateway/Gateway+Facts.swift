internal import Core
internal import JSONText
internal import Policy
internal import Storage

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

    /// What is known of a file that is asked for, with what an earlier job got under its name.
    func fileFacts(_ named: NamedArtifact, _ exchange: Exchange) -> Facts {
        var facts = facts(named.release, named.artifact, exchange, claims: named.claims, source: named.source)
        facts.signatures = signatureFindings(named, exchange)
        guard configuration.policy.needsMemory, named.release.purl.version != nil else { return facts }
        let note = stores.answers?.note(contentKey(named, exchange))
        facts.remembered = note?.string.flatMap { Digest($0) }
        return facts
    }

    /// Remembers the first bytes that came under this name; losing the note costs no more than the comparison.
    func keepContent(_ digest: Digest, _ named: NamedArtifact, _ exchange: Exchange) {
        guard configuration.policy.needsMemory, !configuration.isReplay, let answers = stores.answers else { return }
        let key = contentKey(named, exchange)
        guard named.release.purl.version != nil, answers.note(key) == nil else { return }
        try? answers.keep(.string(digest.description), for: key)
    }

    /// The same name at another registry is another file.
    private func contentKey(_ named: NamedArtifact, _ exchange: Exchange) -> String {
        "content\n\(exchange.request.url.origin)\n\(named.release.purl)\n\(named.artifact.file)"
    }

    /// The denial as people see it, with the newest release of the package that policy lets in.
    func problem(_ verdict: Verdict, of release: Purl, _ exchange: Exchange) -> Problem {
        verdict.problem(subject: release.description, newestAllowed: newestAllowed(beside: release, exchange))
    }

    private static var releasesToTry: Int { 200 }

    /// Nil where no index of the package was read, or policy refuses all that it lists.
    private func newestAllowed(beside release: Purl, _ exchange: Exchange) -> String? {
        let ecosystem = codec(of: release, exchange)
        let others = memory.releases(of: release.package).filter { $0.purl.version != release.version }
        let ordered = others.compactMap { other in other.purl.version.map { (version: $0, release: other) } }
            .filter { !ecosystem.isPrerelease($0.version) }
            .sorted { (ecosystem.compare($0.version, $1.version) ?? 0) > 0 }
        return ordered.prefix(Gateway.releasesToTry).first { candidate in
            let file = candidate.release.artifacts.first
            let claims = (file?.digests ?? []).map { DigestClaim(by: "index", digest: $0) }
            let facts = facts(candidate.release, file, exchange, claims: claims, source: .index)
            return !configuration.policy.judge(facts).isDenied
        }?.version
    }
}
