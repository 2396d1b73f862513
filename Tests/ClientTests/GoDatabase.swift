import Core
import Crypto
import TestKit

/// A checksum database of one record, which is a whole transparency log, signed by a key of the test's own.
/// <https://go.dev/design/25530-sumdb>
struct GoDatabase {
    private let module: GoModule
    private let signer = Curve25519.Signing.PrivateKey()
    private static let name = "sum.golang.org"
    /// Ed25519, as signed notes say it.
    private static let algorithm: UInt8 = 1

    init(of module: GoModule) { self.module = module }

    /// For `GOSUMDB`: the key under the public database's name, so that the go command asks where it always does.
    var key: String { "\(Self.name)+\(Hex.encode(keyHash))+\(Base64.encode(keyBytes))" }

    private var keyBytes: [UInt8] { [Self.algorithm] + Array(signer.publicKey.rawRepresentation) }

    private var keyHash: [UInt8] { Array(SHA256.hash(data: Array("\(Self.name)\n".utf8) + keyBytes).prefix(4)) }

    /// With one record, the leaf is the root.
    private var root: [UInt8] { Array(SHA256.hash(data: [0] + Array(module.sum.utf8))) }

    private func head() throws -> String {
        let text = "go.sum database tree\n1\n\(Base64.encode(root))\n"
        let signature = keyHash + Array(try signer.signature(for: Array(text.utf8)))
        return "\(text)\n— \(Self.name) \(Base64.encode(signature))\n"
    }

    func serve(on fake: FakeUpstream) throws {
        let place = "/golang/sumdb/\(Self.name)"
        fake.serve("\(place)/supported", FakeAnswer())
        fake.serve("\(place)/latest", FakeAnswer(try head(), type: "text/plain"))
        fake.serve(module.lookup, FakeAnswer("0\n\(module.sum)\n\(try head())", type: "text/plain"))
        fake.serve("\(place)/tile/8/0/000.p/1", FakeAnswer(root))
    }
}
