import Core
import Testing

@Suite struct DigestTests {
    static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func readsEverySpellingOfOneDigestAsOne() throws {
        let digest = try #require(Digest(.sha256, hex: Self.empty))
        #expect(Digest("sha256:\(Self.empty.uppercased())") == digest)
        #expect(Digest(integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") == digest)
        #expect(Digest(integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=?opt") == digest)
        #expect(Digest(.sha256, bytes: digest.bytes) == digest)
        #expect(digest.integrity == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        #expect(digest.description == "sha256:\(Self.empty)")
    }

    @Test(arguments: ["sha256:", "sha256:00", "sha257:00", "", ":", "sha256", "sha256:zz", "md5:\(empty)"])
    func refusesWhatHasTheWrongLengthOrName(text: String) { #expect(Digest(text) == nil) }

    @Test(arguments: ["sha256-", "sha512-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "", "?", "sha256-!"])
    func refusesIntegrityThatIsNone(text: String) { #expect(Digest(integrity: text) == nil) }

    @Test func knowsWhichFunctionsProveNothing() {
        #expect(Digest.Algorithm.allCases.filter { !$0.isStrong } == [.sha1, .md5])
    }

    @Test func roundTripsBase64AndRefusesItsSecondSpellings() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 77) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
        for text in ["QQ", "QQ=", "QR==", "Q===", "====", "QQ==QQ==", "Q Q=", "QQ==\n"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }
}
