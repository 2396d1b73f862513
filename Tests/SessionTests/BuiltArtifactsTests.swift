import Core
import Kernel
import Manifest
import Testing

@testable import Session

@Suite("Built artifacts")
struct BuiltArtifactsTests {
    @Test(arguments: [
        ("*.whl", ["a.whl"]), ("dist/*", ["dist/a.whl", "dist/b.tar"]),
        ("**/*.whl", ["a.whl", "dist/a.whl", "dist/sub/c.whl"]),
        ("dist/?.whl", ["dist/a.whl"]), ("dist/**/c.*", ["dist/sub/c.whl"]),
    ])
    func aPatternMatchesBelowTheFolder(_ glob: String, _ expected: [String]) throws {
        let scratch = try Scratch()
        for name in ["a.whl", "dist/a.whl", "dist/b.tar", "dist/sub/c.whl", ".hidden/d.whl"] {
            try scratch.write(name, name)
        }
        let built = try BuiltArtifacts.collect([glob], folder: scratch.folder)
        #expect(built.files.map(\.output.path) == expected)
    }

    @Test(arguments: ["../*", "/etc/*", "a/../../b", ""])
    func aPatternThatLeavesTheFolderIsRefused(_ glob: String) throws {
        let scratch = try Scratch()
        #expect(problem { _ = try BuiltArtifacts.collect([glob], folder: scratch.folder) }?.code == .usageInvalid)
    }

    @Test func aPatternThatMatchesNothingIsAnError() throws {
        let scratch = try Scratch()
        #expect(problem { _ = try BuiltArtifacts.collect(["*.whl"], folder: scratch.folder) }?.code == .notFound)
    }

    @Test func linksAreNoArtifacts() throws {
        let scratch = try Scratch()
        try Files.symlink(scratch.path("x.whl"), to: "/etc/passwd")
        #expect(problem { _ = try BuiltArtifacts.collect(["*.whl"], folder: scratch.folder) }?.code == .notFound)
    }

    @Test func twoPatternsForOneFileNameItOnce() throws {
        let scratch = try Scratch()
        try scratch.write("a.whl", "a")
        #expect(try BuiltArtifacts.collect(["*", "a.*"], folder: scratch.folder).files.count == 1)
    }

    @Test func anArchiveWithTheManifestInsideIsRefused() async throws {
        let scratch = try Scratch()
        try scratch.write("purser.lock", "{}")
        let report = try await ChildProcess.run(
            ChildCommand(
                ["tar", "czf", "p.tar.gz", "./purser.lock"],
                environment: ["PATH": "/usr/bin:/bin"],
                workingDirectory: scratch.folder
            )
        )
        try #require(report.exit == .exited(0))
        let found = problem { _ = try BuiltArtifacts.collect(["*.gz"], folder: scratch.folder) }
        #expect(found?.code == .usageInvalid)
        #expect(found?.summary.contains("purser.lock") == true)
    }
}
