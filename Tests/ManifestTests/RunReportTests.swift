import Core
import Manifest
import Testing

@Suite struct RunReportTests {
    private func full() throws -> RunReport {
        var report = RunReport(
            session: "0f1e",
            agent: "purser 0.1.0",
            policy: RunReport.PolicyUse(
                digest: try Samples.digest(5),
                mode: "enforce",
                data: [RunReport.Snapshot(name: "osv", digest: try Samples.digest(6))]
            ),
            started: Timestamp(seconds: 1_800_000_000),
            finished: Timestamp(seconds: 1_800_000_042)
        )
        report.source = RunReport.Source(
            repository: "https://example.org/app",
            commit: "1f2e",
            ref: "refs/heads/main",
            isDirty: false
        )
        report.recipe = RunReport.Recipe(command: ["make", "all"], entry: ".ci/run", steps: ["build"])
        report.image = RunReport.Image(name: "debian", version: "12")
        report.environment = ["LANG": "C.UTF-8"]
        report.isolation = RunReport.Isolation(tier: "fence", isComplete: false, reason: "same user")
        report.lockfiles = [
            RunReport.ProjectLockfile(path: "uv.lock", digest: try Samples.digest(7), isChanged: true)
        ]
        addOutcome(to: &report)
        return report
    }

    private func addOutcome(to report: inout RunReport) {
        let remark = RunReport.Remark(rule: "min_age", action: "warn", message: "is 2 days old")
        report.verdicts = [
            RunReport.InputVerdict(
                purl: Purl(type: "pypi", name: "six", version: "1"),
                file: "six.whl",
                sha256: String(repeating: "01", count: 32),
                outcome: "warn",
                findings: [remark]
            )
        ]
        report.traffic = RunReport.Traffic(requests: 9, hits: 3, bytesFetched: 100, bytesServed: 200)
        report.blocked = [
            RunReport.Denial(
                subject: "pkg:pypi/new@1",
                rule: "min_age",
                message: "is 1 day old",
                allowedFrom: Timestamp(seconds: 1_800_100_000),
                exemption: "- {purl: pkg:pypi/new@1}"
            )
        ]
        report.wouldBlock = [RunReport.Denial(subject: "pkg:npm/x@1", rule: "block", message: "is on the list")]
        report.warnings = ["the key file is readable"]
        report.gaps = [RunReport.GapCount(kind: "opaque-tunnel", host: "example.org:443", count: 2, bytes: 77)]
        report.canary = "seen"
        report.status = 0
        report.expectations = [RunReport.Expectation(type: "pypi", isMet: true)]
        report.publications = [RunReport.Published(url: "https://upload.example/", status: 200)]
        report.problems = [
            Problem(.policyDenied, subject: "pkg:pypi/new@1", summary: "is denied", remedy: "wait", rule: "min_age")
        ]
    }

    @Test func readsBackWhatItPrints() throws {
        let report = try full()
        #expect(try RunReport(parsing: report.prettyBytes()) == report)
    }

    @Test func readsBackAnEmptyRun() throws {
        var report = try full()
        report = RunReport(
            session: report.session,
            agent: report.agent,
            policy: report.policy,
            started: report.started,
            finished: report.finished
        )
        #expect(try RunReport(parsing: report.prettyBytes()) == report)
    }

    @Test func printsForPeople() throws {
        let printed = text(try full().prettyBytes())
        #expect(printed.hasSuffix("}\n"))
        #expect(printed.contains("\n  \"canary\": \"seen\","))
    }

    @Test func noNoiseIsReadAsSomethingElse() throws {
        let good = try full().prettyBytes()
        for place in good.indices {
            var bad = good
            bad[place] ^= 0x01
            guard let read = try? RunReport(parsing: bad) else { continue }
            #expect(try RunReport(parsing: read.prettyBytes()) == read)
        }
    }

    @Test func refusesUnknownKeysAndTruncation() throws {
        let printed = text(try full().prettyBytes())
        let odd = printed.replacing("\"canary\"", with: "\"budgie\"")
        #expect(throws: Malformed.self) { try RunReport(parsing: Array(odd.utf8)) }
        let short = Array(printed.utf8.dropLast(2))
        #expect(throws: Malformed.self) { try RunReport(parsing: short) }
    }
}
