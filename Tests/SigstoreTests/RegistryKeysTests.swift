import Core
import Crypto
import Sigstore
import Testing

/// npm's signatures over `NAME@VERSION:INTEGRITY`.
@Suite struct RegistryKeysTests {
    private static let message = "@acme/tools@1.0.0:sha512-AAAA"
    private static let published = Timestamp(rfc3339: "2026-01-10T00:00:00Z")

    private static func keys(_ key: P256.Signing.PrivateKey, expires: String = "null") throws -> RegistryKeys {
        let spki = Base64.encode(Array(key.publicKey.derRepresentation))
        let text = """
            {"keys":[{"expires":\(expires),"keyid":"SHA256:one","keytype":"ecdsa-sha2-nistp256",
            "scheme":"ecdsa-sha2-nistp256","key":"\(spki)"},{"scheme":"rsa","keyid":"SHA256:two","key":"AAAA"}]}
            """
        return try RegistryKeys(parsing: Array(text.utf8))
    }

    private static func signature(_ key: P256.Signing.PrivateKey, of text: String = message) throws -> String {
        Base64.encode(Array(try key.signature(for: Array(text.utf8)).derRepresentation))
    }

    @Test func takesWhatTheKeySigned() throws {
        let key = P256.Signing.PrivateKey()
        let keys = try Self.keys(key)
        let good = "SHA256:one \(try Self.signature(key))"
        #expect(keys.check(good, over: Self.message, published: Self.published) == .good(keyID: "SHA256:one"))
        // Signatures of keys that are not known stand beside it.
        let both = "SHA256:new AAAA\n\(good)"
        #expect(keys.check(both, over: Self.message, published: Self.published) == .good(keyID: "SHA256:one"))
    }

    @Test func refusesEverythingElse() throws {
        let key = P256.Signing.PrivateKey()
        let keys = try Self.keys(key)
        func finding(_ text: String) -> RegistryKeys.Finding {
            keys.check(text, over: Self.message, published: Self.published)
        }
        let other = try Self.signature(key, of: "@acme/tools@1.0.1:sha512-AAAA")
        #expect(finding("SHA256:one \(other)") == .bad("has a registry signature of SHA256:one that does not fit"))
        let stranger = try Self.signature(P256.Signing.PrivateKey())
        #expect(finding("SHA256:one \(stranger)") == .bad("has a registry signature of SHA256:one that does not fit"))
        #expect(finding("SHA256:nobody \(stranger)") == .bad("is signed by the unknown key SHA256:nobody"))
        #expect(finding("") == .unknown("has no registry signature"))
        #expect(finding("nonsense") == .bad("has a registry signature that cannot be read"))
    }

    @Test func aKeyThatEndedSignsNothingLater() throws {
        let key = P256.Signing.PrivateKey()
        let keys = try Self.keys(key, expires: "\"2025-01-29T00:00:00.000Z\"")
        let line = "SHA256:one \(try Self.signature(key))"
        #expect(
            keys.check(line, over: Self.message, published: Timestamp(rfc3339: "2024-06-01"))
                == .good(keyID: "SHA256:one")
        )
        for time in [Self.published, nil] {
            guard case .bad(let why) = keys.check(line, over: Self.message, published: time) else {
                Issue.record("was taken")
                continue
            }
            #expect(why.hasPrefix("is signed by the key SHA256:one, which ended on 2025-01-29"))
        }
    }

    @Test(arguments: ["", "{}", "{\"keys\":[]}", "{\"keys\":[{\"scheme\":\"ecdsa-sha2-nistp256\",\"key\":\"!\"}]}"])
    func aFileWithoutKeysIsNone(_ text: String) {
        #expect(throws: Malformed.self) { try RegistryKeys(parsing: Array(text.utf8)) }
    }
}
