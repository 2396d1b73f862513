internal import Core

/// Something that a package names in its metadata, as the rules about such things look at it.
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
            message: text.isEmpty ? "names no \(name)" : "names a \(name) that is none",
            evidence: "\(name) '\(text.prefix(120))'"
        )
    }
}
