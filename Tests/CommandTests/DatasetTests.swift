import Core
import Kernel
import Storage
import TestKit
import Testing

/// `purser policy data update`: everything that the policy names, from the registry, or nothing of it.
@Suite("Data from the registry")
struct DatasetTests {
    private static let files = [
        ("kev", "{\"dateReleased\":\"2026-11-01T00:00:00Z\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1\"}]}"),
        ("epss", "#model_version:v1,score_date:2026-11-20\ncve,epss,percentile\nCVE-2026-1,0.5,0.9\n"),
        ("suspects", "pkg:npm/evil # phones home\n"), ("reviewed", "pkg:npm/good@1.0.0\n"),
        ("packages", "{\"purl\":\"pkg:npm/a\",\"downloads\":1}\n"),
        ("scorecards", "{\"repo\":{\"name\":\"github.com/a/b\"},\"score\":5}\n"), ("names", "pkg:npm/acme\n"),
    ]

    private static func serve(_ kind: String, _ text: String, on registry: TestKit.FakeUpstream, digest: Digest? = nil)
    {
        let bytes = Array(text.utf8)
        let tag = "\"sha256-\((digest ?? Digest.sha256(of: bytes)).hex)\""
        registry.serve("/api/v1/data/\(kind)", TestKit.FakeAnswer(bytes).tagged(tag))
    }

    @Test func updateFetchesAllThatThePolicyNames() async throws {
        let stage = try Stage()
        let registry = try await TestKit.FakeUpstream.start()
        for (kind, text) in Self.files { Self.serve(kind, text, on: registry) }
        Self.serve("trusted_root", String(decoding: try SigstoreInstance().trustedRoot, as: UTF8.self), on: registry)
        let kinds = Self.files.map(\.0) + ["trusted_root", "npm_keys"]
        let data = kinds.map { "\($0): data/\($0)" }.joined(separator: ", ")
        func write(_ name: String, _ text: String) throws {
            try Files.makeFolder("\(stage.job)/data")
            try Files.writeAtomically("\(stage.job)/\(name)", Array(text.utf8), mode: 0o644)
        }
        try write("purser.yml", "version: 1\ndata: { \(data) }\n")
        // What the registry has not stays as it is.
        try write("data/npm_keys", "as it was\n")
        let update = "purser policy data update --registry \(registry.origin)"
        let ending = try await stage.shell(update)
        #expect(ending.exit.status == 0, "\(ending.errorText)")
        for (kind, text) in Self.files {
            #expect(try Files.readAll("\(stage.job)/data/\(kind)") == Array(text.utf8), "\(kind)")
        }
        #expect(Files.exists("\(stage.job)/data/trusted_root"))
        #expect(try Files.readAll("\(stage.job)/data/npm_keys") == Array("as it was\n".utf8))
        // Neither what is not what its digest says, nor what cannot be read, takes the place of what is there.
        Self.serve(
            "kev",
            "{\"vulnerabilities\":[{\"cveID\":\"CVE-2026-2\"}]}",
            on: registry,
            digest: Digest.sha256(of: [1])
        )
        #expect(try await stage.shell(update).exit.status == Problem.Code.integrityMismatch.exitStatus)
        Self.serve("kev", "{}", on: registry)
        #expect(try await stage.shell(update).exit.status != 0)
        #expect(try Files.readAll("\(stage.job)/data/kev") == Array(Self.files[0].1.utf8))
        await registry.stop()
    }

    @Test func listTellsOfEachHowOldItIs() async throws {
        let stage = try Stage()
        for (name, text) in Self.files {
            try Files.writeAtomically("\(stage.job)/\(name)", Array(text.utf8), mode: 0o644)
        }
        let policy = "version: 1\ndata: { kev: { path: kev, max_staleness: 1d }, epss: epss, suspects: suspects }\n"
        try Files.writeAtomically("\(stage.job)/purser.yml", Array(policy.utf8), mode: 0o644)
        let text = try await stage.shell("purser policy data list").outputText
        #expect(text.contains("1 flaws that are exploited") && text.contains("of 2026-11-01T00:00:00Z"), "\(text)")
        #expect(
            text.contains("too old: it is of 2026-11-01T00:00:00Z, and policy takes none older than 1 d"),
            "\(text)"
        )
        #expect(text.contains("scores of 1 flaws") && text.contains("1 lines"), "\(text)")
    }
}
