import Foundation
import Kernel
import Testing

/// What `purser-run.json` says, as far as these tests ask.
struct SeenReport: Decodable {
    struct Recipe: Decodable { let steps: [String] }
    struct Asked: Decodable {
        let step: String?
        let client: String?
        let pid: Int?
        let command: String?
    }
    struct Fetch: Decodable {
        let purl: String
        let asked: Asked?
    }

    let recipe: Recipe
    let fetches: [Fetch]?
    let status: Int?

    static func read(_ path: String) throws -> SeenReport {
        try JSONDecoder().decode(SeenReport.self, from: Data(Files.readAll(path)))
    }
}

extension Stage {
    static let demo = "fetch demo demo-1.0-py3-none-any.whl"
    static let fresh = "fetch fresh fresh-1.0-py3-none-any.whl"

    /// Starts a session whose settings later steps read from `../env`.
    func begin(_ options: String = "") async throws {
        let report = try await shell("purser start --format shell \(options) > ../env")
        guard report.exit == .exited(0) else { throw StartFailed("start: \(report.errorText)") }
    }

    struct StartFailed: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// The process of the session that `../env` names.
    func agent() async throws -> Int32 {
        let text = try await shell(#". ../env; sed 's/.*"process":\([0-9]*\).*/\1/' "$PURSER_SESSION/session.json""#)
        return try #require(Int32(text.outputText.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    static func isGone(_ process: Int32) async throws -> Bool {
        for _ in 0..<1_000 {
            // Ours to reap it is not, so a zombie counts as gone.
            let stat = (try? Files.readAll("/proc/\(process)/stat")).map { String(decoding: $0, as: UTF8.self) }
            if stat == nil || stat?.contains(") Z ") == true { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}

@Suite("A session over several steps")
struct StepTests {
    @Test func separateShellsShareOneSessionAndItsPapers() async throws {
        let stage = try Stage()
        try await stage.begin()
        let first = try await stage.shell(". ../env; purser mark install; \(Stage.demo)")
        #expect(first.exit == .exited(0), "\(first.errorText)")
        let status = try await stage.shell(". ../env; purser status")
        #expect(status.outputText.contains("running") && status.outputText.contains("install"))
        let done = try await stage.shell(". ../env; purser finish")
        #expect(done.exit == .exited(0), "\(done.errorText)")
        #expect(done.errorText.contains("purser: 1 input, "))
        #expect(done.errorText.contains("  verdict   passed"))
        let lock = String(decoding: try Files.readAll("\(stage.job)/purser.lock"), as: UTF8.self)
        #expect(lock.contains("pkg:pypi/demo@1.0") && !lock.contains("install") && !lock.contains("curl -"))
        let report = try SeenReport.read("\(stage.job)/purser-run.json")
        #expect(report.recipe.steps == ["install"])
        #expect(report.status == nil)
        let asked = try #require(report.fetches?.first?.asked)
        #expect(asked.step == "install")
        #expect(asked.client?.hasPrefix("curl/") == true)
        #expect(asked.command?.hasPrefix("curl -sSf") == true)
        #expect((asked.pid ?? 0) > 1)
        #expect(Files.exists("\(stage.job)/purser.intoto.json"))
    }

    @Test func aRunAndASessionLeaveTheSameManifest() async throws {
        let stage = try Stage()
        #expect(
            try await stage.shell("purser run -q -- \(Stage.demo) && mv purser.lock ../run.lock").exit == .exited(0)
        )
        try await stage.begin()
        _ = try await stage.shell(". ../env; rm demo*; \(Stage.demo)")
        _ = try await stage.shell(". ../env; purser finish -q")
        #expect(try Files.readAll("\(stage.job)/purser.lock") == Files.readAll("\(stage.folder)/run.lock"))
    }

    @Test func finishSaysTheSameAgainAndNothingCanBeFetchedAfterIt() async throws {
        let stage = try Stage()
        try await stage.begin("--mode enforce")
        _ = try await stage.shell(". ../env; \(Stage.fresh)")
        let first = try await stage.shell(". ../env; purser finish")
        let second = try await stage.shell(". ../env; purser finish")
        #expect(first.exit == .exited(3), "\(first.errorText)")
        #expect(first.errorText.contains("blocked: pkg:pypi/fresh@1.0"))
        #expect(second.exit == first.exit)
        #expect(second.errors == first.errors)
        let late = try await stage.shell(". ../env; \(Stage.demo)")
        #expect(late.exit == .exited(7), "\(late.errorText)")
        let exec = try await stage.shell(". ../env; purser exec -- touch started; echo $?; ls")
        #expect(exec.outputText.hasPrefix("125\n") && !exec.outputText.contains("started"))
        #expect(exec.errorText.contains("is finished"))
    }

    @Test func aKilledAgentMakesFetchesAndFinishFailAndItsJournalStays() async throws {
        let stage = try Stage()
        try await stage.begin()
        _ = try await stage.shell(". ../env; \(Stage.demo)")
        let agent = try await stage.agent()
        kill(agent, SIGKILL)
        #expect(try await Stage.isGone(agent))
        let fetch = try await stage.shell(". ../env; rm demo*; \(Stage.demo)")
        // Refused, or reset where the kernel has not yet put away what the agent listened with.
        #expect([.exited(7), .exited(56)].contains(fetch.exit), "\(fetch.errorText)")
        for verb in ["finish", "finish", "status", "mark x", "env --format json"] {
            let report = try await stage.shell(". ../env; purser \(verb)")
            #expect(report.exit == .exited(14), "\(verb): \(report.errorText)")
            #expect(report.errorText.contains("error[session.agent-died]"), "\(verb): \(report.errorText)")
            #expect(report.errorText.contains("it crashed or was killed"))
        }
        let finish = try await stage.shell(". ../env; purser finish")
        #expect(finish.errorText.contains("1 inputs, 0 denied"))
        #expect(Files.exists("\(stage.job)/purser-run.d/journal"))
        #expect(!Files.exists("\(stage.job)/purser.lock"))
        #expect(try await stage.shell(". ../env; purser exec -- true").exit == .exited(125))
        // Another session's sweep leaves the journal alone.
        #expect(try await stage.shell("purser run -q -- true").exit == .exited(0))
        #expect(try await stage.shell(". ../env; test -s $PURSER_SESSION/journal").exit == .exited(0))
    }

    @Test func theEndOfTheStartersProcessGroupIsNotTheSessionsEnd() async throws {
        let stage = try Stage()
        var command = ChildCommand(
            ["bash", "-c", "purser start --format shell > ../env; touch ../ready; sleep 60"],
            environment: stage.environment,
            workingDirectory: stage.job
        )
        command.newSession = true
        command.standardInput = .null
        command.standardError = .null
        let step = try ChildProcess.spawn(command)
        while !Files.exists("\(stage.folder)/ready") { try await Task.sleep(for: .milliseconds(20)) }
        kill(-step.pid, SIGHUP)
        kill(-step.pid, SIGKILL)
        _ = await step.wait()
        let next = try await stage.shell(". ../env; \(Stage.demo) && purser finish")
        #expect(next.exit == .exited(0), "\(next.errorText)")
        #expect(next.errorText.contains("purser: 1 input, "))
    }

    @Test func twoSessionsOfOneJobKeepApart() async throws {
        let stage = try Stage()
        try await stage.begin("--manifest a.lock --report a.json")
        _ = try await stage.shell("mv ../env ../env-a")
        try await stage.begin("--manifest b.lock --report b.json")
        let lost = try await stage.shell("purser finish")
        #expect(lost.exit == .exited(2))
        #expect(lost.errorText.contains("there are 2 sessions of this folder"))
        _ = try await stage.shell(". ../env-a; \(Stage.demo)")
        _ = try await stage.shell(". ../env; \(Stage.fresh)")
        #expect(try await stage.shell(". ../env-a; purser finish -q").exit == .exited(0))
        let second = try await stage.shell(". ../env; fetch wrong wrong-1.0-py3-none-any.whl; purser finish")
        #expect(second.exit == .exited(5), "\(second.errorText)")
        let (a, b) = try (text(stage, "a.lock"), text(stage, "b.lock"))
        #expect(a.contains("pypi/demo") && !a.contains("pypi/fresh"))
        #expect(b.contains("pypi/fresh") && !b.contains("pypi/demo"))
    }

    private func text(_ stage: Stage, _ name: String) throws -> String {
        String(decoding: try Files.readAll("\(stage.job)/\(name)"), as: UTF8.self)
    }

    @Test func anAbandonedSessionEndsItselfAndLeavesItsJournal() async throws {
        let stage = try Stage()
        try await stage.begin("--max-duration 10s")
        _ = try await stage.shell(". ../env; \(Stage.demo)")
        let agent = try await stage.agent()
        #expect(try await Stage.isGone(agent))
        let finish = try await stage.shell(". ../env; purser finish")
        #expect(finish.exit == .exited(14))
        #expect(finish.errorText.contains("it ended itself after --max-duration"), "\(finish.errorText)")
        #expect(finish.errorText.contains("1 inputs"))
        #expect(try await stage.shell(". ../env; rm demo*; \(Stage.demo)").exit == .exited(7))
    }

    @Test func aSessionThatNobodyCanFindAnyMoreEnds() async throws {
        let stage = try Stage()
        try await stage.begin()
        let agent = try await stage.agent()
        _ = try await stage.shell(". ../env; rm -rf $PURSER_SESSION")
        #expect(try await Stage.isGone(agent))
        let finish = try await stage.shell(". ../env; purser finish")
        #expect(finish.exit == .exited(14))
        #expect(finish.errorText.contains("its folder is gone"))
    }

    @Test func aFailedJobKeepsTheManifestThatWasThere() async throws {
        let stage = try Stage()
        _ = try await stage.shell("purser run -q -- \(Stage.demo) && cp purser.lock ../old.lock")
        try await stage.begin("--artifact 'dist/*'")
        let finish = try await stage.shell(". ../env; purser finish --job-status failure")
        #expect(finish.exit == .exited(0), "\(finish.errorText)")
        #expect(finish.errorText.contains("  kept      purser.lock as it was"))
        #expect(try Files.readAll("\(stage.job)/purser.lock") == Files.readAll("\(stage.folder)/old.lock"))
    }

    @Test func stepsThatRunAtOnceAreToldApart() async throws {
        let stage = try Stage()
        try await stage.begin()
        let both = try await stage.shell(
            ". ../env; purser exec --mark one -- \(Stage.demo) & purser exec --mark two -- bash -c '\(Stage.fresh)'; wait $!"
        )
        #expect(both.exit == .exited(0), "\(both.errorText)")
        let done = try await stage.shell(". ../env; purser exec -- sh -c 'exit 9'; test $? = 9 && purser finish -q")
        #expect(done.exit == .exited(0), "\(done.errorText)")
        let report = try SeenReport.read("\(stage.job)/purser-run.json")
        let steps = Dictionary((report.fetches ?? []).map { ($0.purl, $0.asked?.step) }) { first, _ in first }
        #expect(steps.first { $0.key.contains("/demo@") }?.value == "one")
        #expect(steps.first { $0.key.contains("/fresh@") }?.value == "two")
        #expect(Set(report.recipe.steps) == ["one", "two"])
    }

    @Test func aSessionThatCannotStartLetsNothingThrough() async throws {
        let stage = try Stage()
        let strict = try await stage.shell(#"set -e; eval "$(purser start --mode bogus)"; touch started"#)
        #expect(strict.exit != .exited(0))
        #expect(strict.errorText.contains("error[usage.invalid]: --mode bogus"))
        let loose = try await stage.shell(#"eval "$(purser start --isolation fence --mode bogus)"; \#(Stage.demo)"#)
        #expect(loose.exit == .exited(5) || loose.exit == .exited(6) || loose.exit == .exited(7), "\(loose.errorText)")
        #expect(!Files.exists("\(stage.job)/started"))
        #expect(stage.sessions.isEmpty)
    }

    @Test func hostilePeersOfTheControlSocketStopNothing() async throws {
        let stage = try Stage()
        try await stage.begin()
        let folder = try await stage.shell(". ../env; printf %s $PURSER_SESSION").outputText + "/control"
        var lines = ["", "{", "[]", "null", #"{"verb":"finish"}"#, #"{"verb":"finish","secret":"x"}"#, "\u{0}\u{1}"]
        lines += [
            #"{"verb":7,"secret":{}}"#, String(repeating: "[", count: 60_000), String(repeating: "x", count: 70_000),
        ]
        for line in lines {
            let answer = try? await LocalSocket.ask(Array(line.utf8), in: folder, named: "socket", seconds: 20)
            let text = String(decoding: answer ?? [], as: UTF8.self)
            #expect(text.isEmpty || text.contains("usage.invalid") || text.contains("auth.forbidden"), "\(text)")
        }
        let done = try await stage.shell(". ../env; \(Stage.demo) && purser finish")
        #expect(done.exit == .exited(0), "\(done.errorText)")
    }
}
