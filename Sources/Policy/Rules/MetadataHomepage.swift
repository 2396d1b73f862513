internal import Core

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
