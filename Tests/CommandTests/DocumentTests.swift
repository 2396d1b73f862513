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

    /// examples/policy-repo, as its own README runs it.
    @Test func theExampleOfAPolicyRepositoryHoldsItsCases() async throws {
        let stage = try Stage()
        let root = URL(fileURLWithPath: Stage.fixture("x")).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let example = root.appendingPathComponent("examples/policy-repo").path
        let check = try await stage.shell("cd \(example) && purser policy check --policy policy.yml")
        #expect(check.exit.status == 0, "\(check.errorText)")
        let test = try await stage.shell("cd \(example) && purser policy test cases --policy policy.yml")
        #expect(test.exit.status == 0, "\(test.outputText)\(test.errorText)")
        #expect(test.outputText.contains("1..9"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsAreThoseOfTheParser(_ shell: String) async throws {
        let stage = try Stage()
        let printed = try await stage.shell("purser completions \(shell)")
        #expect(printed.exit == .exited(0) && printed.outputText.contains("promote"), "\(printed.errorText)")
        #expect(try await stage.shell("purser --generate-completion-script \(shell)").outputText == printed.outputText)
        #expect(try await stage.shell("purser completions tcsh").exit == .exited(2))
    }

    @Test func anUnknownPageIsRefused() async throws {
        let stage = try Stage()
        #expect(try await stage.shell("purser __docs none").exit == .exited(2))
    }
}
