internal import Core
internal import JSONText

/// What a log entry must be about.
struct LoggedSignature {
    let signature: [UInt8]
    /// The certificate, or the key where there is none, as PEM decodes it.
    let verifier: [UInt8]
    /// SHA-256 of the signed file, or of the signed encoding of an envelope.
    let signedHash: [UInt8]
    /// SHA-256 of an envelope's payload.
    let payloadHash: [UInt8]?
}

extension SignatureBundle.Entry {
    /// The log's own word on when it took the entry, where its signature on that is good.
    func promisedTime(_ log: TrustedRoot.Log) throws(Malformed) -> Timestamp? {
        guard let promise else { return nil }
        let text: JSON = [
            "body": .string(Base64.encode(body)), "integratedTime": .integer(time), "logID": .string(Hex.encode(keyID)),
            "logIndex": .integer(index),
        ]
        guard log.key.isValid(promise, for: text.canonicalBytes()) else {
            throw Malformed("has a log entry whose time the log did not sign")
        }
        return time > 0 ? Timestamp(seconds: time) : nil
    }

    /// The entry is about this signature and no other.
    func check(isAbout expected: LoggedSignature) throws(Malformed) {
        let json = try JSON.reading(body, "the log entry")
        guard json["kind"]?.string == kind, json["apiVersion"]?.string == version, let spec = json["spec"] else {
            throw Malformed("has a log entry of another kind than it says")
        }
        let isAbout =
            switch (kind, version) {
            case ("hashedrekord", "0.0.1"): fits(file: spec, expected)
            case ("hashedrekord", "0.0.2"): fits(second: spec["hashedRekordV002"], expected)
            case ("dsse", "0.0.1"): fits(envelope: spec, expected)
            case ("dsse", "0.0.2"): fits(secondEnvelope: spec["dsseV002"], expected)
            case ("intoto", "0.0.2"): fits(intoto: spec["content"], expected)
            default: throw Malformed("has a log entry of the kind '\(kind) \(version)', which is not read here")
            }
        guard isAbout else { throw Malformed("has a log entry about another signature") }
    }

    private func fits(file spec: JSON, _ expected: LoggedSignature) -> Bool {
        let hash = spec["data"]?["hash"]
        return hash?["algorithm"]?.string == "sha256" && hash?["value"]?.string == Hex.encode(expected.signedHash)
            && decoded(spec["signature"]?["content"]) == expected.signature
            && pem(spec["signature"]?["publicKey"]?["content"]) == expected.verifier
    }

    private func fits(second record: JSON?, _ expected: LoggedSignature) -> Bool {
        record?["data"]?["algorithm"]?.string == "SHA2_256"
            && decoded(record?["data"]?["digest"]) == expected.signedHash
            && decoded(record?["signature"]?["content"]) == expected.signature
            && verifier(record?["signature"]?["verifier"]) == expected.verifier
    }

    private func fits(envelope spec: JSON, _ expected: LoggedSignature) -> Bool {
        guard let payload = expected.payloadHash else { return false }
        let signatures = spec["signatures"]?.array ?? []
        return spec["payloadHash"]?["algorithm"]?.string == "sha256" && signatures.count == 1
            && spec["payloadHash"]?["value"]?.string == Hex.encode(payload)
            && decoded(signatures.first?["signature"]) == expected.signature
            && pem(signatures.first?["verifier"]) == expected.verifier
    }

    private func fits(secondEnvelope record: JSON?, _ expected: LoggedSignature) -> Bool {
        guard let payload = expected.payloadHash else { return false }
        let signatures = record?["signatures"]?.array ?? []
        return record?["payloadHash"]?["algorithm"]?.string == "SHA2_256" && signatures.count == 1
            && decoded(record?["payloadHash"]?["digest"]) == payload
            && decoded(signatures.first?["content"]) == expected.signature
            && verifier(signatures.first?["verifier"]) == expected.verifier
    }

    /// Here the signature is encoded twice.
    private func fits(intoto content: JSON?, _ expected: LoggedSignature) -> Bool {
        guard let payload = expected.payloadHash else { return false }
        let signatures = content?["envelope"]?["signatures"]?.array ?? []
        let hash = content?["payloadHash"]
        return hash?["algorithm"]?.string == "sha256" && signatures.count == 1
            && hash?["value"]?.string == Hex.encode(payload)
            && decoded(signatures.first?["sig"]).map { Array(Base64.encode(expected.signature).utf8) == $0 } == true
            && pem(signatures.first?["publicKey"]) == expected.verifier
    }

    private func decoded(_ json: JSON?) -> [UInt8]? { json?.string.flatMap(Base64.decode) }

    private func verifier(_ json: JSON?) -> [UInt8]? {
        decoded(json?["x509Certificate"]?["rawBytes"]) ?? decoded(json?["publicKey"]?["rawBytes"])
    }

    /// PEM within Base64.
    private func pem(_ json: JSON?) -> [UInt8]? {
        guard let bytes = decoded(json), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count >= 3, lines.first?.hasPrefix("-----BEGIN ") == true,
            lines.last?.hasPrefix("-----END ") == true
        else { return nil }
        return Base64.decode(lines.dropFirst().dropLast().joined())
    }
}
