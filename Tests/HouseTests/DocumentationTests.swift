import Testing

@Suite struct DocumentationTests {
    @Test func everyTypeSaysWhatItIsFor() throws {
        let complaints = try Repository.swift(below: "Sources").flatMap(DocumentationRules.undocumented)
        #expect(complaints == [])
    }

    @Test func seesATypeWithoutASentence() {
        let text = "import Core\n\nstruct A {\n    struct Inner {}\n}\n\n/// Said.\n@main\nstruct B {}\n"
        let complaints = DocumentationRules.undocumented(Source(path: "Sources/Core/A.swift", text: text))
        #expect(complaints.map(\.line) == [3])
    }
}
