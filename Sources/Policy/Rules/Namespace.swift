internal import Core

/// `namespace.internal`: these names are ours alone. No public registry is asked about them, so that nobody outside can
/// answer in our place (dependency confusion) and nobody outside learns of them.
struct NamespaceRule: Rule {
    let action: Action
    let purls: [PurlPattern]
    private let patterns: PatternSet

    let key = RuleKey.namespace
    let judgesNames = true

    init(action: Action, purls: [PurlPattern]) {
        self.action = action
        self.purls = purls
        patterns = PatternSet(purls)
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard facts.isPublicOrigin, let hit = patterns.matches(subject, facts.compare).first else { return nil }
        return Opinion(
            rule: .namespace,
            action: action,
            message: "is an internal name, and \(facts.origin.host) is a public registry",
            evidence: "internal namespace \(purls[hit.position].text)"
        )
    }

    var canonicalText: String {
        "namespace.internal action=\(action.word) purls=\(purls.map(\.canonicalText).sorted().joined(separator: ";"))"
    }
}
