import Core
import Kernel
import Manifest
import TestKit
import Testing

/// cargo with a dependency from a git repository, fetched by git.
@Suite(
    "cargo's git dependencies through the agent",
    .enabled(if: Client.isHere("cargo", "git"), "cargo is not on PATH")
)
struct CargoGitTests {
    private let environment = ["CARGO_NET_GIT_FETCH_WITH_CLI": "true"]
    private let again = "rm -rf \"$CARGO_HOME/git\" &&"
    private static let address = "https://github.com/acme/demo.git"

    private func open() async throws -> (Workshop, GitHost) {
        let shop = try await Workshop.open()
        let host = try await GitHost.open(shop)
        let manifest = "[package]\nname = \"demo\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"
        try await host.makeRepository("acme/demo", files: ["Cargo.toml": manifest, "src/lib.rs": "pub fn a() {}\n"])
        let need = "demo = { git = \"\(Self.address)\", tag = \"v1\" }"
        try shop.write(
            "[package]\nname = \"job\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\(need)\n",
            "Cargo.toml"
        )
        try Files.makeFolder(shop.scratch("job/src"))
        try shop.write("", "src/lib.rs")
        try shop.policy()
        return (shop, host)
    }

    @Test(arguments: ["auto", "registry"])
    func `A fetch and a locked one leave a clean lockfile, and the commit is an input`(_ intercept: String) async throws
    {
        let (shop, host) = try await open()
        let options = ["--intercept", intercept]
        let first = try await shop.run("cargo fetch", options, environment: environment)
        #expect(first.status == 0, "\(first.text)")
        let commit = try await host.head("acme/demo", "v1^{commit}")
        let lock = try shop.read("Cargo.lock")
        #expect(lock.contains("git+\(Self.address)?tag=v1#\(commit)") && !lock.contains("127.0.0.1"), "\(lock)")
        #expect(try shop.purls() == ["pkg:github/acme/demo@\(commit)"])
        let second = try await shop.run("\(again) cargo fetch --locked", options, environment: environment)
        #expect(second.status == 0, "\(second.text)")
        #expect(try shop.read("Cargo.lock") == lock)
        #expect(try shop.manifest().inputs.first?.claimed.contains { $0.by == "Cargo.lock" } == true)
        await shop.fake.stop()
        let script = "\(again) cargo fetch --locked"
        let offline = try await shop.run(script, options + ["--offline"], environment: environment)
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("Cargo.lock") == lock)
    }

    @Test func `A blocked repository is refused in cargo's own words`() async throws {
        let (shop, _) = try await open()
        try shop.policy("rules: { block: [\"pkg:github/acme/*\"] }\n")
        let ending = try await shop.run("cargo fetch", environment: environment)
        #expect(ending.status == 101, "\(ending.text)")
        #expect(ending.errors.contains("policy.denied (rule block): pkg:github/acme/demo"), "\(ending.text)")
    }
}
