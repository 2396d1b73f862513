import Attestation
import Core
import JSONText
import Testing

@Suite struct EnvelopeTests {
    @Test(arguments: SigningKey.Algorithm.allCases)
    func aSignedStatementComesBack(_ algorithm: SigningKey.Algorithm) throws {
        let key = SigningKey.generate(algorithm)
        let statement = try Samples.statement()
        let bytes = try Envelope(signing: statement, with: [key]).canonicalBytes()
        #expect(try verify(bytes: bytes, trust: Samples.trust(key), now: Samples.now) == statement)
    }

    @Test(arguments: SigningKey.Algorithm.allCases)
    func everyFlippedByteIsRefused(_ algorithm: SigningKey.Algorithm) throws {
        let key = SigningKey.generate(algorithm)
        let trust = Samples.trust(key)
        let good = try Envelope(signing: try Samples.statement(), with: [key]).canonicalBytes()
        for place in good.indices {
            for mask: UInt8 in [0x01, 0x20, 0x80] {
                var bad = good
                bad[place] ^= mask
                let problem = #expect(throws: Problem.self) { try verify(bytes: bad, trust: trust, now: Samples.now) }
                #expect(problem?.code == .integritySignature)
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let key = SigningKey.generate(.ed25519)
        let good = try Envelope(signing: try Samples.statement(), with: [key]).canonicalBytes()
        for length in good.indices {
            #expect(throws: Problem.self) {
                try verify(bytes: Array(good[..<length]), trust: Samples.trust(key), now: Samples.now)
            }
        }
    }

    @Test(arguments: [
        ("{", " {"), ("\"payload\":", "\"payload\": "), ("\"signatures\"", "\"x\":1,\"signatures\""),
        ("\"keyid\"", "\"cert\":\"\",\"keyid\""), ("\"payloadType\"", "\"payloadtype\""), ("==\"", "\""),
    ])
    func refusesOtherSpellings(_ found: String, _ replacement: String) throws {
        let key = SigningKey.generate(.ed25519)
        let good = text(try Envelope(signing: try Samples.statement(), with: [key]).canonicalBytes())
        let range = try #require(good.firstRange(of: found))
        let bad = good[..<range.lowerBound] + replacement + good[range.upperBound...]
        #expect(throws: Malformed.self) { try Envelope(parsing: Array(String(bad).utf8)) }
    }

    @Test func showsAStatementThatNobodyVerified() throws {
        let statement = try Samples.statement()
        let envelope = try Envelope(signing: statement, with: [])
        #expect(try envelope.unverifiedStatement() == statement)
    }
}

@Suite struct StatementTests {
    @Test func printsInTotoStatements() throws {
        let json = try JSON(parsing: try Samples.statement().canonicalBytes())
        #expect(json["_type"] == "https://in-toto.io/Statement/v1")
        #expect(json["predicateType"] == "https://purser.dev/attestation/build/v1")
        let subjects = try #require(json["subject"]?.array)
        #expect(subjects.map { $0["name"] } == ["app-1.0-py3-none-any.whl", "app-1.0.tar.gz"])
        #expect(subjects[0]["digest"]?["sha256"]?.string == String(repeating: "07", count: 32))
        #expect(json["predicate"]?["manifest"]?["sha256"]?.string == Samples.abc)
    }

    @Test func readsBackAStatementWithoutSource() throws {
        let statement = try Samples.statement(repository: nil)
        #expect(try Statement(parsing: statement.canonicalBytes()) == statement)
    }

    @Test(arguments: [
        ("Statement/v1", "Statement/v0.1"), ("build/v1", "build/v2"), ("\"dirty\":false", "\"dirty\":\"false\""),
        ("\"inputs\":12", "\"inputs\":-12"), ("\"inputs\":12", "\"inputs\":12,\"x\":1"), ("\"nonce\"", "\"once\""),
        ("app-1.0.tar.gz", "APP-1.0.tar.gz"), ("2027-01-15T07:43:20Z", "2027-01-15"),
    ])
    func refusesWhatItWouldNotWrite(_ found: String, _ replacement: String) throws {
        let good = text(try Samples.statement().canonicalBytes())
        let range = try #require(good.firstRange(of: found), "\(good)")
        let bad = good[..<range.lowerBound] + replacement + good[range.upperBound...]
        #expect(throws: Malformed.self) { try Statement(parsing: Array(String(bad).utf8)) }
    }

    @Test func takesTwoFilesOfOneNameButNoFileTwice() throws {
        let predicate = try Samples.statement().predicate
        let files = try [1, 2].map { Statement.Subject(name: "app.whl", sha256: try Samples.digest($0)) }
        let statement = try Statement(parsing: Statement(subjects: files, predicate: predicate).canonicalBytes())
        try statement.check(artifact: "app.whl", sha256: try Samples.digest(2))
        #expect(throws: Problem.self) { try statement.check(artifact: "app.whl", sha256: try Samples.digest(3)) }
        let twice = Statement(subjects: files + files, predicate: predicate)
        #expect(throws: Malformed.self) { try Statement(parsing: twice.canonicalBytes()) }
    }

    @Test func refusesAStatementAboutNothing() throws {
        let empty = Statement(subjects: [], predicate: try Samples.statement().predicate)
        #expect(throws: Malformed.self) { try Statement(parsing: empty.canonicalBytes()) }
    }

    @Test func checksTheFilesItSpeaksFor() throws {
        let statement = try Samples.statement()
        try statement.check(.manifest, is: Array("abc".utf8), named: "purser.lock")
        let changed = #expect(throws: Problem.self) {
            try statement.check(.manifest, is: Array("abd".utf8), named: "purser.lock")
        }
        #expect(changed?.code == .integrityMismatch && changed?.subject == "purser.lock")
        #expect(throws: Problem.self) { try statement.check(.report, is: Array("abc".utf8), named: "purser-run.json") }
        try statement.check(artifact: "app-1.0.tar.gz", sha256: try Samples.digest(8))
        for (name, seed) in [("app-1.0.tar.gz", UInt8(9)), ("other.whl", 8)] {
            #expect(throws: Problem.self) { try statement.check(artifact: name, sha256: try Samples.digest(seed)) }
        }
    }
}
