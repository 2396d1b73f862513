import Core
import Foundation
import Sigstore
import Testing

/// Sigstore's own conformance cases for verifying bundles: what they say is bad is refused, the rest is taken.
@Suite struct ConformanceTests {
    /// A folder of the suite.
    struct Case: CustomStringConvertible, Sendable {
        let name: String

        var description: String { name }
        var isGood: Bool { !name.hasSuffix("_fail") }

        func bytes(_ file: String) -> [UInt8]? {
            (try? Data(contentsOf: ConformanceTests.folder.appending(path: "conformance/\(name)/\(file)"))).map(
                Array.init
            )
        }

        func text(_ file: String, or fallback: String) -> String {
            bytes(file).map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
                ?? fallback
        }
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static let cases: [Case] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "conformance").path)
        return (names ?? []).filter { !$0.contains(".") || $0.contains("happy-path-v0") }.sorted().map {
            Case(name: $0)
        }
    }()

    private static func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    private static let workflow =
        "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
        + "extremely-dangerous-oidc-beacon.yml@refs/heads/main"

    /// Everything that a person who verifies would check: the bundle, the bytes, who signed.
    private static func complaint(about one: Case) throws -> String? {
        let root = try one.bytes("trusted_root.json") ?? file("production/trusted_root.json")
        let artifact = try one.bytes("artifact") ?? file("conformance/a.txt")
        let key = one.bytes("key.pub").map { pem in
            let lines = String(decoding: pem, as: UTF8.self).split(separator: "\n").dropFirst().dropLast()
            return Base64.decode(lines.joined()) ?? []
        }
        do {
            let bundle = try SignatureBundle(parsing: try #require(one.bytes("bundle.sigstore.json")))
            let verified = try TrustedRoot(parsing: root).verify(bundle, file: artifact, key: key)
            if let statement = verified.statement {
                let digest = Digest(.sha256, bytes: SHA256.of(artifact))
                let named = statement.subjects.flatMap(\.digests)
                guard let digest, named.contains(digest) else { return "is about another file" }
            }
            guard key == nil else { return nil }
            let signer = try #require(verified.signer)
            let identity = one.text("identity", or: workflow)
            guard signer.identity == identity else { return "is signed by \(signer.identity)" }
            let issuer = one.text("issuer", or: "https://token.actions.githubusercontent.com")
            return signer.issuer == issuer ? nil : "is vouched for by \(signer.issuer)"
        } catch let error as Malformed { return error.what }
    }

    @Test func areAllThere() { #expect(Self.cases.count == 70) }

    @Test(arguments: ConformanceTests.cases)
    func agrees(_ one: Case) throws {
        let complaint = try Self.complaint(about: one)
        #expect((complaint == nil) == one.isGood, "\(complaint ?? "was taken")")
    }

    /// A bit that turns anywhere in what is signed or proven refuses the bundle.
    @Test func aTurnedBitIsNeverTaken() throws {
        let one = Case(name: "happy-path-intoto-in-dsse-v3")
        let text = String(decoding: try #require(one.bytes("bundle.sigstore.json")), as: UTF8.self)
        let root = try TrustedRoot(parsing: Self.file("production/trusted_root.json"))
        _ = try root.verify(try SignatureBundle(parsing: Array(text.utf8)))
        for key in ["payload", "sig", "signedEntryTimestamp", "rootHash", "canonicalizedBody", "rawBytes"] {
            let mark = "\"\(key)\":"
            let start = try #require(text.firstRange(of: mark)?.upperBound)
            let quote = try #require(text[start...].firstIndex(of: "\""))
            for distance in [8, 40] {
                var bytes = Array(text.utf8)
                let place = text.utf8.distance(from: text.startIndex, to: quote) + distance
                bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(throws: Malformed.self, "\(key) at \(distance)") {
                    try root.verify(try SignatureBundle(parsing: bytes))
                }
            }
        }
    }
}
