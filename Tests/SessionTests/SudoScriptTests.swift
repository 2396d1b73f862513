import Kernel
import Testing

@testable import Session

@Suite("The stand-in for sudo")
struct SudoScriptTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        // A sudo that says how it was called, and refuses to keep anything where the file `strict` lies.
        try scratch.write(
            "real",
            """
            #!/bin/sh
            if [ -e "\(scratch.folder)/strict" ]; then case $1 in --preserve-env=*) exit 1 ;; esac; fi
            for word in "$@"; do printf '[%s]' "$word"; done
            """
        )
        try Files.chmod(scratch.path("real"), mode: 0o755)
    }

    private func call(_ keeping: Sudo.Keeping, _ arguments: [String]) async throws -> String {
        let facts = SudoScript.Facts(
            real: scratch.path("real"),
            keeping: keeping,
            names: ["PIP_CERT", "http_proxy"],
            settings: "/settings",
            notes: scratch.path("notes"),
            aptConfiguration: nil
        )
        try scratch.write("sudo", SudoScript.standIn(facts))
        let command = ChildCommand(
            ["/bin/sh", scratch.path("sudo")] + arguments,
            environment: ["PATH": "/usr/bin:/bin"]
        )
        let report = try await ChildProcess.run(command, limits: RunLimits(seconds: 20))
        #expect(report.errors.isEmpty, "\(String(decoding: report.errors, as: UTF8.self))")
        return String(decoding: report.output, as: UTF8.self)
    }

    @Test(arguments: [
        ["apt-get", "install", "a b"], ["-E", "apt-get"], ["-u", "me", "make"], ["-nHu", "me", "--", "make", "-l"],
        ["A=1", "make"], ["-i"], ["-s", "make"], ["--user=me", "make"], ["--user", "-l", "make"], ["-p", "-e", "make"],
    ])
    func `A command's words stay as they are and the names are added`(_ words: [String]) async throws {
        let said = try await call(.preserve, words)
        #expect(said == "[--preserve-env=PIP_CERT,http_proxy]" + words.map { "[\($0)]" }.joined())
    }

    @Test(arguments: [
        ["-v"], ["-l", "make"], ["-k"], ["-K"], ["-nv"], ["--list"], ["-e", "/etc/hosts"], ["-h"], [], ["-u", "me"],
    ])
    func `A call that runs no command is passed on`(_ words: [String]) async throws {
        for keeping in [Sudo.Keeping.preserve, .inside, .ask] {
            #expect(try await call(keeping, words) == words.map { "[\($0)]" }.joined())
        }
        #expect(!Files.exists(scratch.path("notes")))
    }

    @Test func `Where sudo keeps nothing a shell behind it sets the variables`() async throws {
        let shell = #"[/bin/sh][-c][. "$0" && exec env "$@"][/settings]"#
        #expect(try await call(.inside, ["make", "x"]) == "[--]\(shell)[make][x]")
        #expect(
            try await call(.inside, ["-n", "-u", "root", "A=1", "make"]) == "[-n][-u][root][--]\(shell)[A=1][make]"
        )
        #expect(try await call(.inside, ["-E", "--", "make", "--", "x"]) == "[-E][--]\(shell)[make][--][x]")
        #expect(!Files.exists(scratch.path("notes")))
    }

    @Test func `Another user cannot read the variables, so the call is noted`() async throws {
        #expect(try await call(.inside, ["-u", "me", "make"]) == "[-u][me][make]")
        #expect(Files.exists(scratch.path("notes")))
    }

    @Test func `A sudo that asks for a password is tried first`() async throws {
        #expect(try await call(.ask, ["make"]) == "[--preserve-env=PIP_CERT,http_proxy][make]".withTrial)
        #expect(!Files.exists(scratch.path("notes")))
        try scratch.write("strict", "")
        #expect(try await call(.ask, ["make"]) == "[make]")
        #expect(Files.exists(scratch.path("notes")))
    }

    @Test func `Values with quotes reach the shell whole`() async throws {
        let values = ["A": "it's \"$HOME\"\n`x`", "B": ""]
        try scratch.write("settings", SudoScript.assignments(values))
        let command = ChildCommand(
            ["/bin/sh", "-c", ". \(scratch.path("settings")); printf '%s|%s' \"$A\" \"$B\""],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        let report = try await ChildProcess.run(command, limits: RunLimits(seconds: 20))
        #expect(String(decoding: report.output, as: UTF8.self) == "it's \"$HOME\"\n`x`|")
    }
}

extension String {
    /// With what the trial before it prints.
    fileprivate var withTrial: String { "[--preserve-env=PIP_CERT,http_proxy][-n][--][true]" + self }
}
