import Core
import Foundation
import Kernel
import Storage
import Testing

@Suite(
    "A job of GitLab CI",
    .enabled(
        if: FakeGitLab.python != nil,
        "there is no Python with ruamel.yaml; scripts/packages.sh clients installs one"
    )
)
struct GitLabTests {
    private static let reports: Set = ["purser.cdx.json", "purser.codequality.json", "purser.env"]
    private static let papers: Set = ["purser.lock", "purser-run.json", "purser.intoto.json"]
    private static let needed = ["image": "debian:12", "command": Stage.demo]

    private func text(_ stage: Stage, _ name: String) throws -> String {
        String(decoding: try Files.readAll("\(stage.job)/\(name)"), as: UTF8.self)
    }

    @Test func buildsBehindTheAgentAndLeavesItsReports() async throws {
        let stage = try Stage()
        // GitLab itself expands variables before a shell sees them, but not those of the command.
        let command = "x=kept; \(Stage.demo); test \"$x\" = kept\nmkdir dist; echo built > dist/app"
        let inputs = ["image": "debian:12", "command": command, "artifact": "dist/*"]
        let result = try await FakeGitLab(stage).run("build", inputs)
        #expect(result.status == 0, "\(result.log)")
        #expect(result.kept == Self.papers.union(Self.reports).union(["dist/"]))
        #expect(try text(stage, "purser.cdx.json").contains("\"purl\": \"pkg:pypi/demo@1.0\""))
        #expect(try text(stage, "purser.codequality.json") == "[]\n")
        let variables = try text(stage, "purser.env")
        #expect(variables.hasPrefix("PURSER_VERDICT=passed\nPURSER_BUILD="), "\(variables)")
        #expect(variables.contains("PURSER_INPUT_COUNT=1\nPURSER_ARTIFACT_COUNT=1\nPURSER_DENIED_COUNT=0\n"))
        #expect(try text(stage, "purser-run.json").contains("\"system\": \"gitlab\""))
        // What the log says of it can be folded away.
        let fold = result.log.ranges(of: /section_start:\d+:(purser_\d+)\r[^\u{0}]*section_end:\d+:purser_\d+\r/)
        #expect(fold.count == 1, "\(result.log)")
    }

    @Test func aDenialFailsTheJobAndIsInItsReports() async throws {
        let stage = try Stage()
        let inputs = ["image": "debian:12", "command": "\(Stage.fresh) || true", "mode": "enforce"]
        let result = try await FakeGitLab(stage).run("build", inputs)
        #expect(result.status == 125, "\(result.log)")
        #expect(result.kept.isSuperset(of: Self.papers.union(Self.reports)))
        let quality = try text(stage, "purser.codequality.json")
        #expect(quality.contains("\"check_name\": \"purser min_age\"") && quality.contains("\"severity\": \"blocker\""))
        #expect(try text(stage, "purser.env").contains("PURSER_VERDICT=failed\n"))
    }

    @Test func aCommandsOwnFailureIsTheJobsAndTheCommittedManifestStays() async throws {
        let stage = try Stage()
        #expect(try await stage.shell("purser run -q -- true && cp purser.lock ../old.lock").exit == .exited(0))
        let inputs = ["image": "debian:12", "command": "\(Stage.demo); exit 7"]
        let result = try await FakeGitLab(stage).run("build", inputs)
        #expect(result.status == 7, "\(result.log)")
        #expect(try text(stage, "purser.lock") == text(stage, "../old.lock"))
        // The report is of the run that failed, not of the manifest that was there.
        #expect(result.kept.contains("purser-run.d/"))
        #expect(try text(stage, "purser.cdx.json").contains("pypi/demo"))
        #expect(try text(stage, "purser.env").contains("PURSER_VERDICT=failed\n"))
    }

    @Test(arguments: FakeGitLab.Shell.allCases)
    func aSessionSpansTheScript(_ shell: FakeGitLab.Shell) async throws {
        let stage = try Stage()
        let script = [Stage.demo, "test -n \"$PURSER_SESSION\"", "purser finish"]
        let result = try await FakeGitLab(stage).run("session", [:], script: script, shell: shell)
        #expect(result.status == 0, "\(result.log)")
        #expect(result.kept == Self.papers.union(Self.reports))
        #expect(result.log.contains("purser: 1 input, ") && !result.log.contains("finishing for it"))
        let stopped = try await FakeGitLab(stage).run(
            "session",
            ["mode": "enforce"],
            script: ["\(Stage.fresh) || true", "purser finish", "touch late"],
            shell: shell
        )
        #expect(stopped.status == shell.status(3), "\(stopped.log)")
        #expect(!Files.exists("\(stage.job)/late"))
    }

    @Test(arguments: FakeGitLab.Shell.allCases)
    func aScriptThatForgetsToFinishIsFinishedAndStillFails(_ shell: FakeGitLab.Shell) async throws {
        let stage = try Stage()
        let good = try await FakeGitLab(stage).run("session", [:], script: [Stage.demo], shell: shell)
        #expect(good.status == 0, "\(good.log)")
        #expect(good.log.contains("does not end with 'purser finish'"))
        #expect(good.kept == Self.papers.union(Self.reports))
        let script = ["\(Stage.fresh) || true"]
        let ignored = try await FakeGitLab(stage).run(
            "session",
            ["mode": "enforce"],
            script: script + ["purser finish || true"],
            shell: shell
        )
        #expect(ignored.status == 3, "\(ignored.log)")
    }

    @Test func whatAForgottenFinishSaysIsTheJobsVerdict() async throws {
        let script = ["\(Stage.fresh) || true"]
        let result = try await FakeGitLab(try Stage()).run("session", ["mode": "enforce"], script: script)
        #expect(result.status == 3, "\(result.log)")
    }

    @Test func aScriptThatFailsLeavesItsPapers() async throws {
        let stage = try Stage()
        let script = [Stage.demo, "false", "purser finish"]
        let result = try await FakeGitLab(stage).run("session", [:], script: script)
        #expect(result.status == 1, "\(result.log)")
        #expect(result.kept.isSuperset(of: Self.reports.union(["purser-run.json"])), "\(result.kept)")
        #expect(try text(stage, "purser.cdx.json").contains("pypi/demo"))
    }

    @Test func withoutASessionNoLineOfTheScriptRuns() async throws {
        let stage = try Stage()
        let started = try await FakeGitLab(stage).run(
            "session",
            ["policy": "gone.yml"],
            script: ["touch ran", "purser finish"]
        )
        #expect(started.status == 2, "\(started.log)")
        let absent = try await FakeGitLab(stage).run("session", ["binary": "no-purser"], script: ["touch ran"])
        #expect(absent.status == 2 && absent.log.contains("nothing runs uncovered"), "\(absent.log)")
        #expect(!Files.exists("\(stage.job)/ran"))
    }

    @Test func aJobThatReplacesTheStartCannotFinish() async throws {
        let stage = try Stage()
        let first = try await FakeGitLab(stage).run("session", [:], script: ["purser finish"])
        #expect(first.status == 0, "\(first.log)")
        let result = try await FakeGitLab(stage).run("session", [:], script: ["purser finish"]) { job in
            job.before_script = ["echo mine"]
        }
        #expect(result.status == FakeGitLab.Shell.bash.status(14), "\(result.log)")
    }

    @Test func anAgentThatDiesFailsTheJob() async throws {
        let stage = try Stage()
        let kill = #"kill -9 $(sed 's/.*"process":\([0-9]*\).*/\1/' "$PURSER_SESSION/session.json"); sleep 0.2"#
        let result = try await FakeGitLab(stage).run("session", [:], script: [Stage.demo, kill, "purser finish"])
        #expect(result.status == FakeGitLab.Shell.bash.status(14), "\(result.log)")
        #expect(result.log.contains("session.agent-died"))
    }

    @Test func theProgramIsRunOnlyWhenItIsTheOneThatWasAskedFor() async throws {
        let marker = "#!/bin/sh\ntouch ran\n"
        let stage = try Stage(["/api/v4/projects/7/packages/generic/purser/1/purser": .text(marker)])
        let gitlab = FakeGitLab(stage)
        let url = "$CI_API_V4_URL/projects/7/packages/generic/purser/1/purser"
        let zeros = String(repeating: "0", count: 64)
        let wrong = try await gitlab.run("build", Self.needed.merging(["binary-digest": zeros]) { $1 })
        #expect(wrong.status == 5 && wrong.log.contains("is not the program with SHA-256 \(zeros)"), "\(wrong.log)")
        let careless = try await gitlab.run("build", Self.needed.merging(["binary-url": url]) { $1 })
        #expect(careless.status == 2 && careless.log.contains("binary-url needs binary-digest"), "\(careless.log)")
        let other = try await gitlab.run(
            "build",
            Self.needed.merging(["binary-url": url, "binary-digest": zeros]) { $1 }
        )
        #expect(other.status == 5, "\(other.log)")
        #expect(!Files.exists("\(stage.job)/ran"))
        let digest = Digest.sha256(of: Array(marker.utf8)).hex
        let right = try await gitlab.run(
            "build",
            Self.needed.merging(["binary-url": url, "binary-digest": digest]) { $1 }
        )
        #expect(right.status == 0 && Files.exists("\(stage.job)/ran"), "\(right.log)")
        let asked = stage.upstream.heads.filter { $0.contains("/packages/generic/purser/") }
        #expect(asked.count == 2 && asked.allSatisfy { $0.contains("JOB-TOKEN: \(FakeGitLab.token)") }, "\(asked)")
    }

    @Test func theProjectsOwnRegistryGetsTheJobsTokenAndNoPaperHasIt() async throws {
        let packages = "/api/v4/projects/7/packages/pypi"
        let wheel = try Files.readAll(Stage.fixture("Fixtures/demo-1.0-py3-none-any.whl"))
        let digest = Digest.sha256(of: wheel).hex
        let file = "files/\(digest)/demo-1.0-py3-none-any.whl"
        let page = "<a href=\"../../\(file)#sha256=\(digest)\">demo-1.0-py3-none-any.whl</a>"
        let stage = try Stage([
            "\(packages)/simple/demo/": .text(page, type: "text/html"),
            "\(packages)/\(file)": FakeAnswer(headers: ["Content-Type: application/octet-stream"], body: wheel),
        ])
        let base = "${CI_API_V4_URL}/projects/7/packages/pypi"
        let fetch = "curl -sSf --noproxy '' -u \"gitlab-ci-token:$CI_JOB_TOKEN\" -o"
        let inputs = [
            "image": "debian:12", "gitlab-registries": "true",
            "command": "\(fetch) page \"\(base)/simple/demo/\"\n\(fetch) demo.whl \"\(base)/\(file)\"",
        ]
        let result = try await FakeGitLab(stage).run("build", inputs)
        #expect(result.status == 0, "\(result.log)")
        let lock = try text(stage, "purser.lock")
        #expect(lock.contains("pkg:pypi/demo@1.0"), "\(lock)")
        let asked = stage.upstream.heads.filter { $0.contains(packages) }
        #expect(asked.count >= 2 && asked.allSatisfy { $0.lowercased().contains("authorization: basic ") }, "\(asked)")
        let basic = Data("gitlab-ci-token:\(FakeGitLab.token)".utf8).base64EncodedString()
        for name in Self.papers.union(Self.reports) {
            let content = try text(stage, name)
            #expect(!content.contains(FakeGitLab.token) && !content.contains(basic), "\(name): \(content)")
        }
    }

    @Test func inputsAreCheckedAsGitLabDoes() async throws {
        let gitlab = FakeGitLab(try Stage())
        #expect(try await gitlab.expand("build", [:]).errors.contains("the input image is needed"))
        #expect(try await gitlab.expand("session", ["mod": "x"]).errors.contains("there is no input mod"))
        #expect(try await gitlab.expand("session", ["mode": "x"]).errors.contains("mode is none of"))
        #expect(try await gitlab.expand("session", ["binary-digest": "abc"]).errors.contains("is not of the form"))
    }
}
