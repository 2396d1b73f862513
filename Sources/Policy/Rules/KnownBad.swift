internal import Core

/// `ioc`: hosts and digests that an incident report names (indicators of compromise).
struct KnownBadRule: Rule {
    static let definition = RuleDefinition(
        .knownBad,
        "hosts and digests that an incident report names",
        action: .always(.block),
        [
            RuleParameter("hosts", .texts, .texts([]), stricter: .more, "hosts; `*` stands for any text"),
            RuleParameter("digests", .digests, .texts([]), stricter: .more, "digests of files, such as `sha256:HEX`"),
        ]
    )

    private let action: Action
    private let hosts: Set<String>
    private let globs: [Glob]
    private let digests: Set<Digest>

    init?(_ setup: RuleSetup) {
        action = setup.action
        let names = setup.parameters.texts("hosts").map { $0.lowercased() }
        hosts = Set(names.filter { !Glob.isGlob($0) })
        globs = names.filter { Glob.isGlob($0) }.map { Glob($0) }
        digests = Set(setup.parameters.texts("digests").compactMap { Digest($0) })
        if names.isEmpty, digests.isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let asked = facts.origin.host
        let file = facts.artifact?.url?.origin.host ?? asked
        if let host = [asked, file].first(where: isBad) { return opinion("comes from \(host)", "host \(host)") }
        guard !digests.isEmpty else { return nil }
        var known = facts.claims.map(\.digest) + (facts.artifact?.digests ?? [])
        if let bytes = facts.bytes { known.append(bytes.sha256) }
        guard let digest = known.first(where: digests.contains) else { return nil }
        return opinion("is the file \(digest)", "digest \(digest)")
    }

    private func isBad(_ host: String) -> Bool {
        hosts.contains(host) || globs.contains { $0.matches(host) }
    }

    private func opinion(_ what: String, _ evidence: String) -> Opinion {
        Opinion(rule: .knownBad, action: action, message: "\(what), which policy calls bad", evidence: evidence)
    }
}
