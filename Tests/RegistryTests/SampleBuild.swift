import Attestation
import Core
import JSONText
import Manifest
import Storage
import Testing

/// A build with one wheel, as `purser run` would push it.
struct SampleBuild: Sendable {
    let wheelBytes: [UInt8]
    let file: String
    let manifest: [UInt8]
    let statement: [UInt8]
    let record: [UInt8]
    let report: [UInt8]

    init(
        _ name: String = "app",
        _ version: String = "1.0",
        content: String = "print('hello')\n",
        key: SigningKey? = nil,
        denied: Int64 = 0,
        vouchesFor other: [UInt8]? = nil,
        archive: (file: String, bytes: [UInt8])? = nil
    ) throws {
        wheelBytes = archive?.bytes ?? wheel(name, version, content: content)
        file = archive?.file ?? "\(name)-\(version)-py3-none-any.whl"
        let digest = Digest.sha256(of: wheelBytes)
        let purl = Purl(type: "pypi", name: name, version: version)
        let output = Output(
            name: file,
            path: "dist/\(file)",
            size: Int64(wheelBytes.count),
            digests: [digest],
            purl: archive == nil ? purl : nil
        )
        manifest = BuildManifest(inputs: [], artifacts: [output]).canonicalBytes()
        record = ReplayRecord(entries: []).canonicalBytes()
        report = Array("{\"content\":\"\(digest.hex)\"}".utf8)
        let documents = Predicate.Documents(
            manifest: Digest.sha256(of: manifest),
            report: Digest.sha256(of: report),
            record: Digest.sha256(of: record)
        )
        var predicate = Predicate(
            session: "s1",
            run: (RegistryScratch.now, String(repeating: "0a", count: 16)),
            builder: Predicate.Builder(id: "test", kind: "local"),
            policy: Predicate.PolicyUse(digest: digest, mode: "enforce"),
            documents: documents
        )
        predicate.counts.denied = denied
        let subject = Statement.Subject(name: file, sha256: other.map { Digest.sha256(of: $0) } ?? digest)
        let envelope = try Envelope(
            signing: Statement(subjects: [subject], predicate: predicate),
            with: [key ?? SigningKey.generate(.ed25519)]
        )
        statement = envelope.canonicalBytes()
    }

    var id: String { String(Digest.sha256(of: statement).hex.prefix(16)) }

    var push: JSON { push(to: "main") }

    func push(to repository: String) -> JSON {
        [
            "repository": .string(repository),
            "manifest": .string(Digest.sha256(of: manifest).description),
            "statement": .string(Digest.sha256(of: statement).description),
            "record": .string(Digest.sha256(of: record).description),
            "report": .string(Digest.sha256(of: report).description),
        ]
    }

    var blobs: [[UInt8]] { [wheelBytes, manifest, statement, record, report] }
}

extension RegistryScratch {
    /// Uploads everything and publishes the build.
    @discardableResult
    func push(_ build: SampleBuild, token: String, to repository: String = "main") async throws -> Answer {
        for blob in build.blobs { try await upload(blob, token: token) }
        return try await post("/api/v1/builds", build.push(to: repository), token: token)
    }

    func channels(of build: SampleBuild) async throws -> [String] {
        let answer = try await get("/api/v1/builds/\(build.id)", token: admin)
        return answer.json?["channels"]?.array?.compactMap(\.string) ?? []
    }
}
