internal import Core

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
