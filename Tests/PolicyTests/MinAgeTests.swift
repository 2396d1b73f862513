import Core
import Policy
import Testing

@Suite struct MinAgeTests {
    @Test func blocksAReleaseYoungerThanTheDaysAskedForAndSaysUntilWhen() throws {
        let verdict = try loaded("mode: enforce\nrules: { min_age: { days: 3 } }")
            .judge(facts("pkg:npm/axios@1.14.1", age: 5 * 3_600))
        #expect(verdict.isDenied)
        let finding = try #require(verdict.findings.first)
        #expect(finding.rule == "min_age")
        let from = Timestamp(seconds: now.seconds + 3 * 86_400 - 5 * 3_600)
        #expect(finding.allowedFrom == from)
        #expect(finding.message == "is 5 h old; policy asks for 3 d, allowed from \(from)")
    }

    @Test func letsAReleaseInOnTheSecondItIsOldEnough() throws {
        let policy = try loaded("rules: { min_age: { days: 3 } }")
        #expect(try policy.judge(facts("pkg:npm/a@1", age: 3 * 86_400)).findings.isEmpty)
        #expect(try policy.judge(facts("pkg:npm/a@1", age: 3 * 86_400 - 1)).outcome == .block)
    }

    @Test func judgesAFileByItsOwnDateWhenItWasAddedLater() throws {
        let verdict = try loaded("rules: { min_age: { days: 3 } }").judge(
            facts("pkg:pypi/a@1", age: 900 * 86_400) {
                let young = PublishTime(Timestamp(seconds: now.seconds - 60), basis: .uploadTime)
                $0.artifact = Artifact(file: "a-1.whl", published: young)
            }
        )
        #expect(verdict.findings.first?.rule == "min_age")
        #expect(verdict.outcome == .block)
    }

    @Test(arguments: [
        ("pkg:npm/left-pad@1", 3), ("pkg:golang/example.org/x@v1", 1), ("pkg:npm/@acme/tool@1", 0),
        ("pkg:npm/@acme/risky@1", 30), ("pkg:npm/%40acme/other@1", 0),
    ])
    func takesTheDaysOfTheMostParticularEntry(_ purl: String, _ days: Int) throws {
        let policy = try loaded(
            """
            rules:
              min_age:
                days: 3
                per: { golang: 1, "pkg:npm/@acme/*": 0, "pkg:npm/@acme/risky": 30 }
            """
        )
        let from = try policy.judge(facts(purl, age: 0)).findings.first?.allowedFrom
        #expect(from == (days == 0 ? nil : Timestamp(seconds: now.seconds + Int64(days) * 86_400)))
    }

    @Test func blocksAMissingDateOnlyWhereTheRegistryAssignsDates() throws {
        let policy = try loaded("mode: enforce")
        let npm = try policy.judge(facts("pkg:npm/a@1", age: nil))
        #expect(npm.isDenied)
        #expect(npm.problem(subject: "pkg:npm/a@1").code == .policyUndecidable)
        let deb = try policy.judge(facts("pkg:deb/debian/a@1", age: nil) { $0.registryAssignsTimes = false })
        #expect(deb.outcome == .warn)
    }

    @Test func obeysOnMissingData() throws {
        let policy = try loaded("rules: { min_age: { on_missing_data: report } }")
        #expect(try policy.judge(facts("pkg:npm/a@1", age: nil)).outcome == .report)
    }

    @Test func blocksADateInTheFuture() throws {
        let verdict = try Policy.builtIn.judge(facts("pkg:npm/a@1", age: -86_400))
        #expect(verdict.wouldBlock)
        #expect(verdict.findings.first?.message.hasPrefix("is dated in the future") == true)
    }

    @Test func survivesImpossibleDates() throws {
        for seconds in [Int64.min, .max] {
            let verdict = try Policy.builtIn.judge(
                facts("pkg:npm/a@1") {
                    $0.release.published = PublishTime(Timestamp(seconds: seconds), basis: .registryTime)
                }
            )
            #expect(verdict.outcome == (seconds == .max ? .block : .allow))
        }
    }

    @Test func isSwitchedOffByAllow() throws {
        #expect(
            try loaded("rules: { min_age: { action: allow } }").judge(facts("pkg:npm/a@1", age: 0)).findings.isEmpty
        )
    }
}
