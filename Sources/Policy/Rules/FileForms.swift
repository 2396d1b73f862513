internal import Core

/// `binary_only`: of these packages only built files are let in, so that installing runs no build.
struct BinaryOnlyRule: Rule {
    static let definition = RuleDefinition(
        .binaryOnly,
        "of these packages only built files come in (wheels; gems for a platform)",
        action: .always(.block),
        [RuleParameter("purls", .patterns, stricter: .more, "the packages").required.shorthand]
    )

    private let demand: FormDemand

    init?(_ setup: RuleSetup) {
        guard let demand = FormDemand(setup, refusing: .source) else { return nil }
        self.demand = demand
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        demand.opinion(.binaryOnly, facts, subject, "is a source distribution; policy asks for a built file")
    }
}

/// `sdist_only`: of these packages only sources are let in, so that what is installed was built here.
struct SourceOnlyRule: Rule {
    static let definition = RuleDefinition(
        .sourceOnly,
        "of these packages only source distributions come in",
        action: .always(.block),
        [RuleParameter("purls", .patterns, stricter: .more, "the packages").required.shorthand]
    )

    private let demand: FormDemand

    init?(_ setup: RuleSetup) {
        guard let demand = FormDemand(setup, refusing: .built) else { return nil }
        self.demand = demand
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        demand.opinion(.sourceOnly, facts, subject, "was built elsewhere; policy asks for the source distribution")
    }
}

/// Of some packages one form of files is let in.
private struct FormDemand: Sendable {
    private let action: Action
    private let patterns: PatternSet
    private let refused: FileForm

    init?(_ setup: RuleSetup, refusing refused: FileForm) {
        let purls = setup.parameters.patterns("purls")
        if purls.isEmpty { return nil }
        action = setup.action
        patterns = PatternSet(purls)
        self.refused = refused
    }

    func opinion(_ rule: RuleKey, _ facts: Facts, _ subject: Subject, _ message: String) -> Opinion? {
        guard let file = facts.artifact?.file, FileForm(file, type: facts.type) == refused,
            !patterns.matches(subject, facts.compare).isEmpty
        else { return nil }
        return Opinion(rule: rule, action: action, message: message, evidence: "file \(file)")
    }
}
