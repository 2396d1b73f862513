public import Core

/// What a verifier asks beyond a good signature; nil asks nothing.
public struct Purpose: Hashable, Sendable {
    /// The repository that the statement must be about.
    public var repository: String?
    /// The commit that it must be about.
    public var commit: String?
    /// The channel that the build shall enter.
    public var channel: String?

    public init(repository: String? = nil, commit: String? = nil, channel: String? = nil) {
        self.repository = repository
        self.commit = commit
        self.channel = channel
    }
}

/// Gives the statement of an envelope that enough trusted keys have signed, for this purpose, at this time.
///
/// Signatures of unknown keys are passed over, so that a signer may rotate keys; one bad signature of a known key, or
/// one key named twice, refuses the whole envelope.
public func verify(
    _ envelope: Envelope,
    trust: TrustFile,
    now: Timestamp,
    purpose: Purpose = Purpose()
) throws(Problem) -> Statement {
    guard envelope.payloadType == Envelope.statementType else {
        throw refusal("payload-type", "holds '\(envelope.payloadType)', not an in-toto statement")
    }
    let signers = try trustedSigners(of: envelope, trust: trust, now: now, for: .builds)
    let statement: Statement
    do {
        statement = try Statement(parsing: envelope.payload)
    } catch {
        throw refusal("malformed", "is signed, but what it holds is no build statement: \(error)")
    }
    try check(statement, against: purpose)
    let allowed = signers.filter { $0.allows(statement.predicate.source?.repository, purpose.channel) }
    guard allowed.count >= trust.threshold else {
        let signer = signers.first { !allowed.contains($0) }?.key.keyID ?? ""
        let repository = statement.predicate.source?.repository ?? "a build without a source"
        let target = repository + (purpose.channel.map { " in channel \($0)" } ?? "")
        throw refusal("not-allowed", "is signed by key \(signer), which may not sign for \(target)")
    }
    return statement
}

/// The same from the bytes of `purser.intoto.json`.
public func verify(
    bytes: [UInt8],
    trust: TrustFile,
    now: Timestamp,
    purpose: Purpose = Purpose()
) throws(Problem) -> Statement {
    let envelope: Envelope
    do {
        envelope = try Envelope(parsing: bytes)
    } catch {
        throw refusal("malformed", "is no signed envelope: \(error)")
    }
    return try verify(envelope, trust: trust, now: now, purpose: purpose)
}

/// The keys whose good signatures the envelope has: known, meant for this, not expired, each once, and enough of them.
func trustedSigners(
    of envelope: Envelope,
    trust: TrustFile,
    now: Timestamp,
    for use: TrustFile.Use
) throws(Problem) -> [TrustFile.Key] {
    guard let first = envelope.signatures.first else { throw refusal("unsigned", "has no signature") }
    guard Set(envelope.signatures.map(\.keyID)).count == envelope.signatures.count else {
        throw refusal("duplicate-key", "has two signatures of one key, which count as one at most")
    }
    var signers: [TrustFile.Key] = []
    var expired: TrustFile.Key?
    let message = envelope.message
    for signature in envelope.signatures {
        guard let key = trust.key(signature.keyID), key.use == use else { continue }
        guard key.key.isValid(signature.bytes, for: message) else {
            throw refusal("bad-signature", "has a signature of key \(signature.keyID) that does not fit its content")
        }
        if let end = key.notAfter, end < now { expired = key } else { signers.append(key) }
    }
    if signers.count >= trust.threshold { return signers }
    if let expired, let end = expired.notAfter {
        throw refusal("expired", "is signed by key \(expired.key.keyID), which is not trusted after \(end)")
    }
    if signers.isEmpty {
        throw refusal("unknown-key", "is signed by an unknown key \(first.keyID.prefix(64)), not in the trust file")
    }
    throw refusal("threshold", "needs \(trust.threshold) different trusted keys, has \(signers.count)")
}

private func check(_ statement: Statement, against purpose: Purpose) throws(Problem) {
    let source = statement.predicate.source
    if let repository = purpose.repository, source?.repository != repository {
        throw refusal("wrong-subject", "is about \(source?.repository ?? "no repository"), asked for \(repository)")
    }
    if let commit = purpose.commit, source?.commit != commit {
        throw refusal("wrong-subject", "is about commit \(source?.commit ?? "none"), asked for \(commit)")
    }
}

extension TrustFile.Key {
    fileprivate func allows(_ repository: String?, _ channel: String?) -> Bool {
        allows(repository, by: repositories) && (channel == nil || allows(channel, by: channels))
    }

    private func allows(_ text: String?, by patterns: [String]?) -> Bool {
        guard let patterns else { return true }
        guard let text else { return false }
        return patterns.contains { Glob($0).matches(text) }
    }
}

private func refusal(_ reason: String, _ summary: String) -> Problem {
    let remedy =
        switch reason {
        case "unknown-key", "threshold":
            "Check with whoever built it; if the key is theirs, add its public part to purser-trust.json."
        case "expired": "Have the build signed again with a current key, or extend notAfter in purser-trust.json."
        case "not-allowed": "Have the right key sign it, or widen that key's entry in purser-trust.json."
        case "wrong-subject": "Fetch the statement that belongs to this build."
        default: "Do not use the build: fetch the statement again from where it was made, and ask who changed it."
        }
    return Problem(.integritySignature, subject: "the statement", summary: summary, remedy: remedy, reason: reason)
}
