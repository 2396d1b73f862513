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
        let page = GitHubSurface.page(
            report([.init(subject: "<img src=x>|[a](b)`", rule: "r", message: "@team\n# big")]),
            []
        )
        #expect(!page.contains("<img") && !page.contains("[a]") && !page.contains("\n# big") && !page.contains("@team"))
    }
}
