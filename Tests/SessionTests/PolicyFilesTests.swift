import Core
import Evidence
import JSONText
import Kernel
import Manifest
import Policy
import Storage
import TestKit
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

    @Test func aPolicyThatALinkLeadsNowhereForIsNotAnAbsentOne() throws {
        let scratch = try Scratch()
        #expect(try PolicyText.read(scratch.path("purser.yml"), isRequired: false)?.text == nil)
        try Files.symlink(scratch.path("purser.yml"), to: "/nowhere/purser.yml")
        let found = problem { _ = try PolicyText.read(scratch.path("purser.yml"), isRequired: false) }
        #expect(found?.code == .configUnreadable)
    }

    @Test func aByteOrderMarkIsNoPartOfAPolicy() throws {
        let scratch = try Scratch()
        try scratch.write("purser.yml", [0xEF, 0xBB, 0xBF] + Array("version: 1\n".utf8))
        let text = try #require(try PolicyText.read(scratch.path("purser.yml"), isRequired: true))
        #expect(text.text == "version: 1\n" && !text.isChanged)
    }

    @Test func whatIsLearnedLetsTheSameInAndNothingElse() throws {
        let denial = RunReport.Denial(subject: "pkg:pypi/demo@1.0", rule: "min_age", message: "is 5 h \"old\"")
        let now = Timestamp(seconds: 1_795_000_000)
        let learned = try LearnedPolicy(try manifest(), try report([denial, denial]), record: nil, now: now)
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

    @Test func whatWasAskedAboutAndWhatNobodyVouchedForIsLearnedToo() throws {
        var report = try report()
        var verdict = RunReport.InputVerdict(
            purl: try Purl(parsing: "pkg:pypi/demo@1.0"),
            file: "demo-1.0-py3-none-any.whl",
            sha256: nil,
            outcome: "report"
        )
        verdict.findings = [RunReport.Remark(rule: "unclaimed", action: "report", message: "has no digest")]
        report.verdicts = [verdict]
        func answer(_ url: String, _ status: Int) throws -> ReplayRecord.Entry {
            let url = try HTTPURL(url)
            let key = ReplayKey(method: "GET", url: url, accept: "text/html")
            return ReplayRecord.Entry(key: key, status: status, headers: [], body: nil, finalURL: url)
        }
        let record = ReplayRecord(entries: [
            try answer("https://pypi.org/simple/colorama/", 200), try answer("https://pypi.org/simple/gone/", 404),
            try answer("https://registry.npmjs.org/stray", 200), try answer(Self.url, 200),
        ])
        let now = Timestamp(seconds: 1_795_000_000)
        let learned = try LearnedPolicy(try manifest(), report, record: record, now: now)
        #expect(learned.text.contains("      - \"pkg:pypi/colorama\"\n      - \"pkg:pypi/demo\"\n"))
        #expect(!learned.text.contains("gone") && !learned.text.contains("stray"))
        let exemptions = try PolicyFile.parse(learned.text, name: "learned").listedExemptions
        #expect(exemptions.map(\.rule) == ["unclaimed"])
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

    @Test func aListOfMaliciousPackagesBecomesPartOfTheSnapshot() throws {
        let scratch = try Scratch()
        try scratch.write("one.json", Self.record("GHSA-1", "a"))
        try scratch.write("bad.txt", "# found today\npkg:npm/evil@1.0.0  # steals tokens\npkg:pypi/worse\n\n")
        let path = scratch.path("osv.snapshot")
        let files = [scratch.path("one.json"), scratch.path("bad.txt")]
        #expect(try SnapshotImport(files, into: path, scratch: scratch.folder).recordCount == 3)
        try scratch.write("purser.yml", "version: 1\nmode: enforce\ndata: { osv: osv.snapshot }\n")
        let datasets = try scratch.plan().datasets
        func malware(_ purl: String) throws -> [String] {
            let known = datasets.advisories(of: try Purl(parsing: purl)) { $0 == $1 ? 0 : 1 }
            return (known ?? []).filter(\.isMalware).map(\.summary)
        }
        #expect(try malware("pkg:npm/evil@1.0.0") == ["steals tokens"])
        #expect(try malware("pkg:npm/evil@1.0.1").isEmpty)
        #expect(try malware("pkg:pypi/worse@7") == ["on a list of malicious packages"])
        try scratch.write("broken.txt", "pkg:npm/good\nevil\n")
        let found = problem {
            _ = try SnapshotImport([scratch.path("broken.txt")], into: path, scratch: scratch.folder)
        }
        #expect(found?.subject == "\(scratch.path("broken.txt")) line 2")
    }

    @Test func flawsThatAreExploitedAreKnownByAnyOfTheirNames() throws {
        let scratch = try Scratch()
        func record(_ id: String, _ name: String, aliases: String) -> String {
            Self.record(id, name).replacing("\"modified\"", with: "\"aliases\": [\(aliases)], \"modified\"")
        }
        try scratch.write("osv/1.json", record("GHSA-1", "a", aliases: "\"CVE-2026-1\""))
        try scratch.write("osv/2.json", record("GHSA-2", "b", aliases: "\"CVE-2026-2\""))
        try scratch.write("kev.json", "{\"title\":\"x\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1\"}]}")
        try scratch.write("purser.yml", "version: 1\ndata: { osv: osv, kev: kev.json }\n")
        let datasets = try scratch.plan().datasets
        func exploited(_ name: String) throws -> [Bool]? {
            datasets.advisories(of: try Purl(parsing: "pkg:npm/\(name)@1.0.0")) { $0 == $1 ? 0 : 1 }?.map(\.isExploited)
        }
        #expect(try exploited("a") == [true])
        #expect(try exploited("b") == [false])
        #expect(datasets.snapshots.map(\.name) == ["osv", "kev"])
        try scratch.write("kev.json", "{}")
        #expect(problem { _ = try scratch.plan() }?.code == .configUnreadable)
    }

    @Test func importTellsByTheContentWhatAFileIs() throws {
        let scratch = try Scratch()
        let root = try SigstoreInstance().trustedRoot
        try scratch.write("a.json", root)
        try scratch.write("names", "pkg:npm/acme\n")
        try scratch.write("more", "pkg:npm/other")
        try scratch.write(
            "purser.yml",
            "version: 1\ndata: { trusted_root: keys/root.json, names: data/names.txt }\n"
        )
        func load(_ files: [String], kind: String? = nil) -> Int32 {
            var console = Console()
            console.isQuiet = true
            let invocation = Invocation(
                environment: ["TMPDIR": scratch.folder],
                folder: scratch.folder,
                program: OwnProgram("purser"),
                version: "0",
                console: console
            )
            return PolicySnapshots.load(invocation, files: files, kind: kind, out: nil)
        }
        #expect(load(["a.json"]) == 0)
        #expect(try Files.readAll(scratch.path("keys/root.json")) == root)
        #expect(load(["names", "more"], kind: "names") == 0)
        let plan = try scratch.plan()
        #expect(plan.datasets.snapshots.map(\.name) == ["names", "trusted_root"])
        let list = Array("pkg:npm/acme\npkg:npm/other\n".utf8)
        #expect(plan.datasets.snapshots.first?.digest == Digest.sha256(of: list))
        // Nothing is written of what cannot be used, or has no place.
        try scratch.write("broken", "acme\n")
        #expect(load(["broken"], kind: "names") != 0)
        #expect(try scratch.plan().datasets.snapshots == plan.datasets.snapshots)
        #expect(load(["a.json"], kind: "nonsense") == Problem.Code.usageInvalid.exitStatus)
        #expect(load(["a.json"], kind: "npm_keys") != 0)
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
