import Core
import Manifest
import TestKit
import Testing

/// pipenv, PDM and Poetry on their own lockfiles: they look their pin up in the index before they ask for the file.
@Suite("Python lockfiles through the agent")
struct PythonLockTests {
    /// A project that pins the young release of `demo`, its lockfile written without a policy.
    private func open(_ name: String, _ project: String, lock: String) async throws -> (Workshop, PythonProject) {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        try shop.write(project, name)
        let first = try await shop.run(lock, environment: settings(shop))
        #expect(first.status == 0, "\(first.text)")
        try shop.policy()
        return (shop, demo)
    }

    private func settings(_ shop: Workshop) -> [String: String] {
        [
            "PIPENV_VENV_IN_PROJECT": "1", "PIPENV_NOSPIN": "1", "PIPENV_CACHE_DIR": shop.scratch("pipenv"),
            "PDM_CHECK_UPDATE": "false", "PDM_CACHE_DIR": shop.scratch("pdm"), "PDM_USE_UV": "false",
            "POETRY_CACHE_DIR": shop.scratch("poetry"), "POETRY_VIRTUALENVS_IN_PROJECT": "true",
            "POETRY_NO_INTERACTION": "1", "POETRY_INSTALLER_PARALLEL": "false", "NO_COLOR": "1",
            "XDG_DATA_HOME": shop.scratch("home/data"),
        ]
    }

    private func expectRefusal(_ shop: Workshop, _ demo: PythonProject, _ script: String) async throws {
        let ending = try await shop.run(script, environment: settings(shop))
        #expect(ending.status != 0)
        let text = ending.text.split { $0.isWhitespace || $0 == "│" }.joined(separator: " ")
        #expect(text.contains("policy.denied min_age: pkg:pypi/demo@2.0 is 1 h old"), "\(ending.text)")
        #expect(text.contains("; wait until "), "\(ending.text)")
        #expect(shop.fake.count(demo.path("2.0")) == 0)
    }

    /// How one of them is called.
    struct Tool: Sendable, CustomTestStringConvertible {
        let name: String
        let project: (file: String, text: String)
        let lockfile: String

        var testDescription: String { name }
    }

    private static let tools = [
        Tool(name: "pipenv", project: ("Pipfile", pipfile), lockfile: "Pipfile.lock"),
        Tool(
            name: "pdm",
            project: ("pyproject.toml", "\(metadata)[tool.pdm]\ndistribution = false\n"),
            lockfile: "pdm.lock"
        ),
        Tool(
            name: "poetry",
            project: ("pyproject.toml", "\(metadata)[tool.poetry]\npackage-mode = false\n"),
            lockfile: "poetry.lock"
        ),
    ]

    @Test(arguments: tools.filter { Client.isHere($0.name) })
    func `A locked install leaves the lockfile alone, and the last has no network`(_ tool: Tool) async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = PythonProject.demo(on: shop.fake)
        try shop.write(tool.project.text, tool.project.file)
        try shop.policy()
        let own = settings(shop)
        let first = try await shop.run("\(tool.name) lock && \(tool.name) sync", environment: own)
        #expect(first.status == 0, "\(first.text)")
        let lock = try shop.read(tool.lockfile)
        #expect(lock.contains(demo.digest("1.0")) && !lock.contains("127.0.0.1"), "\(lock)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
        await shop.fake.stop()
        let again = "rm -rf .venv ../pipenv ../pdm ../poetry && \(tool.name) sync"
        let second = try await shop.run(again, ["--offline"], environment: own)
        #expect(second.status == 0, "\(second.text)")
        #expect(shop.fake.count(demo.path("1.0")) == 1 && shop.fake.count(leaf.path("0.5")) == 1)
        #expect(try shop.read(tool.lockfile) == lock)
        #expect(try shop.manifest().inputs.allSatisfy { $0.claimed.contains { $0.by == tool.lockfile } })
    }

    private static let pipfile = """
        [[source]]
        url = "https://pypi.org/simple"
        verify_ssl = true
        name = "pypi"
        [packages]
        demo = "*"

        """

    private static let metadata = """
        [project]
        name = "job"
        version = "1.0"
        requires-python = ">=3.9"
        dependencies = ["demo"]

        """

    @Test(.enabled(if: Client.isHere("pipenv"), "pipenv is not on PATH"))
    func `pipenv shows rule and remedy`() async throws {
        let (shop, demo) = try await open("Pipfile", Self.pipfile, lock: "pipenv lock")
        let lock = try shop.read("Pipfile.lock")
        #expect(lock.contains(demo.digest("2.0")))
        try await expectRefusal(shop, demo, "pipenv sync")
        #expect(try shop.read("Pipfile.lock") == lock)
    }

    @Test(.enabled(if: Client.isHere("pdm"), "pdm is not on PATH"))
    func `PDM shows rule and remedy`() async throws {
        let project = "\(Self.metadata)[tool.pdm]\ndistribution = false\n"
        let (shop, demo) = try await open("pyproject.toml", project, lock: "pdm lock")
        let lock = try shop.read("pdm.lock")
        #expect(lock.contains(demo.digest("2.0")))
        try await expectRefusal(shop, demo, "pdm sync")
        #expect(try shop.read("pdm.lock") == lock)
    }

    @Test(.enabled(if: Client.isHere("poetry"), "poetry is not on PATH"))
    func `Poetry shows rule and remedy`() async throws {
        let project = "\(Self.metadata)[tool.poetry]\npackage-mode = false\n"
        let (shop, demo) = try await open("pyproject.toml", project, lock: "poetry lock")
        let lock = try shop.read("poetry.lock")
        #expect(lock.contains(demo.digest("2.0")))
        try await expectRefusal(shop, demo, "poetry sync")
        #expect(try shop.read("poetry.lock") == lock)
    }
}
