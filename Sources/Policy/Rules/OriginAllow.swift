internal import Core

/// `origin.allow`: the registries and hosts that files may come from.
struct OriginAllowRule: Rule {
    static let definition = RuleDefinition(
        .originAllow,
        "the registries and hosts that files may come from",
        action: .always(.warn),
        [
            RuleParameter(
                "origins",
                .texts,
                stricter: .fewer,
                "hosts (`*` stands for any text), or a purl type in capitals for its public hosts"
            ).required.shorthand
        ]
    )

    private let action: Action
    private let hosts: Set<String>
    private let globs: [Glob]
    private let types: Set<String>

    init?(_ setup: RuleSetup) {
        action = setup.action
        let origins = setup.parameters.texts("origins")
        if origins.isEmpty { return nil }
        types = Set(origins.filter { $0 == $0.uppercased() && $0 != $0.lowercased() }.map { $0.lowercased() })
        let names = origins.filter { $0 != $0.uppercased() || $0 == $0.lowercased() }.map { $0.lowercased() }
        hosts = Set(names.filter { !Glob.isGlob($0) })
        globs = names.filter { Glob.isGlob($0) }.map { Glob($0) }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let origin = facts.artifact?.url?.origin ?? facts.origin
        // The public file host of an ecosystem is as public as its index.
        if facts.isPublicOrigin, types.contains(facts.type) { return nil }
        if hosts.contains(origin.host) || hosts.contains(origin.authority) { return nil }
        if globs.contains(where: { $0.matches(origin.host) }) { return nil }
        return Opinion(
            rule: .originAllow,
            action: action,
            message: "comes from \(origin.authority), which is not on the list of origins",
            evidence: "origin \(origin)"
        )
    }
}
