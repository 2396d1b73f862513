internal import Core

/// `popularity.min_versions`: a package with too few releases to have a past.
struct MinVersionsRule: Rule {
    static let definition = RuleDefinition(
        .minVersions,
        "a package with fewer releases than so many",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("versions", .number(1...1_000_000), .number(5), stricter: .greater, "the least number")]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let least: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        least = setup.parameters.number("versions")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let history = facts.history else {
            return Opinion.missing(
                .minVersions,
                onMissingData,
                "has no index that lists its releases",
                "no index was read"
            )
        }
        guard history.count < least else { return nil }
        return Opinion(
            rule: .minVersions,
            action: action,
            message: "is of a package with \(history.count) releases; policy asks for \(least)",
            evidence: "the index lists \(history.count)"
        )
    }
}

/// `yank_ratio`: a package whose publisher takes much back.
struct YankRatioRule: Rule {
    static let definition = RuleDefinition(
        .yankRatio,
        "a package of whose releases more than so many in a hundred were taken back",
        action: .always(.allow),
        onMissingData: .always(.allow),
        [RuleParameter("percent", .number(0...100), .number(50), stricter: .smaller, "the most")]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let most: Int

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        most = setup.parameters.number("percent")
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let history = facts.history, history.count > 0 else {
            return Opinion.missing(
                .yankRatio,
                onMissingData,
                "has no index that lists its releases",
                "no index was read"
            )
        }
        let percent = history.yankedCount * 100 / history.count
        guard percent > most else { return nil }
        return Opinion(
            rule: .yankRatio,
            action: action,
            message: "is of a package that had \(percent) % of its releases taken back; policy takes \(most) %",
            evidence: "\(history.yankedCount) of \(history.count) releases"
        )
    }
}

/// `metadata.repo`: a package that names no source repository.
struct RepositoryRule: Rule {
    static let definition = RuleDefinition(
        .metadataRepository,
        "a package that names no source repository",
        action: .always(.allow),
        onMissingData: .always(.allow)
    )

    private let action: Action
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let repository = facts.release.repository else {
            return Opinion.missing(
                .metadataRepository,
                onMissingData,
                "may name no source repository: its index does not say",
                "the index says nothing of repositories"
            )
        }
        guard !repository.contains("://"), !repository.contains("@") else { return nil }
        return Opinion(
            rule: .metadataRepository,
            action: action,
            message: repository.isEmpty ? "names no source repository" : "names a source repository that is no address",
            evidence: "repository '\(repository.prefix(120))'"
        )
    }
}

/// `metadata.homepage`: a package that names no home page.
struct HomepageRule: Rule {
    static let definition = RuleDefinition(
        .metadataHomepage,
        "a package that names no home page",
        action: .always(.allow),
        onMissingData: .always(.allow)
    )

    private let action: Action
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let page = facts.release.homepage else {
            return Opinion.missing(
                .metadataHomepage,
                onMissingData,
                "may name no home page: its index does not say",
                "the index says nothing of home pages"
            )
        }
        guard !page.contains("://") else { return nil }
        return Opinion(
            rule: .metadataHomepage,
            action: action,
            message: page.isEmpty ? "names no home page" : "names a home page that is no address",
            evidence: "home page '\(page.prefix(120))'"
        )
    }
}
