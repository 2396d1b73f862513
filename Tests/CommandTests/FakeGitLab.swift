import Foundation
import Kernel

/// A job of a component of `ci-templates/gitlab`, as GitLab expands it.
struct GitLabJob: Decodable {
    /// A text, or a text that GitLab does not expand.
    enum Variable: Decodable {
        case expanded(String)
        case raw(String)

        private enum Key: CodingKey { case value, expand }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .expanded(text)
                return
            }
            let fields = try decoder.container(keyedBy: Key.self)
            let text = try fields.decode(String.self, forKey: .value)
            self = try fields.decodeIfPresent(Bool.self, forKey: .expand) ?? true ? .expanded(text) : .raw(text)
        }
    }

    struct Artifacts: Decodable {
        let when: String
        let paths: [String]
        let reports: [String: String]
    }

    let variables: [String: Variable]
    var before_script: [String]
    var script: [String]?
    var after_script: [String]
    let artifacts: Artifacts
}

/// GitLab with its runner as far as a job can see them: variables, one shell for `before_script` and `script`, another for
/// `after_script` whose end counts for nothing, and what is picked up afterwards.
struct FakeGitLab: Sendable {
    struct Result: Sendable {
        let status: Int32
        let log: String
        /// What the runner found of the artifacts' paths and reports.
        let kept: Set<String>
    }

    /// Shells that the runner finds in images.
    enum Shell: String, CaseIterable { case bash, sh }

    static let token = "glcbt-64_f00dfeed-canary"
    static let root = URL(fileURLWithPath: Stage.fixture("x")).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// A Python with the YAML reader that `scripts/packages.sh clients` installs.
    static let python: String? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates = path.split(separator: ":").map { "\($0)/python3" }
        return candidates.first { candidate in
            let library = "\(candidate.dropLast("/bin/python3".count))/lib"
            let versions = (try? Files.list(library)) ?? []
            return versions.contains { Files.exists("\(library)/\($0)/site-packages/ruamel") }
        }
    }()

    let stage: Stage
    private let more: [String: String]

    init(_ stage: Stage, _ more: [String: String] = [:]) {
        self.stage = stage
        self.more = more
    }

    /// The component `name` with these inputs, and what the tool that expands it said.
    func expand(_ name: String, _ inputs: [String: String]) async throws -> (job: GitLabJob?, errors: String) {
        let template = "\(FakeGitLab.root)/ci-templates/gitlab/templates/\(name).yml"
        let words = [FakeGitLab.python ?? "python3", "\(FakeGitLab.root)/scripts/gitlab-component.py", template]
        let report = try await ChildProcess.run(
            ChildCommand(
                words + inputs.map { "\($0)=\($1)" },
                environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]
            ),
            limits: RunLimits(seconds: 30)
        )
        guard report.exit == .exited(0) else { return (nil, report.errorText) }
        let jobs = try JSONDecoder().decode([String: GitLabJob].self, from: Data(report.output))
        return (jobs.values.first, "")
    }

    /// Expands the component and runs its job; `script` is that of a job which extends it.
    func run(
        _ name: String,
        _ inputs: [String: String],
        script: [String]? = nil,
        shell: Shell = .bash,
        changing change: (inout GitLabJob) -> Void = { _ in }
    ) async throws -> Result {
        var inputs = inputs
        inputs["upstream"] = stage.environment["PURSER_UPSTREAM"]
        let expanded = try await expand(name, inputs)
        guard var job = expanded.job else { throw NoJob(text: expanded.errors) }
        job.script = script ?? job.script
        change(&job)
        let environment = variables(of: job)
        let lines = job.before_script + (job.script ?? [])
        let main = try await shell.run(lines, stage, environment)
        var after = environment
        after["CI_JOB_STATUS"] = main.exit == .exited(0) ? "success" : "failed"
        let last = try await shell.run(job.after_script, stage, after)
        let names = job.artifacts.paths + job.artifacts.reports.values
        return Result(
            status: main.exit.status,
            log: main.outputText + main.errorText + last.outputText + last.errorText,
            kept: Set(names.filter { Files.exists("\(stage.job)/\($0)") })
        )
    }

    struct NoJob: Error { let text: String }

    private func variables(of job: GitLabJob) -> [String: String] {
        var all = stage.environment
        all["PURSER_CACHE"] = nil
        let own = [
            "CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": stage.job, "CI_PROJECT_ID": "7",
            "CI_PROJECT_PATH": "acme/app", "CI_COMMIT_SHA": "c0ffee", "CI_COMMIT_REF_NAME": "main",
            "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_ID": "17", "CI_JOB_NAME": "build",
            "CI_API_V4_URL": "\(stage.upstream.base)api/v4", "CI_JOB_TOKEN": FakeGitLab.token,
            "CI_JOB_URL": "https://gitlab.example/acme/app/-/jobs/3", "GITLAB_USER_LOGIN": "ann",
        ]
        all.merge(own) { $1 }
        all.merge(more) { $1 }
        let known = all
        for (name, variable) in job.variables {
            switch variable {
            case .raw(let text): all[name] = text
            case .expanded(let text): all[name] = FakeGitLab.expanded(text, known)
            }
        }
        return all
    }

    /// `$NAME` and `${NAME}`, as GitLab does before any shell sees a variable.
    static func expanded(_ text: String, _ values: [String: String]) -> String {
        text.replacing(#/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/#) { match in
            values[String(match.output.1 ?? match.output.2 ?? "")] ?? ""
        }
    }
}

extension FakeGitLab.Shell {
    /// What the runner makes of a line that fails with `status`: its bash makes 1 of every failure behind `eval`.
    func status(_ status: Int32) -> Int32 { self == .bash ? 1 : status }

    /// As the runner's generated script does it: everything is one text, given to `eval` behind a pipe.
    fileprivate func run(
        _ lines: [String],
        _ stage: Stage,
        _ environment: [String: String]
    ) async throws -> ChildReport {
        let text = lines.joined(separator: "\n").replacingOccurrences(of: "'", with: #"'\''"#)
        let start = self == .bash ? "set -eo pipefail; set +o noclobber" : "set -o errexit; set +o noclobber"
        return try await ChildProcess.run(
            ChildCommand(
                ["/bin/\(rawValue)", "-c", "\(start)\n: | eval '\(text)'\nexit 0\n"],
                environment: environment,
                workingDirectory: stage.job
            ),
            limits: RunLimits(seconds: 60)
        )
    }
}
