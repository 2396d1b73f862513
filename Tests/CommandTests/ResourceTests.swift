import Kernel
import Testing

@Suite("No room", .enabled(if: ProcessIdentity.effectiveUID == 0 && Files.exists("/usr/bin/unshare")))
struct ResourceTests {
    /// Runs `line` where `folder` is a file system of one mebibyte.
    private func run(_ stage: Stage, full folder: String, _ line: String) async throws -> ChildReport {
        try Files.makeFolder(folder)
        let mounted = "mount -t tmpfs -o size=1m tmpfs \(folder) && \(line)"
        return try await stage.shell("unshare -m sh -c \"\(mounted)\"")
    }

    private func big() -> [String: FakeAnswer] {
        let answer = FakeAnswer(
            headers: ["Content-Type: application/octet-stream"],
            body: [UInt8](repeating: 7, count: 4 << 20)
        )
        return ["/files/big.bin": answer]
    }

    @Test func aFullCacheFailsTheFetchAndTheRun() async throws {
        let stage = try Stage(big())
        let report = try await run(
            stage,
            full: stage.cache,
            "purser run -- sh -c 'curl -sS -o big.bin https://files.pythonhosted.org/files/big.bin; true'"
        )
        #expect(report.exit == .exited(125), "\(report.errorText)")
        #expect(report.errorText.contains("error[storage.full]"), "\(report.errorText)")
        #expect(stage.sessions.isEmpty)
    }

    @Test func aFullTemporaryFolderIsNamed() async throws {
        let stage = try Stage()
        let report = try await run(
            stage,
            full: stage.temporary,
            "sh -c 'head -c 2000000 /dev/zero > \(stage.temporary)/fill'; purser run -- touch started"
        )
        #expect(report.exit != .exited(0), "\(report.errorText)")
        #expect(report.errorText.contains("error[storage."), "\(report.errorText)")
        #expect(!Files.exists("\(stage.job)/started"))
    }

    @Test func papersThatCannotBeWrittenAreAnError() async throws {
        let stage = try Stage()
        let report = try await stage.shell("mkdir purser.lock.d; purser run --manifest /proc/none/purser.lock -- true")
        #expect(report.exit == .exited(125), "\(report.errorText)")
        #expect(report.errorText.contains("could not be written"), "\(report.errorText)")
    }
}
