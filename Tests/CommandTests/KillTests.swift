import Foundation
import Kernel
import Testing

/// The agent is killed at its n-th write, for many n: what is left never verifies wrongly, and the next run works.
@Suite("Killed at any moment", .enabled(if: Files.exists("/usr/bin/strace")))
struct KillTests {
    private static let calls = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat"

    /// How many points are tried; `PURSER_KILL_POINTS=0` tries every one.
    private static var points: Int {
        ProcessInfo.processInfo.environment["PURSER_KILL_POINTS"].flatMap { Int($0) } ?? 40
    }

    private static let run =
        "run -q --offline --signing-key ../key.pem --artifact 'demo*' -- fetch demo demo-1.0-py3-none-any.whl"

    @Test func neverLeavesPapersThatVerifyAndAreWrong() async throws {
        let stage = try Stage()
        let first = try await stage.shell(
            "purser keygen -q --out ../key.pem && purser run -q -- fetch demo demo-1.0-py3-none-any.whl "
                + "&& purser \(KillTests.run) && cp purser.lock ../right"
        )
        #expect(first.exit == .exited(0), "\(first.errorText)")
        let right = try Files.readAll("\(stage.folder)/right")
        let total = try await count(stage)
        #expect(total > 20)
        let step = KillTests.points == 0 ? 1 : max(1, total / KillTests.points)
        for point in stride(from: 1, through: total, by: step) {
            let state = "rm -f purser* demo*; "
            // Only the agent is traced: its children are other programs.
            _ = try await stage.shell(
                state + "strace -D -qq -o /dev/null -f --seccomp-bpf -e trace=\(KillTests.calls) "
                    + "-e inject=\(KillTests.calls):signal=KILL:when=\(point) purser \(KillTests.run)"
            )
            let verified = try await stage.shell("purser verify -q --trust ../key.pem.trust.json")
            if verified.exit == .exited(0) {
                #expect(try Files.readAll("\(stage.job)/purser.lock") == right, "point \(point)")
            }
        }
        let after = try await stage.shell(
            "rm -f purser* demo*; purser \(KillTests.run) && purser verify -q --trust ../key.pem.trust.json && cmp purser.lock ../right"
        )
        #expect(after.exit == .exited(0), "\(after.errorText)")
        #expect(stage.sessions.isEmpty)
    }

    private func count(_ stage: Stage) async throws -> Int {
        let report = try await stage.shell(
            "strace -qq -f -o ../trace -e trace=\(KillTests.calls) purser \(KillTests.run); grep -c . ../trace"
        )
        return Int(report.outputText.split(separator: "\n").last ?? "") ?? 0
    }
}
