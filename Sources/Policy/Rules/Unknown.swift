internal import Core

/// `unknown`: nobody can say what the file is, or nobody has looked into the release yet.
struct UnknownRule: Rule {
    static let definition = RuleDefinition(
        .unknown,
        "a file that nobody can name, or a release that the list under `data.reviewed` does not name",
        action: .always(.allow)
    )
    static let needs: RuleNeeds = .reputation

    private let action: Action

    init?(_ setup: RuleSetup) { action = setup.action }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        if !facts.isIdentityKnown {
            return Opinion(
                rule: .unknown,
                action: action,
                message: "is of no package that can be named",
                evidence: "no index, lockfile or address tells its name"
            )
        }
        guard facts.reputation?.isReviewed == false else { return nil }
        return Opinion(
            rule: .unknown,
            action: action,
            message: "was looked into by nobody yet",
            evidence: facts.stale[.reviewed].map { "it is not in data.reviewed, which \($0)" }
                ?? "it is not in data.reviewed"
        )
    }
}
