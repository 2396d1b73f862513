internal import Core

/// `unclaimed`: nobody said beforehand what the file's bytes hash to, so wrong bytes could not be told from right ones.
struct UnclaimedRule: Rule {
    static let definition = RuleDefinition(
        .unclaimed,
        "no strong digest of the file was known before it was fetched",
        action: .byMode(audit: .report, enforce: .block)
    )

    private let action: Action

    init?(_ setup: RuleSetup) { action = setup.action }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let artifact = facts.artifact else { return nil }
        if facts.claims.contains(where: { $0.digest.algorithm.isStrong }) { return nil }
        if artifact.digests.contains(where: \.algorithm.isStrong) { return nil }
        // A git object is asked for by its hash, and git's SHA-1 refuses what is made to collide.
        if facts.type == "git", facts.claims.contains(where: { $0.by == "address" }) { return nil }
        let weak = Set(facts.claims.map(\.digest.algorithm) + artifact.digests.map(\.algorithm))
        let names = weak.sorted().map(\.rawValue).joined(separator: ", ")
        return Opinion(
            rule: .unclaimed,
            action: action,
            message: weak.isEmpty ? "has no digest known in advance" : "has only a weak digest known in advance",
            evidence: weak.isEmpty ? "no index, lockfile, sidecar or earlier record names one" : "claims: \(names)"
        )
    }
}
