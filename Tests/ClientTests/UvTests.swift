import Core
import Manifest
import TestKit
import Testing

/// uv, with its lockfile and without.
@Suite("uv through the agent", .enabled(if: Client.isHere("python3", "uv"), "uv is not on PATH"))
struct UvTests {
    private let install = "uv pip install --python python3 --target out"

    private func project(_ shop: Workshop) throws {
        try shop.write(
            """
            [project]
            name = "job"
            version = "0"
            requires-python = ">=3.9"
            dependencies = ["demo"]

            """,
            "pyproject.toml"
        )
    }

    @Test(arguments: ["auto", "registry"])
    func `An install takes the sidecar for resolving and the wheel once`(_ intercept: String) async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        try shop.policy()
        let first = try await shop.run("\(install) demo", ["--intercept", intercept])
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
        #expect(shop.fake.count(demo.path("1.0") + ".metadata") == 1)
        let second = try await shop.run("rm -rf out && \(install) demo", ["--intercept", intercept])
        #expect(second.status == 0, "\(second.text)")
        #expect(shop.fake.count(demo.path("1.0")) == 1 && shop.fake.count(demo.path("2.0")) == 0)
    }

    @Test(arguments: ["auto", "registry"])
    func `A lockfile written through us holds the public addresses and is obeyed frozen and offline`(
        _ intercept: String
    ) async throws {
        let mode = ["--intercept", intercept]
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        try project(shop)
        let first = try await shop.run("uv sync --python python3", mode)
        #expect(first.status == 0, "\(first.text)")
        let lock = try shop.read("uv.lock")
        #expect(lock.contains(demo.url("1.0")) && lock.contains("https://pypi.org/simple"))
        #expect(!lock.contains("127.0.0.1"))
        let checked = try await shop.run("rm -rf .venv && uv sync --python python3 --locked", mode)
        #expect(checked.status == 0, "\(checked.text)")
        try shop.policy()
        let frozen = try await shop.run("rm -rf .venv && uv sync --python python3 --frozen", mode + ["--locked"])
        #expect(frozen.status == 0, "\(frozen.text)")
        await shop.fake.stop()
        let offline = try await shop.run("rm -rf .venv && uv sync --python python3 --frozen", mode + ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("uv.lock") == lock)
        #expect(try shop.manifest().inputs.allSatisfy { $0.claimed.contains { $0.by == "uv.lock" } })
    }

    @Test func `A young release in the lockfile is refused in uv's own words`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        try project(shop)
        #expect(try await shop.run("uv lock --python python3").status == 0)
        #expect(try shop.read("uv.lock").contains(demo.file("2.0")))
        try shop.policy()
        let ending = try await shop.run("uv sync --python python3 --frozen")
        #expect(ending.status == 1 || ending.status == 2)
        #expect(ending.text.contains("policy.denied min_age"), "\(ending.text)")
        #expect(ending.text.contains("pkg:pypi/demo@2.0 is 1 h old"))
        #expect(shop.fake.count(demo.path("2.0")) == 0)
    }

    @Test func `The user's own certificates are merged into what uv trusts`() async throws {
        let shop = try await Workshop.open()
        _ = PythonProject.demo(on: shop.fake)
        try shop.scratch.write(Array("# no certificate in here\n".utf8), to: "home/own.pem")
        let ending = try await shop.run(
            "\(install) demo && cat \"$SSL_CERT_FILE\"",
            environment: ["SSL_CERT_FILE": shop.scratch("home/own.pem")]
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output.contains("# no certificate in here"))
    }

    @Test(arguments: [Fault.flip, .html, .truncate])
    func `A wheel that stays wrong fails the install`(_ fault: Fault) async throws {
        let shop = try await Workshop.open()
        let leaf = PythonProject(name: "leaf", releases: [.init(version: "0.5")])
        leaf.serve(on: shop.fake, [FakeAnswer(leaf.wheel(leaf.releases[0])).with(fault)])
        let ending = try await shop.run("\(install) leaf")
        #expect(ending.status != 0)
        #expect(try shop.purls().isEmpty && !shop.exists("out/leaf"))
    }
}
