internal import Core

/// `signature.require`: the registry itself signed the release, with one of the keys that are given.
struct SignatureRequireRule: Rule {
    static let definition = RuleDefinition(
        .signatureRequire,
        "releases of these packages need the registry's signature, by the keys under `data.npm_keys`",
        action: .always(.block),
        onMissingData: .asAction,
        [RuleParameter("purls", .patterns, stricter: .more, "the packages").required.shorthand]
    )

    static let needs: RuleNeeds = .signatures

    private let action: Action
    private let onMissingData: Action
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
        patterns = PatternSet(setup.parameters.patterns("purls"))
        if setup.parameters.patterns("purls").isEmpty { return nil }
    }

    func asks(for subject: Subject, _ compare: VersionOrder) -> SignatureKinds {
        patterns.matches(subject, compare).isEmpty ? [] : .registry
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard facts.artifact != nil, let found = facts.signatures?.registry,
            !patterns.matches(subject, facts.compare).isEmpty
        else { return nil }
        switch found {
        case .unknown(let why):
            return .missing(.signatureRequire, onMissingData, why, "no registry signature could be checked")
        case .bad(let why):
            return Opinion(
                rule: .signatureRequire,
                action: action,
                message: why,
                evidence: "the registry's signature does not hold"
            )
        case .good:
            return facts.stale[.npmKeys].flatMap {
                .missing(
                    .signatureRequire,
                    onMissingData,
                    "has a registry signature by keys that may be too old",
                    "the list \($0)"
                )
            }
        }
    }
}
