/// One CI system: the variables that it documents, and what each is read as.
struct CISystem: Sendable {
    /// What a variable is read as.
    enum Item: Sendable {
        case repository, commit, ref, branch, defaultBranch, run, recipe, job, actor
    }

    /// A question about the variables.
    enum Sign: Sendable {
        case equals(String, String)
        /// Set, and not to `false`, with which some systems say no.
        case isSet(String)
        case begins(String, String)
    }

    let name: String
    /// One of these being set marks the system.
    let marks: [String]
    /// The first that is set and not empty counts.
    let items: [Item: [String]]
    /// Where a person sees the run: a text with `{VARIABLE}`s, of which the first whose variables are all set counts.
    let links: [String]
    var protected: Sign?
    var pullRequest: Sign?
    /// Said outright that this is the default branch, where the system names none.
    var isDefault: Sign?
}

extension CISystem.Sign {
    func holds(in environment: [String: String]) -> Bool {
        switch self {
        case .equals(let name, let value): environment[name] == value
        case .isSet(let name): !["", "false"].contains(environment[name] ?? "")
        case .begins(let name, let start): (environment[name] ?? "").hasPrefix(start)
        }
    }
}

extension CISystem {
    /// In the order in which they are tried: those that set another's mark as well come first.
    static let all: [CISystem] =
        [
            // Forgejo and Gitea run GitHub's actions and set GitHub's variables.
            github("forgejo", marks: ["FORGEJO_ACTIONS", "GITEA_ACTIONS"]),
            github("github", marks: ["GITHUB_ACTIONS"]),
            CISystem(
                name: "gitlab",
                marks: ["GITLAB_CI"],
                items: [
                    .repository: ["CI_PROJECT_PATH"], .commit: ["CI_COMMIT_SHA"], .ref: ["CI_COMMIT_REF_NAME"],
                    .branch: ["CI_COMMIT_BRANCH"], .defaultBranch: ["CI_DEFAULT_BRANCH"], .run: ["CI_PIPELINE_ID"],
                    .recipe: ["CI_CONFIG_PATH"], .job: ["CI_JOB_NAME"], .actor: ["GITLAB_USER_LOGIN"],
                ],
                links: ["{CI_JOB_URL}", "{CI_PIPELINE_URL}"],
                protected: .equals("CI_COMMIT_REF_PROTECTED", "true"),
                pullRequest: .isSet("CI_MERGE_REQUEST_IID")
            ),
            CISystem(
                name: "jenkins",
                marks: ["JENKINS_URL"],
                items: [
                    .repository: ["GIT_URL"], .commit: ["GIT_COMMIT"], .ref: ["GIT_BRANCH", "BRANCH_NAME"],
                    .branch: ["BRANCH_NAME"], .run: ["BUILD_TAG"], .job: ["JOB_NAME"],
                    .actor: ["CHANGE_AUTHOR", "BUILD_USER_ID"],
                ],
                links: ["{BUILD_URL}"],
                pullRequest: .isSet("CHANGE_ID"),
                isDefault: .equals("BRANCH_IS_PRIMARY", "true")
            ),
            CISystem(
                name: "buildkite",
                marks: ["BUILDKITE"],
                items: [
                    .repository: ["BUILDKITE_REPO"], .commit: ["BUILDKITE_COMMIT"],
                    .ref: ["BUILDKITE_BRANCH", "BUILDKITE_TAG"], .branch: ["BUILDKITE_BRANCH"],
                    .defaultBranch: ["BUILDKITE_PIPELINE_DEFAULT_BRANCH"], .run: ["BUILDKITE_BUILD_ID"],
                    .job: ["BUILDKITE_LABEL", "BUILDKITE_STEP_KEY"], .actor: ["BUILDKITE_BUILD_CREATOR"],
                ],
                links: ["{BUILDKITE_BUILD_URL}"],
                pullRequest: .isSet("BUILDKITE_PULL_REQUEST")
            ),
            CISystem(
                name: "circleci",
                marks: ["CIRCLECI"],
                items: [
                    .repository: ["CIRCLE_REPOSITORY_URL"], .commit: ["CIRCLE_SHA1"],
                    .ref: ["CIRCLE_BRANCH", "CIRCLE_TAG"], .branch: ["CIRCLE_BRANCH"], .run: ["CIRCLE_WORKFLOW_ID"],
                    .job: ["CIRCLE_JOB"], .actor: ["CIRCLE_USERNAME"],
                ],
                links: ["{CIRCLE_BUILD_URL}"],
                pullRequest: .isSet("CIRCLE_PULL_REQUEST")
            ),
            CISystem(
                name: "azure",
                marks: ["TF_BUILD"],
                items: [
                    .repository: ["BUILD_REPOSITORY_URI"], .commit: ["BUILD_SOURCEVERSION"],
                    .ref: ["BUILD_SOURCEBRANCH"],
                    .branch: ["BUILD_SOURCEBRANCHNAME"], .run: ["BUILD_BUILDID"],
                    .job: ["SYSTEM_JOBDISPLAYNAME", "AGENT_JOBNAME"], .actor: ["BUILD_REQUESTEDFOR"],
                ],
                links: ["{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}"],
                pullRequest: .equals("BUILD_REASON", "PullRequest")
            ),
        ] + more

    private static let more: [CISystem] = [
        CISystem(
            name: "bitbucket",
            marks: ["BITBUCKET_BUILD_NUMBER"],
            items: [
                .repository: ["BITBUCKET_REPO_FULL_NAME"], .commit: ["BITBUCKET_COMMIT"],
                .ref: ["BITBUCKET_BRANCH", "BITBUCKET_TAG"], .branch: ["BITBUCKET_BRANCH"],
                .run: ["BITBUCKET_PIPELINE_UUID", "BITBUCKET_BUILD_NUMBER"], .job: ["BITBUCKET_STEP_UUID"],
                .actor: ["BITBUCKET_STEP_TRIGGERER_UUID"],
            ],
            links: ["https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}"],
            pullRequest: .isSet("BITBUCKET_PR_ID")
        ),
        CISystem(
            name: "travis",
            marks: ["TRAVIS"],
            items: [
                .repository: ["TRAVIS_REPO_SLUG"], .commit: ["TRAVIS_COMMIT"], .ref: ["TRAVIS_TAG", "TRAVIS_BRANCH"],
                .branch: ["TRAVIS_BRANCH"], .run: ["TRAVIS_BUILD_ID"], .job: ["TRAVIS_JOB_NAME", "TRAVIS_JOB_NUMBER"],
            ],
            links: ["{TRAVIS_JOB_WEB_URL}", "{TRAVIS_BUILD_WEB_URL}"],
            pullRequest: .isSet("TRAVIS_PULL_REQUEST")
        ),
        CISystem(
            name: "drone",
            marks: ["DRONE"],
            items: [
                .repository: ["DRONE_REPO"], .commit: ["DRONE_COMMIT_SHA"], .ref: ["DRONE_COMMIT_REF"],
                .branch: ["DRONE_BRANCH"], .defaultBranch: ["DRONE_REPO_BRANCH"], .run: ["DRONE_BUILD_NUMBER"],
                .job: ["DRONE_STAGE_NAME"], .actor: ["DRONE_BUILD_TRIGGER"],
            ],
            links: ["{DRONE_BUILD_LINK}"],
            pullRequest: .isSet("DRONE_PULL_REQUEST")
        ),
    ]

    private static func github(_ name: String, marks: [String]) -> CISystem {
        CISystem(
            name: name,
            marks: marks,
            items: [
                .repository: ["GITHUB_REPOSITORY"], .commit: ["GITHUB_SHA"], .ref: ["GITHUB_REF"],
                .branch: ["GITHUB_HEAD_REF", "GITHUB_REF_NAME"], .run: ["GITHUB_RUN_ID"],
                .recipe: ["GITHUB_WORKFLOW_REF"], .job: ["GITHUB_JOB"],
                .actor: ["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
            ],
            links: ["{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"],
            protected: .equals("GITHUB_REF_PROTECTED", "true"),
            pullRequest: .begins("GITHUB_EVENT_NAME", "pull_request")
        )
    }
}
