import Core
import Kernel
import Testing

@testable import Session

@Suite("Settings for later steps")
struct EnvironmentTextTests {
    private let evil = "it's $(touch evil) `x` \"q\"\nsecond line\\"

    private func note(_ settings: [String: String]) throws -> SessionNote {
        let text = """
            {"purser-session":1,"session":"s","process":7,"address":"127.0.0.1:4711","folder":"/job","report":"/job/r",
            "started":1,"until":2,"control":"c","mask":"m","settings":{},"before":{"http_proxy":"http://corp:3128"},
            "removed":["PURSER_TOKEN"],"programs":"/s/clients/bin"}
            """
        let scratch = try Scratch()
        try scratch.write(SessionNote.file, text)
        var note = try #require(SessionNote.read(in: scratch.folder))
        note.settings = settings
        return note
    }

    @Test func aShellReadsExactlyTheValues() async throws {
        let text = EnvironmentText(note: try note(["A": evil, "bad-name": "x"]), current: [:])
        let script = try #require(try text.text(.shell)) + "printf '%s|%s|%s' \"$A\" \"$PATH\" \"${PURSER_TOKEN-none}\""
        let report = try await ChildProcess.run(
            ChildCommand(["/bin/sh", "-c", script], environment: ["PATH": "/bin", "PURSER_TOKEN": "t"])
        )
        #expect(String(decoding: report.output, as: UTF8.self) == "\(evil)|/s/clients/bin:/bin|none")
    }

    @Test func everyFormHoldsTheValues() throws {
        let text = EnvironmentText(note: try note(["A": "it's"]), current: ["PATH": "/bin"])
        #expect(try text.text(.dotenv) == "A=it's\nPATH=/s/clients/bin:/bin\n")
        #expect(try text.text(.json) == #"{"A":"it's","PATH":"/s/clients/bin:/bin","PURSER_TOKEN":null}"# + "\n")
        #expect(try text.text(.powershell)?.hasPrefix("$env:A = 'it''s'\n") == true)
        #expect(try text.text(.gitlab) == text.text(.shell))
        #expect(try text.text(.github) == nil)
    }

    @Test func aFormThatCannotHoldAValueSaysSo() throws {
        let text = EnvironmentText(note: try note(["A": "1\n2"]), current: [:])
        #expect(problem { _ = try text.text(.dotenv) }?.code == .usageInvalid)
    }

    @Test func aStepHasTheSettingsAndNotTheSecrets() throws {
        let current = ["PATH": "/bin", "PURSER_TOKEN": "t", "B": "2"]
        let whole = EnvironmentText(note: try note(["A": "1"]), current: current).whole
        #expect(whole == ["A": "1", "B": "2", "PATH": "/s/clients/bin:/bin"])
    }

    @Test func aRunnersFileHoldsSeveralLinesAndNoValueEndsItself() throws {
        let scratch = try Scratch()
        let files = GitHubFiles(environment: ["GITHUB_ENV": scratch.path("env"), "GITHUB_PATH": scratch.path("path")])
        try files.enter(try note(["A": evil, "B": "x\nghadelimiter_0\nEVIL=1"]))
        let lines = String(decoding: try Files.readAll(scratch.path("env")), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2 + 2 + 2 + 3)
        #expect(lines[0].hasPrefix("A<<ghadelimiter_") && lines[3] == lines[0].dropFirst(3))
        #expect(try Files.readAll(scratch.path("path")) == Array("/s/clients/bin\n".utf8))
    }

    @Test func whatASessionLeavesLeadsNobodyToItsPort() throws {
        let scratch = try Scratch()
        let files = GitHubFiles(environment: ["GITHUB_ENV": scratch.path("env")])
        let settings = [
            "http_proxy": "http://purser:m@127.0.0.1:4711", "https_proxy": "http://purser:m@127.0.0.1:4711",
            "SSL_CERT_FILE": "/s/clients/ca-bundle.pem", "APT_CONFIG": "/s/clients/apt.conf", "npm_config_x": "no",
        ]
        try files.leave(try note(settings), session: "/s")
        let text = String(decoding: try Files.readAll(scratch.path("env")), as: UTF8.self)
        let names = text.split(separator: "\n").filter { $0.contains("<<") }.map { String($0.prefix { $0 != "<" }) }
        #expect(names == ["APT_CONFIG", "http_proxy", "https_proxy"])
        #expect(text.contains("\nhttp://corp:3128\n") && !text.contains("4711"))
    }

    @Test func withoutARunnerThereAreNoFilesOfIts() throws {
        let note = try note([:])
        #expect(problem { try GitHubFiles(environment: [:]).enter(note) }?.code == .usageInvalid)
    }

    @Test(arguments: [("90s", Int64(90)), ("30m", 1_800), ("6h", 21_600), ("30d", 2_592_000)])
    func aTimeHasAUnit(_ text: String, _ seconds: Int64) throws {
        let options = try Options.resolve(flags: ["max-duration": [text]], environment: [:], file: [])
        #expect(try Lifetime.seconds(options) == seconds)
    }

    @Test(arguments: ["", "6", "h", "0s", "-1h", "31d", "9999999999999999999d", "1w", "1.5h"])
    func aTimeThatIsNoneIsRefused(_ text: String) throws {
        let options = try Options.resolve(flags: ["max-duration": [text]], environment: [:], file: [])
        #expect(problem { _ = try Lifetime.seconds(options) }?.code == .usageInvalid)
    }

    @Test func ordersComeThroughWhole() throws {
        let given = Invocation(
            flags: ["mode": ["enforce"], "artifact": ["a", "b"]],
            environment: ["A": evil],
            folder: "/job",
            program: OwnProgram("/bin/purser"),
            version: "1"
        )
        let read = try #require(Orders(parsing: Orders(given, session: "/s").bytes))
        #expect(read.session == "/s")
        #expect(read.invocation.flags == given.flags && read.invocation.environment == given.environment)
        #expect(Orders(parsing: []) == nil && Orders(parsing: Array("{}".utf8)) == nil)
    }

    @Test func aSweepLeavesWhatADeadSessionLeftForAWeek() throws {
        let scratch = try Scratch()
        let folder = scratch.path("purser-0123456789abcdef01")
        for name in ["lock", "journal", SessionNote.file] { try scratch.write("purser-0123456789abcdef01/\(name)", "") }
        SessionPaths.sweep(["TMPDIR": scratch.folder])
        #expect(Files.exists(folder))
        try Files.unlink("\(folder)/\(SessionNote.file)")
        SessionPaths.sweep(["TMPDIR": scratch.folder])
        #expect(!Files.exists(folder))
    }
}
