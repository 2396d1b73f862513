import Testing

@Suite struct ProblemTests {
    private static func codes() throws -> [ProblemRules.Code] {
        ProblemRules.codes(try Repository.read("Sources/Core/Problem/Problem+Codes.swift"))
    }

    @Test func everyCodeHasAParagraph() throws {
        #expect(try Self.codes().count > 25)
        let complaints = ProblemRules.undocumented(try Self.codes(), try Repository.read("docs/problems.md"))
        #expect(complaints == [])
    }

    @Test func everyCodeIsProvokedByATest() throws {
        let tests = try Repository.swift(below: "Tests").filter { $0.target != "HouseTests" }
        let scripts = try Repository.scripts(below: "Tests/CommandTests/Scripts")
        let complaints = ProblemRules.unprovoked(try Self.codes(), tests + scripts)
        #expect(complaints == [])
    }

    @Test func readsTheCodes() {
        let text = "  case notFound = \"not-found\"\n  case bug\n  case .bug: 1\n"
        let codes = ProblemRules.codes(Source(path: "a", text: text))
        #expect(codes == [.init(name: "notFound", word: "not-found"), .init(name: "bug", word: "bug")])
    }

    @Test func seesACodeThatNobodyExplainsOrProvokes() {
        let codes = [ProblemRules.Code(name: "notFound", word: "not-found")]
        let empty = Source(path: "docs/problems.md", text: "## not-found\n\nSoon.\n")
        #expect(ProblemRules.undocumented(codes, empty).count == 1)
        let other = Source(path: "docs/problems.md", text: "## bug\n\nWords.\n")
        #expect(ProblemRules.undocumented(codes, other).count == 1)
        #expect(ProblemRules.unprovoked(codes, [Source(path: "Tests/A.swift", text: "#expect(true)")]).count == 1)
    }
}
