import Testing

@Suite struct LengthTests {
    @Test func filesAndFunctionsAreShort() throws {
        let sources = try Repository.swift(below: "Sources") + Repository.swift(below: "Tests")
        #expect(sources.count > 100)
        let complaints = sources.flatMap(LengthRules.file) + sources.flatMap(LengthRules.functions)
        #expect(complaints == [])
    }

    @Test func seesALongFile() {
        let long = Source(path: "a.swift", text: String(repeating: "\n", count: 301))
        #expect(LengthRules.file(long).count == 1)
        #expect(LengthRules.file(Source(path: "a.swift", text: String(repeating: "\n", count: 300))) == [])
    }

    @Test func seesALongFunctionAndNotALongType() {
        let body = String(repeating: "    x()\n", count: 41)
        let complaints = LengthRules.functions(Source(path: "a.swift", text: "struct A {\nfunc f() {\n\(body)}\n}\n"))
        #expect(complaints.map(\.line) == [2])
        #expect(LengthRules.functions(Source(path: "a.swift", text: "struct A {\n\(body)}\n")) == [])
        let requirement = "protocol P {\n  func f()\n}\nstruct A {\n\(body)}\n"
        #expect(LengthRules.functions(Source(path: "a.swift", text: requirement)) == [])
    }

    @Test func countsParametersAndNotTheirParts() {
        let six = "func f(a: A, b: B, c: C, d: D, e: E, f: F) {}"
        #expect(LengthRules.functions(Source(path: "a.swift", text: six)).count == 1)
        let five = "func f(a: [A: B], b: (x: Int, y: Int), c: C, d: D, e: E) -> [X: Y] {}"
        #expect(LengthRules.functions(Source(path: "a.swift", text: five)) == [])
    }
}
