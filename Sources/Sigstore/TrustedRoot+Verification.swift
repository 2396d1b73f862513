public import Core
internal import X509

/// A bundle that was found good.
public struct VerifiedBundle: Sendable {
    /// Who signed; nil where a key without a certificate did.
    public let signer: Signer?
    /// When, by the log or a time-stamping authority.
    public let time: Timestamp
    /// The statement that was signed; nil where a file's bytes were.
    public let statement: SignedStatement?
}

extension TrustedRoot {
    /// Checks a bundle without asking anybody: certificate, signature, log entry and times, all of them by this root.
    ///
    /// `file` holds the bytes that a signature over bytes must be of; `key` is what must have signed where the bundle has no
    /// certificate. A bundle with a statement says in it what it is about, which the caller has to compare.
    public func verify(
        _ bundle: SignatureBundle,
        file: [UInt8]? = nil,
        key spki: [UInt8]? = nil
    ) throws(Malformed) -> VerifiedBundle {
        let leaf = try leaf(bundle)
        guard let key = publicKey(leaf, spki) else { throw Malformed("is signed by a key that is not known here") }
        let logged = try signature(bundle, by: key, file: file, verifier: bundle.certificates.first ?? spki ?? [])
        guard let log = logs.first(where: { $0.keyID == bundle.entry.keyID }) else {
            throw Malformed("is in a log that the trusted root does not name")
        }
        try bundle.entry.check(isAbout: logged)
        if let proof = bundle.entry.proof {
            try proof.check(signedBy: log)
            guard proof.isValid(for: bundle.entry.body) else {
                throw Malformed("has a log entry that is not in the log")
            }
        } else if bundle.needsProof {
            throw Malformed("has no proof that its log entry is in the log")
        }
        let times = try times(bundle, logged.signature, log)
        guard let first = times.first else { throw Malformed("has no time that somebody vouches for") }
        guard times.allSatisfy(log.validity.covers) else {
            throw Malformed("is in a log that was not trusted when it was signed")
        }
        if let leaf {
            let issuer = try issuer(of: leaf, at: times)
            try CertificateTimestamp.check(leaf, issuer: issuer, by: self)
        }
        var statement: SignedStatement?
        if case .envelope(let type, let payload, _) = bundle.content {
            statement = try SignedStatement(type: type, payload: payload)
        }
        return VerifiedBundle(
            signer: try leaf.map { leaf throws(Malformed) in try Signer(leaf) },
            time: first,
            statement: statement
        )
    }

    private func publicKey(_ leaf: Certificate?, _ spki: [UInt8]?) -> PublicKey? {
        if let leaf { return PublicKey(leaf) }
        guard let spki else { return nil }
        return PublicKey(spki: spki)
    }

    /// The publisher's certificate; nil where the bundle has none.
    private func leaf(_ bundle: SignatureBundle) throws(Malformed) -> Certificate? {
        var leaf: Certificate?
        for (place, der) in bundle.certificates.enumerated() {
            let certificate = try Certificate.reading(der)
            if certificate.isRoot { throw Malformed("comes with a root certificate, which proves nothing") }
            if place == 0 { leaf = certificate }
        }
        return leaf
    }

    /// Checks the signature; what the log must have recorded of it.
    private func signature(
        _ bundle: SignatureBundle,
        by key: PublicKey,
        file: [UInt8]?,
        verifier: [UInt8]
    ) throws(Malformed) -> LoggedSignature {
        let message: [UInt8]
        let signature: [UInt8]
        var payload: [UInt8]?
        switch bundle.content {
        case .file(let made, let digest):
            guard let file else { throw Malformed("signs bytes, where a statement was asked for") }
            if let digest, digest != Hashing.sha256(file) { throw Malformed("is of another file") }
            message = file
            signature = made
        case .envelope(let type, let bytes, let made):
            message = SignedStatement.signedBytes(type: type, payload: bytes)
            signature = made
            payload = bytes
        }
        guard key.isValid(signature, for: message) else { throw Malformed("has a signature that does not fit") }
        return LoggedSignature(
            signature: signature,
            verifier: verifier,
            signedHash: Hashing.sha256(message),
            payloadHash: payload.map { Hashing.sha256($0) }
        )
    }

    /// Every time that somebody vouches for; one that does not hold refuses the whole.
    private func times(_ bundle: SignatureBundle, _ signature: [UInt8], _ log: Log) throws(Malformed) -> [Timestamp] {
        var times: [Timestamp] = []
        if let time = try bundle.entry.promisedTime(log) { times.append(time) }
        for der in bundle.timestamps {
            let stamp = try TimeStamp(der)
            try stamp.check(of: signature, by: self)
            times.append(stamp.time)
        }
        return times
    }
}
