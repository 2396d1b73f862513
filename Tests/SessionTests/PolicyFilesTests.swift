import Core
import JSONText
import Kernel
import Manifest
import Policy
import Testing

@testable import Session

@Suite("Policies and data that are written")
struct PolicyFilesTests {
    private static let url = "https://files.pythonhosted.org/packages/demo-1.0-py3-none-any.whl"

    private func manifest() throws -> BuildManifest {
        let digest = try #require(Digest(.sha256, hex: String(repeating: "a", count: 64)))
        let input = Input(
            purl: try Purl(parsing: "pkg:pypi/demo@1.0"),
            file: "demo-1.0-py3-none-any.whl",
            size: 1,
            digests: [digest],
            url: try HTTPURL(Self.url)
        )
        return BuildManifest(inputs: [input], tools: [], artifacts: nil, gaps: [])
    }

    private func report(_ denials: [RunReport.Denial] = []) throws -> RunReport {
        let digest = try #require(Digest(.sha256, hex: String(repeating: "b", count: 64)))
        let now = Timestamp(seconds: 1_795_000_000)
        var report = RunReport(
            session: "s1",
            agent: "purser 0",
            policy: RunReport.PolicyUse(digest: digest, mode: "audit"),
            started: now,
            finished: now
        )
        report.wouldBlock = denials
        return report
    }

    @Test func whatIsLearnedLetsTheSameInAndNothingElse() throws {
        let denial = RunReport.Denial(subject: "pkg:pypi/demo@1.0", rule: "min_age", message: "is 5 h \"old\"")
        let now = Timestamp(seconds: 1_795_000_000)
        let learned = try LearnedPolicy(try manifest(), try report([denial, denial]), now: now)
        let file = try PolicyFile.parse(learned.text, name: "learned")
        #expect(file.listedExemptions.map(\.purl) == ["pkg:pypi/demo@1.0"])
        #expect(learned.text.contains("- \"files.pythonhosted.org\""))
        #expect(learned.text.contains("session: { expect: [pypi] }"))
        let policy = file.policy
        func verdict(_ purl: String, host: String = "files.pythonhosted.org") throws -> Verdict {
            var release = Release(purl: try Purl(parsing: purl))
            release.published = PublishTime(Timestamp(seconds: now.seconds - 3_600), basis: .uploadTime)
            var facts = Facts(
                release: release,
                origin: Origin(.https, "pypi.org"),
                type: release.purl.type,
                now: now,
                compare: { $0 == $1 ? 0 : $0 < $1 ? -1 : 1 }
            )
            let digest = try #require(Digest(.sha256, hex: String(repeating: "a", count: 64)))
            let url = try HTTPURL("https://\(host)/demo-1.0-py3-none-any.whl")
            facts.artifact = Artifact(file: "demo-1.0-py3-none-any.whl", url: url, digests: [digest])
            return policy.judge(facts)
        }
        #expect(try !verdict("pkg:pypi/demo@1.0").isDenied)
        #expect(try verdict("pkg:pypi/other@1.0").isDenied)
        #expect(try verdict("pkg:npm/demo@1.0").isDenied)
        #expect(try verdict("pkg:pypi/demo@1.0", host: "elsewhere.example").isDenied)
        // The exemption is of the release that was young then.
        #expect(try verdict("pkg:pypi/demo@1.1").isDenied)
    }

    private static func record(_ id: String, _ name: String) -> String {
        """
        {
          "id": "\(id)", "modified": "2026-01-01T00:00:00Z",
          "affected": [{"package": {"ecosystem": "npm", "name": "\(name)"}, "versions": ["1.0.0"]}]
        }
        """
    }

    @Test func oneSnapshotIsMadeOfManyFiles() throws {
        let scratch = try Scratch()
        try scratch.write("one.json", Self.record("MAL-2026-1", "a"))
        try scratch.write("more/two.json", Self.record("MAL-2026-2", "b"))
        try scratch.write(
            "more/deep/three.json",
            "[\(Self.record("MAL-2026-3", "c")), \(Self.record("MAL-2026-4", "d"))]"
        )
        try scratch.write("more/README.md", "not data")
        let path = scratch.path("data/osv.snapshot")
        let made = try SnapshotImport(
            [scratch.path("one.json"), scratch.path("more")],
            into: path,
            scratch: scratch.folder
        )
        #expect(made.recordCount == 4)
        let before = try Files.readAll(path)
        // One file that cannot be read fails the whole, and the old snapshot stays.
        try scratch.write("broken.json", "{ \"id\": ")
        let found = problem {
            _ = try SnapshotImport(
                [scratch.path("one.json"), scratch.path("broken.json")],
                into: path,
                scratch: scratch.folder
            )
        }
        #expect(found?.code == .configUnreadable)
        #expect(try Files.readAll(path) == before)
        #expect(try Files.list(scratch.folder).filter { $0.hasPrefix("purser-data-") }.isEmpty)
    }

    @Test func theLayersOfAPolicyAreInItsReport() throws {
        var use = try report().policy
        use.source = "organisation"
        use.layers = [
            RunReport.PolicyLayer(
                layer: "organisation",
                name: "https://r/api/v1/policy",
                digest: use.digest,
                keyID: "k"
            )
        ]
        use.exemptions = [RunReport.ExemptionUse(purl: "pkg:npm/a", rule: "min_age", until: "never", state: "used")]
        var report = try report()
        report.policy = use
        #expect(try RunReport(parsing: report.prettyBytes()).policy == use)
    }
}
