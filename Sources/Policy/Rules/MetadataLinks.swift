internal import Core

/// An address that a package names in its metadata, as the rules about such addresses look at it.
struct MetadataLink: Sendable {
    let rule: RuleKey
    /// `source repository`
    let name: String
    private let action: Action
    private let onMissingData: Action

    init(_ rule: RuleKey, _ name: String, _ setup: RuleSetup) {
        self.rule = rule
        self.name = name
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
    }

    /// `text` is empty where the index says that there is none, nil where it does not say.
    func opinion(on text: String?, isAddress: (String) -> Bool) -> Opinion? {
        guard let text else {
            return Opinion.missing(
                rule,
                onMissingData,
                "may name no \(name): its index does not say",
                "the index says nothing of it"
            )
        }
        guard !isAddress(text) else { return nil }
        return Opinion(
            rule: rule,
            action: action,
            message: text.isEmpty ? "names no \(name)" : "names a \(name) that is no address",
            evidence: "\(name) '\(text.prefix(120))'"
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

    private let link: MetadataLink

    init?(_ setup: RuleSetup) { link = MetadataLink(.metadataRepository, "source repository", setup) }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        link.opinion(on: facts.release.repository) { $0.contains("://") || $0.contains("@") }
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

    private let link: MetadataLink

    init?(_ setup: RuleSetup) { link = MetadataLink(.metadataHomepage, "home page", setup) }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        link.opinion(on: facts.release.homepage) { $0.contains("://") }
    }
}
