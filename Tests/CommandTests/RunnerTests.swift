import Foundation
import Kernel
import Synchronization
import Testing

/// GitHub's runner as far as steps can see it: each step is a shell of its own with fresh environment files, what they
/// say holds for later steps, and a step that fails ends the job but for those that always run.
final class FakeRunner: Sendable {
    struct Step: Sendable {
        let report: ChildReport
        let outputs: [String: String]
        let summary: String
        /// What the log shows of the step.
        let log: String
    }

    private struct State {
        var environment: [String: String]
        var path: [String] = []
        var masks: [String] = []
        var count = 0
    }

    let stage: Stage
    private let state: Mutex<State>

    init(_ stage: Stage, _ more: [String: String] = [:]) {
        self.stage = stage
        let own = [
            "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": "c0ffee",
            "GITHUB_REF": "refs/heads/main", "GITHUB_RUN_ID": "17", "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_JOB": "build", "GITHUB_ACTOR": "ann", "GITHUB_EVENT_NAME": "push", "RUNNER_TEMP": stage.temporary,
            "RUNNER_TRACKING_ID": "github_0000",
        ]
        state = Mutex(State(environment: own.merging(more) { _, new in new }))
    }

    var environment: [String: String] { state.withLock { $0.environment } }

    func step(_ script: String) async throws -> Step {
        let (number, before) = state.withLock { state in
            state.count += 1
            var environment = state.environment
            environment["PATH"] = (state.path.reversed() + [stage.environment["PATH"] ?? ""]).joined(separator: ":")
            return (state.count, environment)
        }
        var environment = before
        let names = ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]
        for name in names {
            environment[name] = "\(stage.folder)/\(name)-\(number)"
            try Files.writeAtomically("\(stage.folder)/\(name)-\(number)", [])
        }
        let report = try await stage.shell("set -eo pipefail; \(script)", environment: environment)
        func text(_ name: String) throws -> String {
            String(decoding: try Files.readAll("\(stage.folder)/\(name)-\(number)"), as: UTF8.self)
        }
        let (set, added, outputs) = try (
            FakeRunner.values(text("GITHUB_ENV")), text("GITHUB_PATH"), FakeRunner.values(text("GITHUB_OUTPUT"))
        )
        let log = report.outputText + report.errorText
        let masks = log.split(separator: "\n").filter { $0.hasPrefix("::add-mask::") }.map { String($0.dropFirst(12)) }
        let all = state.withLock { state in
            for (name, value) in set {
                precondition(!name.hasPrefix("GITHUB_") && !name.hasPrefix("RUNNER_") && name != "NODE_OPTIONS")
                state.environment[name] = value
            }
            state.path += added.split(separator: "\n").map(String.init)
            state.masks += masks
            return state.masks
        }
        let shown = log.split(separator: "\n").filter { !$0.hasPrefix("::add-mask::") }.joined(separator: "\n")
        return Step(
            report: report,
            outputs: outputs,
            summary: try text("GITHUB_STEP_SUMMARY"),
            log: all.reduce(shown) { $0.replacingOccurrences(of: $1, with: "***") }
        )
    }

    /// `NAME=value` and `NAME<<MARK … MARK`.
    static func values(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        var lines = text.components(separatedBy: "\n")[...]
        while let line = lines.popFirst() {
            if let sign = line.firstIndex(of: "="), !line[..<sign].contains("<<") {
                values[String(line[..<sign])] = String(line[line.index(after: sign)...])
            } else if let range = line.range(of: "<<") {
                let mark = String(line[range.upperBound...])
                let body = lines.prefix { $0 != mark }
                lines = lines.dropFirst(body.count + 1)
                values[String(line[..<range.lowerBound])] = body.joined(separator: "\n")
            }
        }
        return values
    }
}

@Suite("A job of GitHub Actions")
struct RunnerTests {
    @Test func hasASessionFromItsFirstStepToItsLast() async throws {
        let runner = FakeRunner(try Stage())
        let start = try await runner.step("purser start --mode enforce")
        #expect(start.report.exit == .exited(0), "\(start.log)")
        #expect(start.report.output.isEmpty)
        let install = try await runner.step("purser mark install; \(Stage.demo)")
        #expect(install.report.exit == .exited(0), "\(install.log)")
        let build = try await runner.step("env; \(Stage.fresh)")
        #expect(build.report.exit == .exited(22), "\(build.log)")
        #expect(build.log.contains("https_proxy=http://purser:***@127.0.0.1:"))
        let finish = try await runner.step("purser finish --job-status failure")
        #expect(finish.report.exit == .exited(3), "\(finish.log)")
        #expect(finish.log.contains("::error title=purser min_age::1 denied: pkg:pypi/fresh@1.0"))
        #expect(finish.summary.contains("### Purser: ❌ failed: 1 denied"), "\(finish.summary)")
        #expect(finish.summary.contains("| denied | pkg:pypi/fresh&#64;1.0 | min&#95;age |"))
        #expect(finish.summary.contains("[build](https://github.com/acme/app/actions/runs/17)"))
        #expect(finish.summary.contains("```yaml\nexempt:\n  - { purl: \"pkg:pypi/fresh@1.0\", rule: min_age"))
        #expect(finish.outputs["denied-count"] == "1")
        #expect(finish.outputs["manifest"] == "\(runner.stage.job)/purser.lock")
        #expect(finish.outputs["manifest-digest"]?.hasPrefix("sha256:") == true)
        let late = try await runner.step(
            #"test -z "$https_proxy$HTTPS_PROXY$APT_CONFIG$PURSER_SESSION"; curl -s $UPSTREAM"#
        )
        #expect(late.report.exit == .exited(0), "\(late.log)")
        #expect(late.report.outputText == "nothing here")
    }

    @Test(.enabled(if: Files.exists("/usr/lib/python3/dist-packages/pip"), "pip is not here"))
    func letsPipAndCurlOfLaterStepsThroughTheAgent() async throws {
        let runner = FakeRunner(try Stage())
        _ = try await runner.step("purser start --expect pypi")
        let install = "python3 -m pip install --disable-pip-version-check --no-cache-dir --target out demo"
        let pip = try await runner.step("purser mark 'pip install'; \(install)")
        #expect(pip.report.exit == .exited(0), "\(pip.log)")
        let curl = try await runner.step("purser mark curl; \(Stage.fresh)")
        #expect(curl.report.exit == .exited(0), "\(curl.log)")
        let finish = try await runner.step("purser finish")
        #expect(finish.report.exit == .exited(0), "\(finish.log)")
        #expect(finish.summary.contains("⚠️ passed, but enforce would deny 1"), "\(finish.summary)")
        let report = try SeenReport.read("\(runner.stage.job)/purser-run.json")
        #expect(report.recipe.steps == ["pip install", "curl"])
        let demo = try #require(report.fetches?.first { $0.purl.contains("/demo@") }?.asked)
        #expect(demo.step == "pip install" && demo.client?.hasPrefix("pip/") == true)
        #expect(demo.command?.contains("-m pip install") == true)
    }

    @Test func isToldOnceHoweverOftenItIsFinished() async throws {
        let runner = FakeRunner(try Stage())
        _ = try await runner.step("purser start --mode enforce")
        _ = try await runner.step("\(Stage.fresh) || true")
        // The environment of the job is given back by the first, so that the action keeps the folder itself.
        let session = try #require(runner.environment["PURSER_SESSION"])
        let first = try await runner.step("purser finish")
        let second = try await runner.step("purser finish --session \(session)")
        #expect(first.report.exit == .exited(3) && second.report.exit == .exited(3), "\(second.log)")
        #expect(second.summary.isEmpty && !second.log.contains("::error"))
        #expect(second.outputs == first.outputs)
    }

    @Test func aJobWhoseAgentDiedFailsAndSaysSo() async throws {
        let runner = FakeRunner(try Stage())
        _ = try await runner.step("purser start")
        let kill = try await runner.step(
            #"kill -9 $(sed 's/.*"process":\([0-9]*\).*/\1/' "$PURSER_SESSION/session.json"); sleep 0.2"#
        )
        #expect(kill.report.exit == .exited(0), "\(kill.log)")
        #expect(try await runner.step(Stage.demo).report.exit == .exited(7))
        let finish = try await runner.step("purser finish")
        #expect(finish.report.exit == .exited(14))
        #expect(finish.log.contains("::error title=purser session.agent-died::"))
    }

    @Test func secretsOfTheJobDoNotReachItsSteps() async throws {
        let runner = FakeRunner(try Stage(), ["PURSER_TOKEN": "tok-7f3a1d"])
        let start = try await runner.step("purser start")
        let step = try await runner.step(
            #"echo "token ${PURSER_TOKEN:-none}"; cat /proc/*/environ 2>/dev/null | tr '\0' '\n' | grep -c tok-7f || true"#
        )
        #expect(step.report.outputText.hasPrefix("token none\n0"), "\(step.log)")
        #expect(!start.log.contains("tok-7f3a1d"))
        #expect(try await runner.step("purser finish -q").report.exit == .exited(0))
    }

    @Test func aVariableOfSeveralLinesComesThrough() {
        #expect(FakeRunner.values("A<<x\n1\n2\nx\nB=3\n") == ["A": "1\n2", "B": "3"])
    }
}
