import Kernel
import Testing

@testable import Session

/// One job of one CI system as its documentation describes the variables, and what must be read from it.
struct CISample: Sendable, CustomTestStringConvertible {
    let name: String
    let variables: [String: String]
    var repository = "acme/app"
    var ref = "main"
    var run = "17"
    var link: String?
    var job: String?
    var actor: String?
    /// What makes the same job one of a pull request.
    var pull: [String: String] = [:]
    /// What makes its ref a protected one; empty where the system does not tell.
    var protected: [String: String] = [:]

    var testDescription: String { name }

    private static let github = [
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": "c0ffee", "GITHUB_REF_NAME": "main",
        "GITHUB_REF": "refs/heads/main", "GITHUB_RUN_ID": "17", "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_JOB": "build", "GITHUB_ACTOR": "ann", "GITHUB_EVENT_NAME": "push",
    ]

    static let all: [CISample] =
        [
            CISample(
                name: "github",
                variables: github,
                ref: "refs/heads/main",
                link: "https://github.com/acme/app/actions/runs/17",
                job: "build",
                actor: "ann",
                pull: ["GITHUB_EVENT_NAME": "pull_request_target"],
                protected: ["GITHUB_REF_PROTECTED": "true"]
            ),
            CISample(
                name: "forgejo",
                variables: github.merging(["FORGEJO_ACTIONS": "true", "GITHUB_SERVER_URL": "https://code.example"]) {
                    $1
                },
                ref: "refs/heads/main",
                link: "https://code.example/acme/app/actions/runs/17",
                job: "build",
                actor: "ann",
                pull: ["GITHUB_EVENT_NAME": "pull_request"],
                protected: ["GITHUB_REF_PROTECTED": "true"]
            ),
            CISample(
                name: "gitlab",
                variables: [
                    "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/app", "CI_COMMIT_SHA": "c0ffee",
                    "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main",
                    "CI_PIPELINE_ID": "17", "CI_JOB_URL": "https://gitlab.example/acme/app/-/jobs/3",
                    "CI_JOB_NAME": "build", "GITLAB_USER_LOGIN": "ann",
                ],
                link: "https://gitlab.example/acme/app/-/jobs/3",
                job: "build",
                actor: "ann",
                pull: ["CI_MERGE_REQUEST_IID": "4"],
                protected: ["CI_COMMIT_REF_PROTECTED": "true"]
            ),
            CISample(
                name: "jenkins",
                variables: [
                    "JENKINS_URL": "https://ci.example/", "GIT_URL": "https://user:secret@example.com/acme/app",
                    "GIT_COMMIT": "c0ffee", "BRANCH_NAME": "main", "BUILD_TAG": "17", "JOB_NAME": "app/main",
                    "BUILD_URL": "https://ci.example/job/app/17/", "BRANCH_IS_PRIMARY": "true",
                ],
                repository: "https://example.com/acme/app",
                link: "https://ci.example/job/app/17/",
                job: "app/main",
                pull: ["CHANGE_ID": "4"]
            ),
            CISample(
                name: "buildkite",
                variables: [
                    "BUILDKITE": "true", "BUILDKITE_REPO": "git@example.com:acme/app.git", "BUILDKITE_COMMIT": "c0ffee",
                    "BUILDKITE_BRANCH": "main", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main", "BUILDKITE_BUILD_ID": "17",
                    "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/app/builds/17", "BUILDKITE_LABEL": "build",
                    "BUILDKITE_BUILD_CREATOR": "ann", "BUILDKITE_PULL_REQUEST": "false",
                ],
                repository: "git@example.com:acme/app.git",
                link: "https://buildkite.com/acme/app/builds/17",
                job: "build",
                actor: "ann",
                pull: ["BUILDKITE_PULL_REQUEST": "4"]
            ),
        ] + others

    private static let others: [CISample] = [
        CISample(
            name: "circleci",
            variables: [
                "CIRCLECI": "true", "CIRCLE_REPOSITORY_URL": "acme/app", "CIRCLE_SHA1": "c0ffee",
                "CIRCLE_BRANCH": "main", "CIRCLE_WORKFLOW_ID": "17", "CIRCLE_JOB": "build", "CIRCLE_USERNAME": "ann",
                "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/app/17",
            ],
            link: "https://circleci.com/gh/acme/app/17",
            job: "build",
            actor: "ann",
            pull: ["CIRCLE_PULL_REQUEST": "https://github.com/acme/app/pull/4"]
        ),
        CISample(
            name: "azure",
            variables: [
                "TF_BUILD": "True", "BUILD_REPOSITORY_URI": "https://dev.azure.com/acme/app",
                "BUILD_SOURCEVERSION": "c0ffee", "BUILD_SOURCEBRANCH": "refs/heads/main",
                "BUILD_SOURCEBRANCHNAME": "main", "BUILD_BUILDID": "17",
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/a/",
                "SYSTEM_TEAMPROJECT": "app", "AGENT_JOBNAME": "build", "BUILD_REQUESTEDFOR": "ann",
                "BUILD_REASON": "IndividualCI",
            ],
            repository: "https://dev.azure.com/acme/app",
            ref: "refs/heads/main",
            link: "https://dev.azure.com/a/app/_build/results?buildId=17",
            job: "build",
            actor: "ann",
            pull: ["BUILD_REASON": "PullRequest"]
        ),
        CISample(
            name: "bitbucket",
            variables: [
                "BITBUCKET_BUILD_NUMBER": "17", "BITBUCKET_REPO_FULL_NAME": "acme/app", "BITBUCKET_COMMIT": "c0ffee",
                "BITBUCKET_BRANCH": "main",
            ],
            link: "https://bitbucket.org/acme/app/pipelines/results/17",
            pull: ["BITBUCKET_PR_ID": "4"]
        ),
        CISample(
            name: "travis",
            variables: [
                "TRAVIS": "true", "TRAVIS_REPO_SLUG": "acme/app", "TRAVIS_COMMIT": "c0ffee", "TRAVIS_BRANCH": "main",
                "TRAVIS_BUILD_ID": "17", "TRAVIS_JOB_NAME": "build", "TRAVIS_PULL_REQUEST": "false",
                "TRAVIS_BUILD_WEB_URL": "https://app.travis-ci.com/acme/app/builds/17",
            ],
            link: "https://app.travis-ci.com/acme/app/builds/17",
            job: "build",
            pull: ["TRAVIS_PULL_REQUEST": "4"]
        ),
        CISample(
            name: "drone",
            variables: [
                "DRONE": "true", "DRONE_REPO": "acme/app", "DRONE_COMMIT_SHA": "c0ffee", "DRONE_COMMIT_REF": "main",
                "DRONE_BRANCH": "main", "DRONE_REPO_BRANCH": "main", "DRONE_BUILD_NUMBER": "17",
                "DRONE_BUILD_LINK": "https://drone.example/acme/app/17", "DRONE_STAGE_NAME": "build",
            ],
            link: "https://drone.example/acme/app/17",
            job: "build",
            pull: ["DRONE_PULL_REQUEST": "4"]
        ),
    ]
}

@Suite("CI systems")
struct CIEnvironmentTests {
    @Test(arguments: CISample.all)
    func aJobIsReadFromTheDocumentedVariables(_ sample: CISample) throws {
        let found = try #require(CIEnvironment.detect(sample.variables))
        #expect(found.name == sample.name)
        #expect(found.repository == sample.repository)
        #expect(found.commit == "c0ffee")
        #expect(found.ref == sample.ref)
        #expect(found.branch == "main")
        #expect(found.run == sample.run)
        #expect(found.link == sample.link)
        #expect(found.job == sample.job)
        #expect(found.actor == sample.actor)
        #expect(!found.isPullRequest)
        #expect(!found.isProtected)
    }

    @Test(arguments: CISample.all)
    func aPullRequestIsOneAndNeverProtected(_ sample: CISample) throws {
        let everything = sample.variables.merging(sample.pull) { $1 }.merging(sample.protected) { $1 }
        let found = try #require(CIEnvironment.detect(everything))
        #expect(found.isPullRequest)
        #expect(!found.isProtected)
        #expect(found.isDefaultBranch == false)
    }

    @Test(arguments: CISample.all.filter { !$0.protected.isEmpty })
    func aProtectedRefIsOne(_ sample: CISample) throws {
        let found = try #require(CIEnvironment.detect(sample.variables.merging(sample.protected) { $1 }))
        #expect(found.isProtected)
    }

    @Test func everySystemHasASample() {
        #expect(Set(CISystem.all.map(\.name)) == Set(CISample.all.map(\.name)))
    }

    @Test(arguments: ["gitlab", "jenkins", "buildkite", "drone"])
    func theDefaultBranchIsKnownWhereTheSystemTells(_ name: String) throws {
        let sample = try #require(CISample.all.first { $0.name == name })
        #expect(CIEnvironment.detect(sample.variables)?.isDefaultBranch == true)
    }

    @Test func githubNamesTheDefaultBranchInTheEvent() throws {
        let sample = try #require(CISample.all.first { $0.name == "github" })
        let scratch = try Scratch()
        let path = "\(scratch.folder)/event.json"
        try Files.writeAtomically(path, Array(#"{"repository": {"default_branch": "main"}}"#.utf8))
        let found = try #require(CIEnvironment.detect(sample.variables))
        #expect(found.isDefaultBranch == nil)
        #expect(found.reading(["GITHUB_EVENT_PATH": path]).isDefaultBranch == true)
        #expect(found.reading(["GITHUB_EVENT_PATH": "\(scratch.folder)/none"]).isDefaultBranch == nil)
    }

    @Test func outsideCIThereIsNone() {
        #expect(CIEnvironment.detect(["PATH": "/bin", "GITHUB_ACTIONS": ""]) == nil)
    }

    @Test func theSecondNameOfAValueCountsWhenTheFirstIsEmpty() {
        let found = CIEnvironment.detect(["JENKINS_URL": "x", "GIT_BRANCH": "", "BRANCH_NAME": "b"])
        #expect(found?.ref == "b")
    }

    @Test func aLinkIsAWebAddressOrNone() {
        #expect(CIEnvironment.detect(["JENKINS_URL": "x", "BUILD_URL": "javascript:alert(1)"])?.link == nil)
        #expect(CIEnvironment.detect(["JENKINS_URL": "x", "BUILD_URL": "https://a:b@c/d"])?.link == "https://c/d")
    }

    @Test func protectedAndOpenJobsOfOneRepositoryHaveCachesOfTheirOwn() {
        let open = CIEnvironment.detect(["GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "a/b"])
        let closed = CIEnvironment.detect([
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "a/b", "GITHUB_REF_PROTECTED": "true",
        ])
        let other = CIEnvironment.detect(["GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "a/c"])
        let levels = [open, closed, other, nil].map { SessionPaths.level(ci: $0, folder: "/x") }
        #expect(Set(levels).count == 4)
    }
}
