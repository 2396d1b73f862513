import Attestation
import Core
import Testing

@Suite struct TrustTests {
    private let key = SigningKey.generate(.ed25519)
    private let other = SigningKey.generate(.p256)

    private func reason(
        _ envelope: Envelope,
        _ trust: TrustFile,
        _ purpose: Purpose = Purpose()
    ) -> String? {
        do {
            _ = try verify(envelope, trust: trust, now: Samples.now, purpose: purpose)
            return nil
        } catch {
            return error.reason
        }
    }

    private func envelope(_ keys: SigningKey...) throws -> Envelope {
        try Envelope(signing: try Samples.statement(), with: keys)
    }

    @Test func anUnknownKeyIsNamed() throws {
        let problem = #expect(throws: Problem.self) {
            try verify(try envelope(key), trust: .empty, now: Samples.now)
        }
        #expect(problem?.reason == "unknown-key")
        #expect(problem?.summary.contains("signed by an unknown key \(key.keyID)") == true)
        #expect(problem?.code.exitStatus == 5)
    }

    @Test func aKeyCountsUntilItsLastMoment() throws {
        var trusted = TrustFile.Key(key.publicKey)
        trusted.notAfter = Samples.now
        #expect(reason(try envelope(key), TrustFile(keys: [trusted])) == nil)
        trusted.notAfter = Timestamp(seconds: Samples.now.seconds - 1)
        #expect(reason(try envelope(key), TrustFile(keys: [trusted])) == "expired")
    }

    @Test func anEnvelopeWithoutSignaturesIsUnsigned() throws {
        #expect(reason(try envelope(), Samples.trust(key)) == "unsigned")
    }

    @Test func oneBadSignatureOfAKnownKeySpoilsTheRest() throws {
        let good = try envelope(key, other)
        let last = good.signatures[1]
        let forged = Envelope.Signature(keyID: last.keyID, bytes: Array(last.bytes.dropLast()))
        let bad = Envelope(
            payloadType: good.payloadType,
            payload: good.payload,
            signatures: [good.signatures[0], forged]
        )
        #expect(reason(good, Samples.trust(key, other)) == nil)
        #expect(reason(bad, Samples.trust(key, other)) == "bad-signature")
        #expect(reason(bad, Samples.trust(key)) == nil, "a signature of an unknown key says nothing")
    }

    @Test func aSignatureOfAnotherKeyUnderAKnownNameIsBad() throws {
        let good = try envelope(key)
        let bad = Envelope(
            payloadType: good.payloadType,
            payload: good.payload,
            signatures: [Envelope.Signature(keyID: other.keyID, bytes: good.signatures[0].bytes)]
        )
        #expect(reason(bad, Samples.trust(key, other)) == "bad-signature")
    }

    @Test func aThresholdNeedsDifferentKeys() throws {
        let trust = TrustFile(keys: Samples.trust(key, other).keys, threshold: 2)
        #expect(reason(try envelope(key, other), trust) == nil)
        #expect(reason(try envelope(key), trust) == "threshold")
        #expect(reason(try envelope(key, key), trust) == "duplicate-key")
    }

    @Test func thePayloadTypeIsSignedToo() throws {
        let good = try envelope(key)
        let bad = Envelope(payloadType: "text/plain", payload: good.payload, signatures: good.signatures)
        #expect(reason(bad, Samples.trust(key)) == "payload-type")
        let moved = Array("x".utf8) + good.payload
        let longer = Envelope(payloadType: good.payloadType, payload: moved, signatures: good.signatures)
        #expect(reason(longer, Samples.trust(key)) == "bad-signature")
    }

    @Test func aKeySignsOnlyForItsRepositoriesAndChannels() throws {
        var trusted = TrustFile.Key(key.publicKey)
        trusted.repositories = ["https://example.org/acme/*"]
        trusted.channels = ["dev", "stag*"]
        let trust = TrustFile(keys: [trusted])
        #expect(reason(try envelope(key), trust) == nil)
        #expect(reason(try envelope(key), trust, Purpose(channel: "staging")) == nil)
        #expect(reason(try envelope(key), trust, Purpose(channel: "prod")) == "not-allowed")
        let foreign = try Envelope(
            signing: try Samples.statement(repository: "https://example.org/evil/app"),
            with: [key]
        )
        #expect(reason(foreign, trust) == "not-allowed")
        let nowhere = try Envelope(signing: try Samples.statement(repository: nil), with: [key])
        #expect(reason(nowhere, trust) == "not-allowed")
        #expect(reason(nowhere, Samples.trust(key)) == nil)
    }

    @Test func aStatementOfAnotherBuildIsRefused() throws {
        let trust = Samples.trust(key)
        let envelope = try envelope(key)
        #expect(reason(envelope, trust, Purpose(repository: "https://example.org/acme/app", commit: "1f2e")) == nil)
        #expect(reason(envelope, trust, Purpose(repository: "https://example.org/acme/lib")) == "wrong-subject")
        #expect(reason(envelope, trust, Purpose(commit: "ffff")) == "wrong-subject")
    }
}

@Suite struct TrustFileTests {
    private let key = SigningKey.generate(.ed25519)

    private func file() -> TrustFile {
        var first = TrustFile.Key(key.publicKey)
        first.repositories = ["https://example.org/*"]
        first.channels = ["dev"]
        first.notAfter = Samples.now
        return TrustFile(keys: [first, TrustFile.Key(SigningKey.generate(.p256).publicKey)], threshold: 2)
    }

    @Test func readsBackWhatItPrints() throws {
        let file = file()
        #expect(try TrustFile(parsing: file.prettyBytes()) == file)
        #expect(try TrustFile(parsing: TrustFile.empty.prettyBytes()) == .empty)
    }

    @Test(arguments: [
        ("\"purser-trust\": 1", "\"purser-trust\": 2"), ("\"channels\"", "\"chanels\""),
        ("\"threshold\": 2", "\"threshold\": 0"),
        ("\"threshold\": 2", "\"threshold\": 3"), ("BEGIN PUBLIC", "BEGIN PRIVATE"),
        ("\"keyid\": \"", "\"keyid\": \"0"),
        ("\"keys\": [", "\"keys\": [],\"keys\": ["),
    ])
    func refusesWhatIsNotClear(_ found: String, _ replacement: String) throws {
        let good = text(file().prettyBytes())
        let range = try #require(good.firstRange(of: found))
        let bad = good[..<range.lowerBound] + replacement + good[range.upperBound...]
        let problem = #expect(throws: Problem.self) {
            try TrustFile.read(Array(String(bad).utf8), named: "purser-trust.json")
        }
        #expect(problem?.code == .configUnreadable)
    }

    @Test func refusesOneKeyTwice() throws {
        let twice = Samples.trust(key, key)
        #expect(throws: Malformed.self) { try TrustFile(parsing: twice.prettyBytes()) }
    }
}
