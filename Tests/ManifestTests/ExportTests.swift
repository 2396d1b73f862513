import Core
import Foundation
import JSONText
import Manifest
import Testing

/// The forms that others read, held against files that were checked with their own schemas: see `scripts/check.sh`.
@Suite struct ExportTests {
    private func golden(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: folder.appending(path: "Fixtures/exports/\(name)"), encoding: .utf8)
    }

    private func report() throws -> RunReport {
        var report = RunReport(
            session: "0f1e",
            agent: "purser 0.1.0",
            policy: RunReport.PolicyUse(digest: try Samples.digest(5), mode: "enforce"),
            started: Timestamp(seconds: 1_800_000_000),
            finished: Timestamp(seconds: 1_800_000_042)
        )
        var fresh = RunReport.Denial(
            subject: "pkg:pypi/fresh@1.0",
            rule: "min_age",
            message: "is 1 day old",
            allowedFrom: Timestamp(seconds: 1_800_100_000),
            exemption: "- { purl: \"pkg:pypi/fresh@1.0\", rule: min_age }"
        )
        fresh.newestAllowed = "0.9"
        report.blocked = [fresh, fresh]
        report.wouldBlock = [RunReport.Denial(subject: "pkg:npm/x@1", rule: "block", message: "is on the list")]
        report.verdicts = [
            RunReport.InputVerdict(
                purl: Purl(type: "pypi", name: "six", version: "1"),
                file: "six.whl",
                outcome: "warn",
                findings: [
                    RunReport.Remark(rule: "license", action: "warn", message: "has\u{1B}[31m none"),
                    RunReport.Remark(rule: "min_age", action: "report", message: "is 2 days old"),
                ]
            )
        ]
        report.gaps = [RunReport.GapCount(kind: "opaque-tunnel", host: "example.org:443", count: 2, bytes: 77)]
        report.status = 0
        report.problems = [
            Problem(.sessionNoTraffic, subject: "npm", summary: "was expected", remedy: "Look at the command."),
            Problem(.policyDenied, subject: "pkg:pypi/fresh@1.0", summary: "is denied", remedy: "wait"),
        ]
        return report
    }

    @Test func aBillOfMaterialsIsTheFileThatWasChecked() throws {
        let bill = CycloneDX(try Samples.rich(), digest: try Samples.digest(0xCD), version: "0.1.0", isComplete: true)
        #expect(text(bill.bytes()) == (try golden("cyclonedx.json")))
    }

    @Test func aBillIsCompleteOnlyWhereTheStatementSaysSoAndNothingIsMissing() throws {
        func aggregate(_ manifest: BuildManifest, _ isComplete: Bool) throws -> String? {
            let digest = try Samples.digest(1)
            let bill = CycloneDX(manifest, digest: digest, version: "1", isComplete: isComplete)
            return try JSON(parsing: bill.bytes())["compositions"]?.array?.first?["aggregate"]?.string
        }
        let whole = BuildManifest(inputs: [try Samples.input("idna")])
        #expect(try aggregate(whole, true) == "complete")
        #expect(try aggregate(whole, false) == "unknown")
        #expect(try aggregate(Samples.rich(), true) == "incomplete")
    }

    @Test func severalArtifactsAreOneBuild() throws {
        let outputs = try [UInt8(1), 2].map { seed in
            Output(name: "a\(seed)", path: "dist/a\(seed)", size: 1, digests: [try Samples.digest(seed)])
        }
        let manifest = BuildManifest(inputs: [], artifacts: outputs)
        let bill = CycloneDX(manifest, digest: try Samples.digest(3), version: "1", isComplete: false)
        let made = try JSON(parsing: bill.bytes())["metadata"]?["component"]
        #expect(made?["name"] == "build")
        #expect(made?["components"]?.array?.compactMap { $0["name"]?.string } == ["a1", "a2"])
    }

    @Test func complaintsAreTheFileThatWasChecked() throws {
        let quality = CodeQuality(try report(), path: "purser.lock") { "of \($0)" }
        #expect(text(quality.bytes()) == (try golden("codequality.json")))
    }

    @Test func aRunWithoutComplaintsHasAnEmptyList() throws {
        var quiet = try report()
        (quiet.blocked, quiet.wouldBlock, quiet.verdicts) = ([], [], [])
        (quiet.problems, quiet.gaps) = ([], [])
        #expect(text(CodeQuality(quiet, path: "p") { $0 }.bytes()) == "[]\n")
    }

    @Test func laterJobsAreGivenNumbersAndDigests() throws {
        let manifest = try Samples.rich()
        let variables = RunVariables(
            manifest,
            try report(),
            digest: try Samples.digest(0xCD),
            build: "0123456789abcdef"
        )
        #expect(text(variables.bytes()) == (try golden("purser.env")))
    }
}
