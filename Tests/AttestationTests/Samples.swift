import Attestation
import Core
import Foundation
import JSONText
import Testing

/// Values the tests of this target start from.
enum Samples {
    static let now = Timestamp(seconds: 1_800_000_000)

    static func digest(_ seed: UInt8) throws -> Digest {
        try #require(Digest(.sha256, bytes: [UInt8](repeating: seed, count: 32)))
    }

    static func statement(repository: String? = "https://example.org/acme/app") throws -> Statement {
        var predicate = Predicate(
            session: "0f1e2d3c",
            run: (Timestamp(seconds: 1_799_999_000), "5bd1e995"),
            builder: Predicate.Builder(id: "https://ci.example/job/7", kind: "ci", ci: "gitlab"),
            policy: Predicate.PolicyUse(digest: try digest(4), mode: "enforce"),
            documents: Predicate.Documents(
                manifest: try #require(Digest("sha256:" + Samples.abc)),
                report: try digest(2),
                record: try digest(3)
            )
        )
        predicate.source = repository.map {
            Predicate.Source(repository: $0, commit: "1f2e", ref: "refs/heads/main", isDirty: false)
        }
        predicate.isolation = Predicate.Isolation(tier: "fence", isComplete: false, reason: "same user")
        predicate.counts.inputs = 12
        return Statement(
            subjects: [
                Statement.Subject(name: "app-1.0.tar.gz", sha256: try digest(8)),
                Statement.Subject(name: "app-1.0-py3-none-any.whl", sha256: try digest(7)),
            ],
            predicate: predicate
        )
    }

    /// The sha256 of `abc`.
    static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    static func trust(_ keys: SigningKey...) -> TrustFile {
        TrustFile(keys: keys.map { TrustFile.Key($0.publicKey) })
    }

    static func fixture(_ path: String) throws -> JSON {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: path))))
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
