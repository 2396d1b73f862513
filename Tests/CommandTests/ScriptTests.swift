import Foundation
import Kernel
import Testing

/// One command of a script and what it must do.
struct ScriptStep: Sendable {
    var command: String
    var status: Int32 = 0
    var output: [String] = []
    var errors: [String] = []
    var absent: [String] = []
}

/// A file of `Scripts/`: what a person types and sees.
///
///     # a remark
///     $ a line of shell, with `purser` and `fetch NAME FILE` on PATH
///     exit 2
///     1> a line of stdout     2> a line of stderr, in this order, others between; `…` stands for any text
///     !> a text that neither may hold
struct Script: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: [ScriptStep]

    var testDescription: String { name }

    static let all: [Script] = {
        let folder = Stage.fixture("Scripts")
        return ((try? Files.list(folder)) ?? []).filter { $0.hasSuffix(".txt") }.map { name in
            Script(name, String(decoding: (try? Files.readAll("\(folder)/\(name)")) ?? [], as: UTF8.self))
        }
    }()

    init(_ name: String, _ text: String) {
        self.name = name
        var steps: [ScriptStep] = []
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("$ ") { steps.append(ScriptStep(command: String(line.dropFirst(2)))) }
            guard let last = steps.indices.last else { continue }
            if line.hasPrefix("exit ") { steps[last].status = Int32(line.dropFirst(5)) ?? -1 }
            if line.hasPrefix("1> ") { steps[last].output.append(String(line.dropFirst(3))) }
            if line.hasPrefix("2> ") { steps[last].errors.append(String(line.dropFirst(3))) }
            if line.hasPrefix("!> ") { steps[last].absent.append(String(line.dropFirst(3))) }
        }
        self.steps = steps
    }

    /// The first expected line that does not come, or nil.
    static func missing(_ expected: [String], in text: String) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        for wanted in expected {
            guard let place = lines.firstIndex(where: { matches($0, wanted) }) else { return wanted }
            lines = lines[(place + 1)...]
        }
        return nil
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        let parts = pattern.components(separatedBy: "…")
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return line == pattern }
        guard line.hasPrefix(first), line.hasSuffix(last) else { return false }
        var rest = line.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

@Suite("What a person types and sees")
struct ScriptTests {
    @Test(arguments: Script.all)
    func doesWhatTheScriptSays(_ script: Script) async throws {
        let stage = try Stage()
        for step in script.steps {
            let report = try await stage.shell(step.command)
            let seen =
                "\n\(script.name): $ \(step.command)\nexit \(report.exit.status)\n\(report.outputText)\n\(report.errorText)"
            #expect(report.exit.status == step.status, "\(seen)")
            #expect(Script.missing(step.output, in: report.outputText) == nil, "\(seen)")
            #expect(Script.missing(step.errors, in: report.errorText) == nil, "\(seen)")
            for text in step.absent { #expect(!(report.outputText + report.errorText).contains(text), "\(seen)") }
        }
        #expect(stage.sessions.isEmpty, "a session's folder is left")
    }

    @Test func thereAreScripts() { #expect(Script.all.count > 5) }

    @Test func seesAScriptThatDoesNotHold() {
        #expect(Script.missing(["a…c", "d"], in: "abc\nd") == nil)
        #expect(Script.missing(["d", "a…c"], in: "abc\nd") == "a…c")
        #expect(Script.missing(["a…c…"], in: "ab") == "a…c…")
    }
}
