import Testing

@testable import Session

@Suite("CI systems")
struct CIEnvironmentTests {
    @Test(arguments: CIEnvironment.rows.map(\.name))
    func everyRowIsRecognisedByItsMarkAndRead(_ name: String) throws {
        let row = try #require(CIEnvironment.rows.first { $0.name == name })
        var environment = [row.mark: "true"]
        environment[try #require(row.repository.first)] = "https://user:secret@example.com/a/b"
        environment[try #require(row.commit.first)] = "c0ffee"
        environment[try #require(row.ref.first)] = "main"
        environment[try #require(row.run.first)] = "17"
        let found = try #require(CIEnvironment.detect(environment))
        #expect(found.name == name)
        #expect(found.repository == "https://example.com/a/b")
        #expect(found.commit == "c0ffee")
        #expect(found.ref == "main")
        #expect(found.run == "17")
        #expect(!found.isProtected)
        if let protected = row.protected {
            environment[protected.name] = protected.value
            #expect(CIEnvironment.detect(environment)?.isProtected == true)
        }
    }

    @Test func outsideCIThereIsNone() {
        #expect(CIEnvironment.detect(["PATH": "/bin", "GITHUB_ACTIONS": ""]) == nil)
    }

    @Test func theSecondNameOfAValueCountsWhenTheFirstIsEmpty() {
        let found = CIEnvironment.detect(["JENKINS_URL": "x", "GIT_BRANCH": "", "BRANCH_NAME": "b"])
        #expect(found?.ref == "b")
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
