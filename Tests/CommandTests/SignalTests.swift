import Foundation
import Kernel
import Testing

@Suite("Signals")
struct SignalTests {
    /// Starts the agent over `line`, waits until the command says that it runs, sends the signals, and waits.
    private func end(
        _ stage: Stage,
        _ line: String,
        _ signals: [Int32],
        toGroup: Bool = false
    ) async throws -> (status: Int32, child: Int32) {
        var command = ChildCommand(
            [Stage.agent, "run", "-q", "--", "bash", "-c", "echo $$ > pid; \(line)"],
            environment: stage.environment,
            workingDirectory: stage.job
        )
        command.newSession = true
        command.standardInput = .null
        command.standardOutput = .null
        command.standardError = .null
        let agent = try ChildProcess.spawn(command)
        while (try? Files.stat("\(stage.job)/pid"))?.size ?? 0 < 2 { try await Task.sleep(for: .milliseconds(20)) }
        let text = String(decoding: try Files.readAll("\(stage.job)/pid"), as: UTF8.self)
        for (place, signal) in signals.enumerated() {
            if place > 0 { try await Task.sleep(for: .milliseconds(300)) }
            if toGroup { kill(-agent.pid, signal) } else { try agent.signal(signal) }
        }
        let exit = await agent.wait()
        return (exit.status, Int32(text.split(separator: "\n").first ?? "") ?? 0)
    }

    private func isGone(_ process: Int32) async throws -> Bool {
        for _ in 0..<100 {
            if kill(process, 0) != 0 { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    @Test(arguments: [(Int32(1), Int32(129)), (2, 130), (15, 143)])
    func theCommandGetsTheSignalAndItsPapersAreWritten(_ signal: Int32, _ status: Int32) async throws {
        let stage = try Stage()
        let (ended, child) = try await end(stage, "sleep 60", [signal], toGroup: signal == 2)
        #expect(ended == status)
        #expect(try await isGone(child))
        #expect(stage.sessions.isEmpty)
        let report = String(decoding: try Files.readAll("\(stage.job)/purser-run.json"), as: UTF8.self)
        #expect(report.contains("\"status\": \(status)"))
        #expect(Files.exists("\(stage.job)/purser.intoto.json"))
    }

    @Test func aCommandThatHandlesTheSignalDecidesTheStatus() async throws {
        let stage = try Stage()
        let (ended, _) = try await end(stage, "trap 'exit 7' TERM; while true; do sleep 0.05; done", [15])
        #expect(ended == 7)
        #expect(stage.sessions.isEmpty)
    }

    @Test func aSecondSignalEndsWhatTheFirstDidNot() async throws {
        let stage = try Stage()
        let line = "trap '' INT TERM; sleep 60 & echo $! > below; wait; sleep 60"
        let (ended, child) = try await end(stage, line, [15, 15])
        #expect(ended == 143)
        #expect(try await isGone(child))
        let below = String(decoding: try Files.readAll("\(stage.job)/below"), as: UTF8.self)
        #expect(try await isGone(Int32(below.dropLast()) ?? 0))
        #expect(stage.sessions.isEmpty)
    }

    @Test func aKilledAgentLeavesNothingThatVerifiesAndTheNextCleansUp() async throws {
        let stage = try Stage()
        let (ended, child) = try await end(stage, "sleep 60", [9])
        kill(child, 9)
        #expect(ended == 137)
        #expect(stage.sessions.count == 1)
        #expect(!Files.exists("\(stage.job)/purser.intoto.json"))
        #expect(try await stage.shell("purser run -q -- true").exit == .exited(0))
        #expect(stage.sessions.isEmpty)
    }
}
