import Testing

@Suite struct PurityTests {
    private static func source(_ text: String, _ path: String = "Sources/Ecosystems/Npm/A.swift") -> Source {
        Source(path: path, text: text)
    }

    @Test func codecsAndRulesWaitForNobodyAndWriteNowhere() throws {
        let complaints = try Repository.swift(below: "Sources").flatMap(PurityRules.doing)
        #expect(complaints == [])
    }

    @Test func leanTargetsDoWithoutFoundation() throws {
        let complaints = try Repository.swift(below: "Sources").flatMap(PurityRules.heavyImports)
        #expect(complaints == [])
    }

    @Test func ecosystemsDoNotNameEachOther() throws {
        let sources = try Repository.swift(below: "Sources/Ecosystems")
        #expect(sources.count > 20)
        let complaints = PurityRules.neighbours(sources)
        #expect(complaints == [])
    }

    @Test(arguments: [
        "func f() async {}", "let a = ContinuousClock.now", "print(\"x\")", "let d = Date()", "Task { }",
    ])
    func seesACodecThatActs(_ text: String) {
        #expect(PurityRules.doing(Self.source(text)).count == 1)
        #expect(PurityRules.doing(Self.source(text, "Sources/Gateway/A.swift")) == [])
    }

    @Test func letsACodecPrintAnIndex() {
        #expect(PurityRules.doing(Self.source("func print(_ a: A) { a.print(b) }")) == [])
    }

    @Test func seesAHeavyImport() {
        #expect(PurityRules.heavyImports(Self.source("internal import FoundationEssentials")).count == 1)
        #expect(PurityRules.heavyImports(Self.source("internal import NIOCore")).count == 1)
        #expect(PurityRules.heavyImports(Self.source("import Foundation", "Sources/Registry/A.swift")) == [])
    }

    @Test func seesAnEcosystemThatNamesAnother() {
        let sources = [
            Self.source("struct Crate {}"), Self.source("let a: Crate", "Sources/Ecosystems/PyPI/B.swift"),
            Self.source("let all = [Crate()]", "Sources/Ecosystems/Catalog.swift"),
        ]
        #expect(PurityRules.neighbours(sources).map(\.path) == ["Sources/Ecosystems/PyPI/B.swift"])
    }
}
