internal import Core

/// `metadata.readme`: a package that does not describe itself.
struct ReadmeRule: Rule {
    static let definition = RuleDefinition(
        .metadataReadme,
        "a package that does not describe itself",
        action: .always(.allow),
        onMissingData: .always(.allow)
    )

    private let link: MetadataLink

    init?(_ setup: RuleSetup) { link = MetadataLink(.metadataReadme, "description of itself", setup) }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        link.opinion(on: facts.release.hasReadme.map { $0 ? "there" : "" }) { !$0.isEmpty }
    }
}
