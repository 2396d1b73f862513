import Glibc
import Kernel
import Testing

/// Programs started by us.
@Suite struct ChildTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func output(_ command: ChildCommand) async throws -> String {
        String(decoding: try await ChildProcess.run(command).output, as: UTF8.self)
    }

    @Test func tellsHowAProgramEnded() async throws {
        #expect(try await ChildProcess.spawn(shell("exit 7")).wait() == .exited(7))
        #expect(try await ChildProcess.spawn(shell("kill -TERM $$")).wait() == .signalled(SIGTERM))
        #expect(ChildExit.signalled(SIGTERM).status == 143 && ChildExit.exited(3).status == 3)
    }

    @Test func tellsWhatCannotBeStarted() throws {
        func error(_ command: ChildCommand) -> SpawnError? {
            #expect(throws: SpawnError.self) { try ChildProcess.spawn(command) }
        }
        let environment = ["PATH": scratch.path]
        try Files.writeAtomically(scratch("plain"), Array("x".utf8), mode: 0o644)
        #expect(error(ChildCommand(["absent"], environment: environment)) == .notFound("absent"))
        #expect(error(ChildCommand(["/absent/x"], environment: environment))?.exitStatus == 127)
        #expect(error(ChildCommand(["plain"], environment: environment)) == .notExecutable(scratch("plain")))
        #expect(error(ChildCommand([scratch.path], environment: environment))?.exitStatus == 126)
        #expect(error(ChildCommand([], environment: environment))?.exitStatus == 127)
        let nowhere = ChildCommand(["/bin/sh"], environment: environment, workingDirectory: scratch("none"))
        guard case .failed(let cause) = error(nowhere) else {
            Issue.record("started in no folder")
            return
        }
        #expect(cause.isMissing && cause.path == scratch("none"))
    }

    @Test func searchesThePathItIsGiven() async throws {
        try Files.makeFolder(scratch("bin"))
        try Files.writeAtomically(scratch("bin/tool"), Array("echo plain script $1\n".utf8), mode: 0o755)
        let command = ChildCommand(
            ["tool", "a b"],
            environment: ["PATH": "/nowhere:bin", "X": "1"],
            workingDirectory: scratch.path
        )
        #expect(try await output(command) == "plain script a b\n")
    }

    @Test func givesExactlyTheEnvironmentAndFolder() async throws {
        var command = ChildCommand(["/usr/bin/env"], environment: ["A": "1=2", "B": ""])
        #expect(try await output(command) == "A=1=2\nB=\n")
        command = shell("pwd", folder: scratch.path)
        #expect(try await output(command) == scratch.path + "\n")
    }

    @Test func closesWhatIsNotItsOwn() async throws {
        // Without close-on-exec, as a library might open it.
        let stray = unsafe open("/dev/null", O_RDONLY)
        defer { close(stray) }
        #expect(try await output(shell("ls /proc/self/fd | wc -l")).contains("4"))
    }

    @Test func leadsStreamsIntoFiles() async throws {
        let file = try Files.create(scratch("out"))
        var command = shell("cat; echo to err >&2")
        try Files.writeAtomically(scratch("in"), Array("from file\n".utf8))
        command.standardInput = .file(try Files.open(scratch("in")))
        command.standardOutput = .file(file)
        command.standardError = .file(file)
        #expect(try await ChildProcess.spawn(command).wait() == .exited(0))
        #expect(try Files.readAll(scratch("out")) == Array("from file\nto err\n".utf8))
    }

    @Test func feedsAndReadsPipesWithoutDeadlock() async throws {
        let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let report = try await ChildProcess.run(
            shell("tee /dev/stderr"),
            input: input,
            limits: RunLimits(outputBytes: 8 << 20)
        )
        #expect(report.exit == .exited(0) && report.output == input && report.errors == input && !report.isCut)
    }

    @Test func keepsNoMoreThanTheLimit() async throws {
        let report = try await ChildProcess.run(
            shell("head -c 1000000 /dev/zero; echo x >&2; exit 3"),
            limits: RunLimits(outputBytes: 10)
        )
        #expect(report.exit == .exited(3) && report.output.count == 10 && report.isCut)
        #expect(report.errors == Array("x\n".utf8))
    }

    @Test func killsAProgramThatTakesTooLong() async throws {
        let report = try await ChildProcess.run(shell("exec sleep 60"), limits: RunLimits(seconds: 0.2))
        #expect(report.exit == .signalled(SIGKILL) && report.isLate)
    }

    @Test func cancellingTheTaskKillsTheProgram() async throws {
        let task = Task { try await ChildProcess.run(shell("exec sleep 60")) }
        task.cancel()
        #expect(try await task.value.exit == .signalled(SIGKILL))
    }

    @Test func doesNotWaitForAGrandchildThatKeepsThePipe() async throws {
        let report = try await ChildProcess.run(shell("sleep 60 & echo $!"))
        #expect(report.exit == .exited(0))
        let pid = Int32(String(decoding: report.output, as: UTF8.self).dropLast())
        if let pid { kill(pid, SIGKILL) }
    }

    @Test func staysInOurGroupUnlessAskedForASession() async throws {
        let script = "ps -o pgid= -p $$ | tr -d ' '"
        #expect(try await output(shell(script)) == "\(getpgrp())\n")
        var command = shell("ps -o sid= -p $$ | tr -d ' '; echo $$")
        command.newSession = true
        let lines = try await output(command).split(separator: "\n")
        #expect(lines.count == 2 && lines.first == lines.last)
    }

    @Test func signalsNobodyOnceTheChildHasEnded() async throws {
        let child = try ChildProcess.spawn(shell("exit 0"))
        _ = await child.wait()
        #expect(try !child.signal(SIGKILL))
    }

    @Test func manyChildrenAtOnce() async throws {
        let sum = try await withThrowingTaskGroup(of: Int32.self) { group in
            for number in 0..<40 {
                group.addTask { try await ChildProcess.spawn(shell("exit \(number)")).wait().status }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 780)
    }
}
