import Foundation
import Kernel
import Testing

@Suite("Pages that the program prints")
struct DocumentTests {
    @Test(arguments: [
        ("problems", "problems.md"), ("configuration", "configuration.md"), ("ecosystems", "ecosystems.md"),
        ("rules", "rules.md"), ("schema", "purser.schema.json"),
    ])
    func areWhatTheProgramPrints(_ page: String, _ file: String) async throws {
        let stage = try Stage()
        let printed = try await stage.shell("purser __docs \(page)")
        let root = URL(fileURLWithPath: Stage.fixture("x")).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent("docs/\(file)").path
        #expect(String(decoding: try Files.readAll(path), as: UTF8.self) == printed.outputText)
    }

    @Test func anUnknownPageIsRefused() async throws {
        let stage = try Stage()
        #expect(try await stage.shell("purser __docs none").exit == .exited(2))
    }
}
