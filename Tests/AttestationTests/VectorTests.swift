import Attestation
import Core
import Crypto
import JSONText
import Testing

/// Public signature vectors: nothing invalid is accepted.
@Suite struct VectorTests {
    /// One case of a suite, in our words.
    struct Case {
        let name: String
        let pem: String
        let message: [UInt8]
        let signature: [UInt8]
    }

    private func isAccepted(_ vector: Case) -> Bool {
        guard let key = try? VerificationKey(pem: vector.pem) else { return false }
        return key.isValid(vector.signature, for: vector.message)
    }

    private func pem(ed25519 point: [UInt8]) -> String {
        let der: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + point
        return "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(der))\n-----END PUBLIC KEY-----\n"
    }

    private func bytes(_ json: JSON?) throws -> [UInt8] { try #require(json?.string.flatMap(Hex.decode)) }

    @Test(arguments: ["ed25519_test.json", "ecdsa_secp256r1_sha256_test.json"])
    func agreesWithWycheproof(_ file: String) throws {
        let suite = try Samples.fixture("wycheproof/\(file)")
        var seen = 0
        for group in try #require(suite["testGroups"]?.array) {
            let pem = try #require(group["publicKeyPem"]?.string)
            for test in try #require(group["tests"]?.array) {
                let name = "\(file) \(test["tcId"]?.integer ?? 0): \(test["comment"]?.string ?? "")"
                let vector = Case(
                    name: name,
                    pem: pem,
                    message: try bytes(test["msg"]),
                    signature: try bytes(test["sig"])
                )
                #expect(isAccepted(vector) == (test["result"]?.string == "valid"), "\(name)")
                seen += 1
            }
        }
        #expect(seen == (suite["numberOfTests"]?.integer).map(Int.init))
    }

    /// Only a mixed-order point that verifies without cofactor passes, as in dalek's `verify_strict`.
    @Test func refusesEveryEdgeCaseOfEd25519Points() throws {
        let allowed: Set<String> = ["low_order_component_A", "low_order_component_R"]
        for test in try #require(try Samples.fixture("cctv-ed25519/ed25519vectors.json").array) {
            let flags = Set((test["flags"]?.array ?? []).compactMap(\.string))
            let name = "cctv \(test["number"]?.integer ?? 0) \(flags.sorted())"
            let vector = Case(
                name: name,
                pem: pem(ed25519: try bytes(test["key"])),
                message: Array(try #require(test["msg"]?.string).utf8),
                signature: try bytes(test["sig"])
            )
            #expect(isAccepted(vector) == flags.isSubset(of: allowed), "\(name)")
        }
    }

    /// Cases 0 to 2 have small-order points, 4 and 5 need the cofactor, 6 and 7 have S out of range, 8 to 11 encodings
    /// that are not canonical; only 3 (mixed order, no cofactor needed) is a signature under the strict rules.
    @Test func agreesWithStrictVerifiersOnSpeccheck() throws {
        let cases = try #require(try Samples.fixture("ed25519-speccheck/cases.json").array)
        var accepted: [Int] = []
        for (number, test) in cases.enumerated() {
            let vector = Case(
                name: "speccheck \(number)",
                pem: pem(ed25519: try bytes(test["pub_key"])),
                message: try bytes(test["message"]),
                signature: try bytes(test["signature"])
            )
            if isAccepted(vector) { accepted.append(number) }
        }
        #expect(accepted == [3])
    }

    @Test func encodesWhatIsSignedAsDSSESays() throws {
        for test in try #require(try Samples.fixture("dsse/dsse.json")["cases"]?.array) {
            let type = try #require(test["payloadType"]?.string)
            let payload = Array(try #require(test["payload_utf8"]?.string).utf8)
            let message = Envelope.preAuthenticationEncoding(type: type, payload: payload)
            #expect(text(message) == test["pae"]?.string)
            let secret = try #require(test["key"]?["d_dec"]?.string.flatMap(bigEndian))
            let key = try P256.Signing.PrivateKey(rawRepresentation: secret)
            let raw = try #require(test["envelope"]?["signatures"]?.array?.first?["sig"]?.string.flatMap(Base64.decode))
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: raw)
            let ours = try VerificationKey(pem: key.publicKey.pemRepresentation + "\n")
            #expect(ours.isValid(Array(signature.derRepresentation), for: message))
            #expect(!ours.isValid(raw, for: message), "raw r||s is not the form we write")
        }
    }

    /// 32 bytes of a decimal number.
    private func bigEndian(_ decimal: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 32)
        for digit in decimal {
            guard var carry = digit.wholeNumberValue else { return nil }
            for place in bytes.indices.reversed() {
                carry += Int(bytes[place]) * 10
                bytes[place] = UInt8(carry & 255)
                carry >>= 8
            }
        }
        return bytes
    }
}
