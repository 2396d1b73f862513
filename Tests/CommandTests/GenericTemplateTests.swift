import Core
import Foundation
import Kernel
import Storage
import Testing

/// A job of one CI system, as far as the template for any system can see it.
struct SystemSample: Sendable, CustomTestStringConvertible {
    let name: String
    let variables: [String: String]
    /// How a job that failed is said in variables; empty where the system says nothing.
    var failed: [String: String] = [:]

    var testDescription: String { name }

    private static let github = [
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": "c0ffee", "GITHUB_RUN_ID": "17",
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_JOB": "build",
    ]

    /// The systems of the agent's own table, in its order.
    static let all = [
        SystemSample(name: "forgejo", variables: github.merging(["FORGEJO_ACTIONS": "true"]) { $1 }),
        SystemSample(name: "github", variables: github),
        SystemSample(
            name: "gitlab",
            variables: ["GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/app", "CI_JOB_NAME": "build"],
            failed: ["CI_JOB_STATUS": "failed"]
        ),
        SystemSample(
            name: "jenkins",
            variables: ["JENKINS_URL": "https://ci.example/", "BUILD_TAG": "17", "JOB_NAME": "build"]
        ),
        SystemSample(
            name: "buildkite",
            variables: ["BUILDKITE": "true", "BUILDKITE_LABEL": "build", "BUILDKITE_BUILD_ID": "17"],
            failed: ["BUILDKITE_COMMAND_EXIT_STATUS": "1"]
        ),
        SystemSample(name: "circleci", variables: ["CIRCLECI": "true", "CIRCLE_JOB": "build"]),
        SystemSample(
            name: "azure",
            variables: ["TF_BUILD": "True", "AGENT_JOBNAME": "build", "AGENT_JOBSTATUS": "Succeeded"],
            failed: ["AGENT_JOBSTATUS": "Canceled"]
        ),
        SystemSample(
            name: "bitbucket",
            variables: ["BITBUCKET_BUILD_NUMBER": "17", "BITBUCKET_STEP_UUID": "build"],
            failed: ["BITBUCKET_EXIT_CODE": "2"]
        ),
        SystemSample(
            name: "travis",
            variables: ["TRAVIS": "true", "TRAVIS_JOB_NAME": "build"],
            failed: ["TRAVIS_TEST_RESULT": "1"]
        ),
        SystemSample(
            name: "drone",
            variables: ["DRONE": "true", "DRONE_STAGE_NAME": "build", "DRONE_BUILD_STATUS": "success"],
            failed: ["DRONE_BUILD_STATUS": "failure"]
        ),
    ]
}

@Suite("The template for any CI system")
struct GenericTemplateTests {
    private static let script = "\(FakeGitLab.root)/ci-templates/generic/purser-ci.sh"

    private func text(_ stage: Stage, _ name: String) throws -> String {
        String(decoding: try Files.readAll("\(stage.job)/\(name)"), as: UTF8.self)
    }

    @Test(arguments: SystemSample.all)
    func runsInEachSystemAndTheReportNamesIt(_ system: SystemSample) async throws {
        let stage = try Stage()
        var environment = system.variables
        environment["PURSER_REPORTS"] = "out"
        let job = try await stage.shell("\(Self.script) run \(Stage.demo)", environment: environment)
        #expect(job.exit == .exited(0), "\(job.errorText)")
        let report = try text(stage, "purser-run.json")
        #expect(report.contains("\"system\": \"\(system.name)\""), "\(report)")
        #expect(report.contains("\"name\": \"build\""))
        #expect(try text(stage, "out/purser.cdx.json").contains("pkg:pypi/demo@1.0"))
        #expect(try text(stage, "out/purser.env").contains("PURSER_VERDICT=passed\n"))
    }

    @Test func stepsOfTheirOwnShellsAreOneSession() async throws {
        let stage = try Stage()
        let start = try await stage.shell("\(Self.script) start")
        #expect(start.exit == .exited(0) && start.output.isEmpty, "\(start.errorText)")
        #expect(try await stage.shell("\(Self.script) exec \(Stage.demo)").exit == .exited(0))
        #expect(try await stage.shell("\(Self.script) exec sh -c 'exit 9'").exit == .exited(9))
        let finish = try await stage.shell("\(Self.script) finish SUCCESS", environment: ["PURSER_REPORTS": "out"])
        #expect(finish.exit == .exited(0), "\(finish.errorText)")
        #expect(finish.errorText.contains("purser: 1 input, "))
        let again = try await stage.shell("\(Self.script) finish FAILURE")
        #expect(again.exit == .exited(0) && again.errorText.contains("purser: 1 input, "), "\(again.errorText)")
    }

    @Test(arguments: SystemSample.all.filter { !$0.failed.isEmpty })
    func aFailedJobIsKnownByTheSystemsOwnWord(_ system: SystemSample) async throws {
        let stage = try Stage()
        // A stand-in that says what it was told.
        try Files.writeAtomically("\(stage.folder)/told", Array("#!/bin/sh\necho \"$@\"\n".utf8), mode: 0o755)
        func told(_ more: [String: String]) async throws -> String {
            let environment = system.variables.merging(["PURSER_BINARY": "../told"]) { $1 }.merging(more) { $1 }
            return try await stage.shell("\(Self.script) finish", environment: environment).outputText
        }
        #expect(try await told([:]) == "finish --job-status success\n")
        #expect(try await told(system.failed).hasPrefix("finish --job-status failure") || system.name == "azure")
        #expect(try await told(system.failed) != told([:]))
        #expect(try await told(["PURSER_JOB_STATUS": "Aborted"]) == "finish --job-status aborted\n")
    }

    @Test func theProgramIsRunOnlyWhenItIsTheOneThatWasAskedFor() async throws {
        let program = "#!/bin/sh\necho ran \"$@\"\n"
        let stage = try Stage(["/purser": .text(program)])
        let digest = Digest.sha256(of: Array(program.utf8)).hex
        let url = ["PURSER_BINARY_URL": "\(stage.upstream.base)purser"]
        func run(_ more: [String: String]) async throws -> ChildReport {
            try await stage.shell("\(Self.script) run true", environment: more)
        }
        let absent = try await run(["PURSER_BINARY": "no-purser"])
        #expect(absent.exit == .exited(2) && absent.errorText.contains("nothing runs uncovered"))
        #expect(try await run(url).exit == .exited(2))
        let zeros = String(repeating: "0", count: 64)
        #expect(try await run(url.merging(["PURSER_BINARY_DIGEST": zeros]) { $1 }).exit == .exited(5))
        #expect(try await run(["PURSER_BINARY_DIGEST": zeros]).exit == .exited(5))
        for _ in 0..<2 {
            let right = try await run(url.merging(["PURSER_BINARY_DIGEST": digest]) { $1 })
            #expect(right.exit == .exited(0) && right.outputText == "ran run -- true\n", "\(right.errorText)")
        }
        // Once for the wrong digest, once for the right one: then it is kept.
        #expect(stage.upstream.heads.filter { $0.hasPrefix("GET /purser ") }.count == 2)
    }

    @Test func pushesWhereThereIsATokenAndNobodySaysNo() async throws {
        let stage = try Stage()
        let script = "#!/bin/sh\necho \"${PURSER_PUSH:-none}\"\n"
        try Files.writeAtomically("\(stage.folder)/told", Array(script.utf8), mode: 0o755)
        func told(_ more: [String: String]) async throws -> String {
            let environment = more.merging(["PURSER_BINARY": "../told"]) { $1 }
            return try await stage.shell("\(Self.script) run true", environment: environment).outputText
        }
        let registry = ["PURSER_REGISTRY": "https://registry.example/main"]
        #expect(try await told(registry) == "none\n")
        #expect(try await told(registry.merging(["PURSER_TOKEN": "t"]) { $1 }) == "true\n")
        #expect(try await told(registry.merging(["PURSER_TOKEN": "t", "PURSER_PUSH": "false"]) { $1 }) == "false\n")
    }
}
