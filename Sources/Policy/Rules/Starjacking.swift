internal import Core

/// `starjacking`: a package that names the repository of another, to be taken for its work.
struct StarjackingRule: Rule {
    static let definition = RuleDefinition(
        .starjacking,
        "a package that names a source repository which `data.packages` knows as that of others",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("allow", .patterns, .patterns([]), stricter: .fewer, "packages that may").shorthand]
    )
    static let needs: RuleNeeds = .reputation

    private let action: Action
    private let onMissingData: Action
    private let allowed: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        allowed = PatternSet(setup.parameters.patterns("allow"))
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let repository = facts.release.repository, let reputation = facts.reputation else {
            return .missing(
                .starjacking,
                onMissingData,
                "may name any repository",
                "its index does not say which it is made from"
            )
        }
        guard let owner = reputation.repositoryOwners.first else { return nil }
        if allowed.matches(subject, facts.compare).contains(where: \.isCertain) { return nil }
        return Opinion(
            rule: .starjacking,
            action: action,
            message: "names the repository of \(owner) as its own",
            evidence:
                "\(repository.prefix(200)) is that of \(reputation.repositoryOwners.prefix(5).joined(separator: ", "))"
        )
    }
}
