internal import Core

/// `binary_only`: of these packages only built files are let in, so that installing runs no build.
struct BinaryOnlyRule: Rule {
    static let definition = RuleDefinition(
        .binaryOnly,
        "of these packages only built files come in (wheels; gems for a platform)",
        action: .always(.block),
        [RuleParameter("purls", .patterns, stricter: .more, "the packages").required.shorthand]
    )

    private let action: Action
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        patterns = PatternSet(setup.parameters.patterns("purls"))
        if setup.parameters.patterns("purls").isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let file = facts.artifact?.file, FileForm(file, type: facts.type) == .source,
            !patterns.matches(subject, facts.compare).isEmpty
        else { return nil }
        return Opinion(
            rule: .binaryOnly,
            action: action,
            message: "is a source distribution; policy asks for a built file",
            evidence: "file \(file)"
        )
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

    private let action: Action
    private let patterns: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        patterns = PatternSet(setup.parameters.patterns("purls"))
        if setup.parameters.patterns("purls").isEmpty { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let file = facts.artifact?.file, FileForm(file, type: facts.type) == .built,
            !patterns.matches(subject, facts.compare).isEmpty
        else { return nil }
        return Opinion(
            rule: .sourceOnly,
            action: action,
            message: "was built elsewhere; policy asks for the source distribution",
            evidence: "file \(file)"
        )
    }
}
