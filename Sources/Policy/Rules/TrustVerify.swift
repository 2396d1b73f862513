internal import Core

/// `trust.verify`: the publisher's attestation of the file is checked, signature, certificate, log and all, and who signed
/// must be who may.
struct TrustVerifyRule: Rule {
    static let definition = RuleDefinition(
        .trustVerify,
        "files of these packages need an attestation of their publisher that holds by `data.trusted_root`",
        action: .always(.block),
        onMissingData: .asAction,
        [
            RuleParameter("purls", .patterns, stricter: .more, "the packages").required.shorthand,
            RuleParameter(
                "signers",
                .textByPattern,
                stricter: .unordered,
                "purl patterns, each with the repository or identity that must have signed; `*` stands for any text"
            ),
            RuleParameter(
                "issuers",
                .texts,
                stricter: .fewer,
                "who may vouch for signers, such as `https://token.actions.githubusercontent.com`; anybody where none is named"
            ),
        ]
    )

    static let needs: RuleNeeds = .signatures

    private let action: Action
    private let onMissingData: Action
    private let patterns: PatternSet
    private let signers: [(pattern: PurlPattern, text: String)]
    private let signerPatterns: PatternSet
    private let issuers: Set<String>

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? setup.action
        patterns = PatternSet(setup.parameters.patterns("purls"))
        signers = setup.parameters.textByPattern("signers")
        signerPatterns = PatternSet(signers.map(\.pattern))
        issuers = Set(setup.parameters.texts("issuers"))
        if setup.parameters.patterns("purls").isEmpty { return nil }
    }

    func asks(for subject: Subject, _ compare: VersionOrder) -> SignatureKinds {
        patterns.matches(subject, compare).isEmpty ? [] : .attestation
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard facts.artifact != nil, let found = facts.signatures?.attestation,
            !patterns.matches(subject, facts.compare).isEmpty
        else { return nil }
        switch found {
        case .unknown(let why): return .missing(.trustVerify, onMissingData, why, "no attestation could be checked")
        case .bad(let why): return opinion(why, "its attestation does not hold")
        case .good(let maker):
            if let objection = objection(to: maker, subject, facts) { return objection }
            return facts.stale[.trustedRoot].flatMap {
                .missing(
                    .trustVerify,
                    onMissingData,
                    "has an attestation that only an old trusted root vouches for",
                    "the root \($0)"
                )
            }
        }
    }

    /// Who signed, where that is somebody else than may.
    private func objection(to maker: SignatureMaker, _ subject: Subject, _ facts: Facts) -> Opinion? {
        let evidence = "signed by \(maker.identity), for whom \(maker.issuer) vouches"
        guard issuers.isEmpty || issuers.contains(maker.issuer) else {
            return opinion("is signed by somebody for whom \(maker.issuer) vouches, who is not on the list", evidence)
        }
        let wanted = signerPatterns.matches(subject, facts.compare).map { signers[$0.position].text }
        let names = [maker.identity, maker.repository].compactMap(\.self)
        guard !wanted.isEmpty, !wanted.contains(where: { text in names.contains { Glob(text).matches($0) } }) else {
            return nil
        }
        let asked = wanted.joined(separator: " or ")
        return opinion("was built by \(maker.repository ?? maker.identity); policy asks for \(asked)", evidence)
    }

    private func opinion(_ message: String, _ evidence: String) -> Opinion {
        Opinion(rule: .trustVerify, action: action, message: message, evidence: evidence)
    }
}
