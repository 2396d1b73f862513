internal import Core

/// What the CI system says about the job, read from its variables. One row a system; see `docs/ci.md`.
public struct CIEnvironment: Hashable, Sendable {
    public let name: String
    /// Without credentials.
    public let repository: String?
    public let commit: String?
    public let ref: String?
    public let run: String?
    /// The workflow or pipeline file, where the system tells.
    public let recipe: String?
    /// True on a branch or tag that only trusted people can write; false for pull requests and where nothing is said.
    public let isProtected: Bool

    /// A system's variables, in the order in which they are tried.
    struct Row: Sendable {
        let name: String
        /// This variable set marks the system.
        let mark: String
        let repository: [String]
        let commit: [String]
        let ref: [String]
        let run: [String]
        let recipe: [String]
        let protected: (name: String, value: String)?
    }

    static let rows: [Row] = [
        Row(
            name: "github",
            mark: "GITHUB_ACTIONS",
            repository: ["GITHUB_REPOSITORY"],
            commit: ["GITHUB_SHA"],
            ref: ["GITHUB_REF"],
            run: ["GITHUB_RUN_ID"],
            recipe: ["GITHUB_WORKFLOW_REF"],
            protected: ("GITHUB_REF_PROTECTED", "true")
        ),
        Row(
            name: "gitlab",
            mark: "GITLAB_CI",
            repository: ["CI_PROJECT_PATH"],
            commit: ["CI_COMMIT_SHA"],
            ref: ["CI_COMMIT_REF_NAME"],
            run: ["CI_PIPELINE_ID"],
            recipe: ["CI_CONFIG_PATH"],
            protected: ("CI_COMMIT_REF_PROTECTED", "true")
        ),
        Row(
            name: "jenkins",
            mark: "JENKINS_URL",
            repository: ["GIT_URL"],
            commit: ["GIT_COMMIT"],
            ref: ["GIT_BRANCH", "BRANCH_NAME"],
            run: ["BUILD_TAG"],
            recipe: [],
            protected: nil
        ),
        Row(
            name: "buildkite",
            mark: "BUILDKITE",
            repository: ["BUILDKITE_REPO"],
            commit: ["BUILDKITE_COMMIT"],
            ref: ["BUILDKITE_BRANCH"],
            run: ["BUILDKITE_BUILD_ID"],
            recipe: [],
            protected: nil
        ),
        Row(
            name: "circleci",
            mark: "CIRCLECI",
            repository: ["CIRCLE_REPOSITORY_URL"],
            commit: ["CIRCLE_SHA1"],
            ref: ["CIRCLE_BRANCH", "CIRCLE_TAG"],
            run: ["CIRCLE_WORKFLOW_ID"],
            recipe: [],
            protected: nil
        ),
        Row(
            name: "azure",
            mark: "TF_BUILD",
            repository: ["BUILD_REPOSITORY_URI"],
            commit: ["BUILD_SOURCEVERSION"],
            ref: ["BUILD_SOURCEBRANCH"],
            run: ["BUILD_BUILDID"],
            recipe: [],
            protected: nil
        ),
    ]

    /// The first system whose mark is set, or nil outside CI.
    public static func detect(_ environment: [String: String]) -> CIEnvironment? {
        guard let row = rows.first(where: { !(environment[$0.mark] ?? "").isEmpty }) else { return nil }
        func first(_ names: [String]) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        return CIEnvironment(
            name: row.name,
            repository: first(row.repository).map(SourceState.withoutCredentials),
            commit: first(row.commit),
            ref: first(row.ref),
            run: first(row.run),
            recipe: first(row.recipe),
            isProtected: row.protected.map { environment[$0.name] == $0.value } ?? false
        )
    }
}
