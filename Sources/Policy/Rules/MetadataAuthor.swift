internal import Core

/// `metadata.author_email`: a package whose author cannot be written to.
struct AuthorEmailRule: Rule {
    static let definition = RuleDefinition(
        .metadataAuthor,
        "a package that names no address of its author",
        action: .always(.allow),
        onMissingData: .always(.allow)
    )

    private let link: MetadataLink

    init?(_ setup: RuleSetup) { link = MetadataLink(.metadataAuthor, "address of its author", setup) }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        link.opinion(on: facts.release.authorEmail) { address in
            let parts = address.split(separator: "@", omittingEmptySubsequences: false)
            return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
                && !address.contains(where: \.isWhitespace)
        }
    }
}
