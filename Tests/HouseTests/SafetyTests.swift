import Testing

@Suite struct SafetyTests {
    @Test func onlyWrappersSetThePromisesOfTheCompilerAside() throws {
        let complaints = try Repository.swift(below: "Sources").flatMap(SafetyRules.promises)
        #expect(complaints == [])
    }

    @Test func onlyItsWrapperImportsACModule() throws {
        let complaints = try Repository.swift(below: "Sources").flatMap(SafetyRules.foreignModules)
        #expect(complaints == [])
    }

    @Test(arguments: [
        "let x = unsafe f()", "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1", "try! f()",
        "a as! B", "let p: UnsafePointer<Int>", "x.withUnsafeBytes { $0 }",
    ])
    func seesABrokenPromise(_ text: String) {
        #expect(SafetyRules.promises(Source(path: "Sources/Gateway/A.swift", text: text)).count == 1)
        #expect(SafetyRules.promises(Source(path: "Sources/Kernel/A.swift", text: text)) == [])
    }

    @Test func takesAnUnwrittenPromiseForNone() {
        let text = "// unsafe\nlet a = try f() ?? !b\nlet c = \"try! unsafe\"\n"
        #expect(SafetyRules.promises(Source(path: "Sources/Gateway/A.swift", text: text)) == [])
    }

    @Test func seesACModuleInTheWrongPlace() {
        let text = "internal import Core\ninternal import struct CCurl.Easy\n"
        #expect(SafetyRules.foreignModules(Source(path: "Sources/Gateway/A.swift", text: text)).map(\.line) == [2])
        #expect(SafetyRules.foreignModules(Source(path: "Sources/Transfer/A.swift", text: text)) == [])
    }
}
