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
