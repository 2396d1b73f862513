import Core
import Ecosystems
import Kernel
import Manifest
import Testing

@testable import Session

@Suite("Project lockfiles")
struct ProjectLockfilesTests {
    private let lock = """
        {"name": "p", "lockfileVersion": 3, "packages": {"": {"name": "p"}, "node_modules/left-pad": {"version": "1.3.0",
        "resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz",
        "integrity": "sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA=="}}}
        """
    private let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"]

    @Test func readsPinsAndSeesWhatTheJobChanged() async throws {
        let scratch = try Scratch()
        try scratch.write("package-lock.json", lock)
        let before = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        #expect(before.found.map(\.path) == ["package-lock.json"])
        #expect(before.found.first?.pins.count == 1)
        let same = await before.compare(environment: environment, address: "127.0.0.1:4000")
        #expect(same.report.map(\.isChanged) == [false])
        try scratch.write("package-lock.json", lock + "\n")
        let changed = await before.compare(environment: environment, address: "127.0.0.1:4000")
        #expect(changed.report.map(\.isChanged) == [true])
        #expect(changed.leaks == [])
    }

    @Test func readsWhatAnEditorMarkedAndWhatPipTakesUnderAnyName() async throws {
        let scratch = try Scratch()
        try scratch.write("package-lock.json", "\u{FEFF}" + lock.replacing("\n", with: "\r\n"))
        try scratch.write("requirements/prod.txt", "\u{FEFF}six==1.16.0\r\n")
        let found = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment).found
        #expect(found.first?.pins.map(\.release.description) == ["pkg:npm/left-pad@1.3.0"])
        #expect(try ProjectLockfiles.read("package-lock.json", in: scratch.folder).pins.count == 1)
        let named = try ProjectLockfiles.read("requirements/prod.txt", in: scratch.folder)
        #expect(named.pins.map(\.release.description) == ["pkg:pypi/six@1.16.0"])
    }

    @Test func findsOurOwnAddressInAFileThatTheJobWrote() async throws {
        let scratch = try Scratch()
        let before = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        #expect(before.found.isEmpty)
        try scratch.write(
            "package-lock.json",
            lock.replacing("https://registry.npmjs.org", with: "http://127.0.0.1:4000/secret/npm")
        )
        let after = await before.compare(environment: environment, address: "127.0.0.1:4000")
        #expect(after.leaks == ["package-lock.json"])
    }

    /// Every name that a codec reads, with a star made a word.
    private static let names = Set(Catalog.all.flatMap(\.lockfileNames)).map { $0.replacing("*", with: "x") }.sorted()

    @Test(arguments: names)
    func findsOurOwnAddressInEveryKindOfLockfile(_ name: String) async throws {
        let scratch = try Scratch()
        try scratch.write("clean/\(name)", "https://registry.example/demo-1.0.tgz")
        try await git("init -q .", in: scratch)
        let before = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        try scratch.write(name, "x http://127.0.0.1:4000/secret/demo-1.0.tgz\n")
        // Neither committed nor in the working folder itself.
        try scratch.write("new/deep/\(name)", "{\"url\":\"http://purser:secret@127.0.0.1:4000\"}")
        let after = await before.compare(environment: environment, address: "127.0.0.1:4000")
        #expect(after.leaks == [name, "new/deep/\(name)"].sorted())
        #expect(after.report.contains { $0.path == "clean/\(name)" })
    }

    @Test func whatGitIgnoresIsNobodysLockfile() async throws {
        let scratch = try Scratch()
        try scratch.write(".gitignore", "ignored/\n")
        try await git("init -q .", in: scratch)
        let before = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        for folder in ["ignored", "node_modules/a"] { try scratch.write("\(folder)/Cargo.lock", "127.0.0.1:4000") }
        #expect(await before.compare(environment: environment, address: "127.0.0.1:4000").leaks.isEmpty)
    }

    private func git(_ command: String, in scratch: Scratch) async throws {
        let report = try await ChildProcess.run(
            ChildCommand(["sh", "-c", "git \(command)"], environment: environment, workingDirectory: scratch.folder)
        )
        try #require(report.exit == .exited(0))
    }

    @Test func doesNotFollowLinksAndDoesNotMindNoise() async throws {
        let scratch = try Scratch()
        try scratch.write("elsewhere.json", lock)
        try Files.symlink(scratch.path("package-lock.json"), to: scratch.path("elsewhere.json"))
        try scratch.write("npm-shrinkwrap.json", "{ not json")
        let found = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        #expect(!found.found.contains { $0.path == "package-lock.json" })
        #expect(found.found.allSatisfy { $0.pins.isEmpty })
    }

    @Test func insideGitLooksIntoTrackedFoldersOnly() async throws {
        let scratch = try Scratch()
        for folder in ["web", "node_modules/x", "untracked"] { try scratch.write("\(folder)/package-lock.json", lock) }
        let git = "git init -q . && git add -f web node_modules"
        let report = try await ChildProcess.run(
            ChildCommand(["sh", "-c", git], environment: environment, workingDirectory: scratch.folder)
        )
        try #require(report.exit == .exited(0))
        let found = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        #expect(found.found.map(\.path) == ["web/package-lock.json"])
    }

    @Test func readsAtMostTwoHundred() async throws {
        let scratch = try Scratch()
        for number in 0..<205 { try scratch.write("d\(number)/package-lock.json", lock) }
        _ = try await ChildProcess.run(
            ChildCommand(
                ["sh", "-c", "git init -q . && git add ."],
                environment: environment,
                workingDirectory: scratch.folder
            )
        )
        let found = await ProjectLockfiles.scan(folder: scratch.folder, environment: environment)
        #expect(found.found.count == 200)
    }
}
