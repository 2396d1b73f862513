import Foundation
import Kernel
import TestKit
import Testing

/// Both programs, which the tutorial needs.
private enum Programs {
    /// The registry's, built beside the agent's, by the name of its product or of its target.
    static var registry: String? {
        guard let agent = try? Agent.path(), let end = agent.lastIndex(of: "/") else { return nil }
        return ["purser-registry", "RegistryCommand"].map { "\(agent[..<end])/\($0)" }.first { Files.exists($0) }
    }
}

/// docs/tutorial.md, followed to the letter with the programs of this build.
@Suite(
    "The tutorial",
    .enabled(
        if: Client.isHere("npm", "node", "git", "python3") && Programs.registry != nil,
        "npm, node, git, python3 or purser-registry is missing"
    )
)
struct TutorialTests {
    @Test func `Every command of the page does what the page shows`() async throws {
        let scratch = try Scratch()
        for folder in ["bin", "tmp"] { try Files.makeFolder(scratch(folder)) }
        try Files.symlink(scratch("bin/purser"), to: Agent.path())
        try Files.symlink(scratch("bin/purser-registry"), to: #require(Programs.registry))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let command = ChildCommand(
            ["python3", root.appending(path: "scripts/tutorial.py").path, scratch("bin")],
            environment: [
                "PATH": ProcessIdentity.environment()["PATH"] ?? "/usr/bin:/bin", "TMPDIR": scratch("tmp"),
                "LC_ALL": "C.UTF-8",
            ],
            workingDirectory: scratch.path
        )
        let report = try await ChildProcess.run(command, limits: RunLimits(seconds: 150))
        let text = String(decoding: report.output + report.errors, as: UTF8.self)
        #expect(report.exit.status == 0, "\(text)")
    }
}
