internal import Core

/// `changed_content`: a file of this name hashed to something else when an earlier job had it.
struct ChangedContentRule: Rule {
    static let definition = RuleDefinition(
        .changedContent,
        "the same file of the same release had another digest in an earlier job",
        action: .always(.block),
        onMissingData: .always(.allow)
    )
    static let needs: RuleNeeds = .memory

    private let action: Action
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        // What has no version, and Maven's snapshots, may change.
        guard facts.artifact != nil, let version = subject.purl.version, !version.hasSuffix("-SNAPSHOT") else {
            return nil
        }
        guard let remembered = facts.remembered else {
            return Opinion.missing(
                .changedContent,
                onMissingData,
                "was never here before, so nobody knows whether it changed",
                "no earlier job of this cache had it"
            )
        }
        let promised = facts.claims.map(\.digest).filter { $0.algorithm == remembered.algorithm }
        let found = facts.bytes.map { [$0.sha256] } ?? promised
        guard !found.isEmpty, !found.contains(remembered) else { return nil }
        return Opinion(
            rule: .changedContent,
            action: action,
            message: "has other bytes than an earlier job got under the same name",
            evidence: "then \(remembered), now \(found[0])"
        )
    }
}
