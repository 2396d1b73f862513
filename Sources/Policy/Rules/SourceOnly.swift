internal import Core

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
