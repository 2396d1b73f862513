import Attestation
import Core
import Testing

@Suite struct KeyTests {
    /// RFC 8410 §10.3 and §10.1.
    private let rfcPrivate = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """
    private let rfcPublic = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """

    @Test(arguments: SigningKey.Algorithm.allCases)
    func readsBackTheKeyItWrites(_ algorithm: SigningKey.Algorithm) throws {
        let key = SigningKey.generate(algorithm)
        let again = try SigningKey(pem: key.pem)
        #expect(again.algorithm == algorithm)
        #expect(again.keyID == key.keyID && again.pem == key.pem)
        let public1 = try VerificationKey(pem: key.publicPEM)
        #expect(public1 == key.publicKey)
        #expect(public1.isValid(try again.sign([1, 2, 3]), for: [1, 2, 3]))
        #expect(!public1.isValid(try again.sign([1, 2, 3]), for: [1, 2, 4]))
    }

    @Test func readsTheExampleOfTheStandard() throws {
        let key = try SigningKey(pem: rfcPrivate)
        #expect(key.publicPEM == rfcPublic)
        #expect(key.pem == rfcPrivate)
        // openssl pkey -pubin -outform der | sha256sum
        #expect(key.keyID == "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f")
    }

    /// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`; the identifier is openssl's, too.
    @Test func readsAKeyThatOpenSSLMade() throws {
        let key = try SigningKey(
            pem: """
                -----BEGIN PRIVATE KEY-----
                MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYoWJeJfA42ha2LI5
                TiVshO83Tuj1MuIWfWfBLjq+CPahRANCAASjJxXVTbdp7w+ie8cBfmDZ/4NASK7f
                EC/vACJx3f+Uo/3ugZz4IZw8VUjRgGPDWdYK8KXhuWnDO9ZlCWflKtuf
                -----END PRIVATE KEY-----

                """
        )
        #expect(key.algorithm == .p256)
        #expect(key.keyID == "aa4c877ee358632c4f2a35d838aaeb5357dc686d559e01fb54ef5485d0f33b87")
    }

    @Test func takesTheLineEndsOfWindows() throws {
        let key = try SigningKey(pem: rfcPrivate.replacing("\n", with: "\r\n"))
        #expect(key.publicPEM == rfcPublic)
    }

    @Test func overwritesTheBytesItWasReadFrom() throws {
        var pem = Array(rfcPrivate.utf8)
        #expect(try SigningKey(wiping: &pem).publicPEM == rfcPublic)
        #expect(pem.allSatisfy { $0 == 0 })
        pem = Array("no key".utf8)
        #expect(throws: Problem.self) { try SigningKey(wiping: &pem) }
        #expect(pem.allSatisfy { $0 == 0 })
    }

    @Test func neverPrintsASecret() throws {
        let key = try SigningKey(pem: rfcPrivate)
        var dumped = ""
        dump(key, to: &dumped)
        for printed in ["\(key)", String(reflecting: key), dumped] {
            #expect(!printed.contains("1O5y2/kTWErVttjx") && !printed.lowercased().contains("d4ee72db"))
        }
    }

    @Test(arguments: [
        ("BEGIN PRIVATE", "BEGIN EC PRIVATE", "SEC 1"),
        ("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE", "passphrase"),
        ("BEGIN PRIVATE", "BEGIN PUBLIC", "public key"),
        ("MC4CAQAw", "MC4CAQEw", "PKCS#8"),
        ("BCIEINTu", "BCIEIdTu", "PKCS#8"),
        ("EdVhC", "EdVhCAA==", "PKCS#8"),
        ("-----BEGIN", "x-----BEGIN", "PKCS#8"),
        ("hC\n", "hC\n\n", "PKCS#8"),
        ("hC\n", "h C\n", "PKCS#8"),
    ])
    func saysWhatIsWrongWithAKeyWithoutShowingIt(_ found: String, _ replacement: String, _ why: String) {
        let bad = rfcPrivate.replacing(found, with: replacement)
        let problem = #expect(throws: Problem.self) { try SigningKey(pem: bad, named: "key.pem") }
        #expect(problem?.code == .configUnreadable && problem?.subject == "key.pem")
        #expect(problem?.summary.contains(why) == true)
        #expect(problem?.description.contains("NTuctv5") == false)
    }

    @Test func refusesPublicKeysThatAreNone() {
        let smallOrder = Base64.encode(
            [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00, 1]
                + [UInt8](repeating: 0, count: 31)
        )
        for body in [smallOrder, "", "AAAA", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZg=="] {
            let pem = "-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----\n"
            #expect(throws: Malformed.self) { try VerificationKey(pem: pem) }
        }
        #expect(throws: Malformed.self) { try VerificationKey(pem: rfcPublic + rfcPublic) }
    }
}
