internal import Core

/// Of some packages one form of files is let in.
struct FormDemand: Sendable {
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
