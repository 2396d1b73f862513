internal import Core

/// `popularity.min_downloads`: a package that hardly anybody fetches.
struct MinDownloadsRule: Rule {
    static let definition = RuleDefinition(
        .minDownloads,
        "a package with fewer downloads than so many, as `data.packages` counts them",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("downloads", .number(1...1_000_000_000), .number(1_000), stricter: .greater, "the least number")]
    )
    static let needs: RuleNeeds = .reputation

    private let action: Action
    private let onMissingData: Action
    private let least: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        least = setup.parameters.number("downloads")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let downloads = facts.reputation?.downloads, facts.stale[.packages] == nil else {
            return Opinion.missing(
                .minDownloads,
                onMissingData,
                "has downloads that nobody counted",
                facts.stale[.packages].map { "data.packages \($0)" } ?? "data.packages does not name it"
            )
        }
        guard downloads < least else { return nil }
        return Opinion(
            rule: .minDownloads,
            action: action,
            message: "is of a package with \(downloads) downloads; policy asks for \(least)",
            evidence: "data.packages counts \(downloads)"
        )
    }
}
