internal import Core

/// `plain_http`: the file or its index comes over a connection that anybody on the way can read and change.
struct PlainHTTPRule: Rule {
    static let definition = RuleDefinition(
        .plainHTTP,
        "fetched without TLS, from another machine",
        action: .always(.block),
        [
            RuleParameter(
                "signed",
                .texts,
                .texts(["deb", "rpm"]),
                stricter: .fewer,
                "purl types whose clients check a signature over the index themselves"
            )
        ]
    )

    private let action: Action
    private let signed: Set<String>

    init?(_ setup: RuleSetup) {
        action = setup.action
        signed = Set(setup.parameters.texts("signed"))
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let origin = facts.artifact?.url?.origin ?? facts.origin
        guard origin.scheme == .http, !origin.isLoopback, !signed.contains(facts.type) else { return nil }
        // What a lockfile pins is compared with it, whoever carried it.
        if facts.claims.contains(where: { $0.by != "index" && $0.digest.algorithm.isStrong }) { return nil }
        return Opinion(
            rule: .plainHTTP,
            action: action,
            message: "comes from \(origin.authority) without TLS",
            evidence: "origin \(origin)"
        )
    }
}
