import Core
import Manifest
import Storage
import Testing

@testable import Session

@Suite("GitHub")
struct GitHubSurfaceTests {
    private func report(_ denials: [RunReport.Denial], mode: String = "enforce") -> RunReport {
        var report = RunReport(
            session: "s",
            agent: "purser 0",
            policy: RunReport.PolicyUse(digest: .sha256(of: []), mode: mode),
            started: Timestamp(seconds: 0),
            finished: Timestamp(seconds: 1)
        )
        report.blocked = denials
        return report
    }

    private func page(_ report: RunReport, _ failures: [Problem]) -> String {
        SummaryPage(report: report, failures: failures).text
    }

    @Test func oneAnnotationForEachRule() {
        let denials = (0..<9).map { RunReport.Denial(subject: "pkg:npm/a@\($0)", rule: "min_age", message: "is young") }
        let lines = GitHubSurface.annotations(report(denials + [.init(subject: "b", rule: "block", message: "m")]), [])
        #expect(lines.count == 2)
        #expect(lines[0] == "::error title=purser block::1 denied: b; m")
        #expect(lines[1].contains("9 denied") && lines[1].contains("and 4 more"))
    }

    @Test func aNameCannotWriteACommand() {
        let evil = "x\n::set-env name=PATH::/evil\r%0A"
        let lines = GitHubSurface.annotations(report([.init(subject: evil, rule: "a,b:c", message: evil)]), [])
        #expect(lines.count == 1)
        #expect(!lines[0].contains("\n") && !lines[0].contains("\r"))
        #expect(lines[0].hasPrefix("::error title=purser a%2Cb%3Ac::1 denied: x%0A::set-env"))
        #expect(
            Console.harmless("a\n  ::warning::x\n##vso[task.x]\nstd::cout")
                == "a\n  : :warning::x\n# #vso[task.x]\nstd::cout"
        )
    }

    @Test func aNameCannotWriteMarkup() {
        let page = page(
            report([.init(subject: "<img src=x>|[a](b)`", rule: "r", message: "@team\n# big")]),
            []
        )
        #expect(!page.contains("<img") && !page.contains("[a]") && !page.contains("\n# big") && !page.contains("@team"))
    }

    @Test func aPageIsCutAtALineBeforeGitHubRefusesIt() {
        let denials = (0..<40_000).map { RunReport.Denial(subject: "pkg:npm/a\($0)@1", rule: "r", message: "young") }
        #expect(page(report(denials), []).contains("39950 more stand in the run report"))
        let long = String(repeating: "word word\n", count: 200_000)
        let cut = GitHubSurface.cut(long, to: GitHubSurface.pageLimit)
        #expect(cut.utf8.count <= GitHubSurface.pageLimit)
        #expect(cut.hasSuffix("word word\n\nThe rest does not fit; it stands in the run report.\n"))
        #expect(GitHubSurface.cut("short\n", to: 100) == "short\n")
        #expect(GitHubSurface.cut(long, to: -5) == "")
    }

    @Test func thePageTellsWhatWasWarnedOfHiddenAndMissed() {
        var report = report([])
        report.gaps = [RunReport.GapCount(kind: "non-get", host: "registry.npmjs.org", count: 2)]
        var page = SummaryPage(report: report, failures: [])
        page.warned = (0..<60).map { "pkg:npm/a@\($0) is deprecated" }
        page.missed = [
            RunReport.Denial(subject: "pkg:npm/b@1", rule: "yanked", message: "is deprecated", exemption: "- x")
        ]
        #expect(page.text.contains("- gap: non-get registry.npmjs.org (2×): requests that upload or ask"))
        #expect(page.text.contains("- policy warned of pkg:npm/a&#64;49 is deprecated\n"))
        #expect(page.text.contains("- policy warned of 10 more, see the run report\n"))
        #expect(page.text.contains("| hidden from the command, which failed | pkg:npm/b&#64;1 | yanked |"))
        #expect(page.text.contains("exempt:\n  - x\n"))
    }

    @Test func aPackageOfWhichNoReleaseIsLetInIsOneLineWithTheOneThatIsAllowedFirst() {
        let denials = (1...7).map { number in
            let time = Timestamp(seconds: Int64(100 - number))
            return RunReport.Denial(
                subject: "pkg:npm/a@1.\(number)",
                rule: "min_age",
                message: "is young",
                allowedFrom: time,
                exemption: "- {purl: a@1.\(number)}"
            )
        }
        let more = RunReport.Denial(subject: "pkg:npm/a@1.2", rule: "block", message: "is on the list")
        let packages = RefusedPackage.gather(denials + denials + [more])
        #expect(packages.map(\.told.subject) == ["pkg:npm/a@1.7", "pkg:npm/a@1.2"])
        #expect(packages.first?.others == "6 releases more: 1.1, 1.2, 1.3, 1.4 and 2 more")
        #expect(packages.last?.others == nil)
        let text = page(report(denials), [])
        #expect(text.contains("| denied | pkg:npm/a&#64;1.7 | min&#95;age | is young; 6 releases more: 1.1, "))
        #expect(text.ranges(of: "| denied |").count == 1)
        #expect(text.contains("  - {purl: a@1.1}\n") && text.contains("  - {purl: a@1.7}\n"))
    }

    @Test func anExemptionCannotLeaveItsFence() {
        var denial = RunReport.Denial(subject: "a", rule: "r", message: "m")
        denial.exemption = "- {x: `y`}\n```\n# big"
        let text = page(report([denial]), [])
        #expect(text.contains("```yaml\nexempt:\n  - {x: y}# big\n```\n"))
    }
}
