import Core
import JSONText
import Synchronization
import Testing

@testable import Session

@Suite("What a person sees")
struct ProgressTests {
    @Test func theProgressLineFitsItsTerminal() {
        var progress = Progress(inputs: 12, bytes: 3_400_000, hits: 5, denied: 1, last: "pkg:npm/left-pad@1.3.0")
        #expect(
            progress.text(columns: 120) == "purser: 12 inputs, 3400 kB, 5 from caches, 1 denied  pkg:npm/left-pad@1.3.0"
        )
        #expect(progress.text(columns: 20).count == 19)
        #expect(progress.text(columns: 20).hasSuffix("…"))
        #expect(progress.text(columns: 0) == "…")
        progress.last = "\u{1B}[2Jx"
        #expect(!progress.text(columns: 120).contains("\u{1B}"))
    }

    @Test func aLogIsToldInLinesAndOnlyOfWhatIsNew() async throws {
        let said = Mutex<[String]>([])
        let line = ProgressLine.inLines(
            every: 0.01,
            { Progress(inputs: 1, bytes: 5, hits: 0, denied: 0, last: "pkg:npm/a@1") },
            say: { text in said.withLock { $0.append(text) } }
        )
        for _ in 0..<500 where said.withLock(\.isEmpty) { try await Task.sleep(for: .milliseconds(10)) }
        try await Task.sleep(for: .milliseconds(50))
        line.end()
        #expect(said.withLock { $0 } == ["purser: 1 input, 5 B, 0 from caches  pkg:npm/a@1"])
    }

    @Test func aNameCannotWriteATerminalsCommand() {
        #expect(Console.harmless("a\u{1B}[31mb\r\u{9B}2Jc\td\ne") == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}2Jc\td\ne")
        #expect(Line("x", .bad).colored("x") == "\u{1B}[31mx\u{1B}[0m")
        #expect(Line("x").colored("x") == "x")
    }

    @Test func aLineComesThroughAnotherProcess() {
        let line = Line("  verdict   passed", .good)
        #expect(Line(line.json) == line)
        #expect(Line(JSON.string("text")) == nil)
        #expect(Line(["loud", "x"]) == nil)
    }
}
