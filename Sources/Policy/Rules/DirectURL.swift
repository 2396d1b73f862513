internal import Core

/// `origin.direct_url`: what is fetched by an address instead of by name and version from a registry.
struct DirectURLRule: Rule {
    static let definition = RuleDefinition(
        .directURL,
        "fetched by address, past every registry: a tarball's URL or a git repository",
        action: .always(.report),
        [RuleParameter("allow", .patterns, .patterns([]), stricter: .fewer, "what may be fetched so")]
    )

    private let action: Action
    private let allowed: PatternSet
    private static let types: Set<String> = ["generic", "git", "github", "gitlab", "bitbucket"]

    init?(_ setup: RuleSetup) {
        action = setup.action
        allowed = PatternSet(setup.parameters.patterns("allow"))
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard facts.artifact != nil, DirectURLRule.types.contains(subject.purl.type) else { return nil }
        if allowed.matches(subject, facts.compare).contains(where: \.isCertain) { return nil }
        let kind = facts.type == "git" ? "a git repository" : "an address"
        return Opinion(
            rule: .directURL,
            action: action,
            message: "is fetched from \(kind), past every registry",
            evidence: "origin \(facts.origin)"
        )
    }
}
