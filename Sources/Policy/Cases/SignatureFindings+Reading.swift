internal import Core

extension SignatureFindings {
    /// What a case says of signatures. Without a word nobody looked at them.
    init(_ parts: [String: YAMLValue]) throws(Problem) {
        self = .none
        if let entry = parts["attestation"] { attestation = try SignatureCheck(entry) }
        if let entry = parts["signature"] { registry = try SignatureCheck(entry) }
    }
}

extension SignatureCheck {
    /// `bad`, `unknown`, or who signed: `{ signer: …, issuer: …, repository: … }`.
    fileprivate init(_ entry: YAMLValue) throws(Problem) {
        if entry.isMap {
            let parts = try entry.map(keys: ["signer", "issuer", "repository"])
            guard let signer = try parts["signer"]?.text() else {
                throw entry.problem("does not say who signed", "add 'signer:', an identity or the name of a key")
            }
            let (issuer, repository) = (try parts["issuer"]?.text(), try parts["repository"]?.text())
            self = .good(SignatureMaker(identity: signer, issuer: issuer ?? "", repository: repository))
            return
        }
        self =
            try entry.choice(of: ["bad", "unknown"]) == "bad"
            ? .bad("has a signature that does not hold") : .unknown("has no signature that is known")
    }
}
