import Core
import Manifest
import TestKit
import Testing

/// pip, as jobs call it.
@Suite("pip through the agent", .enabled(if: Client.isHere("python3", "pip3"), "pip is not on PATH"))
struct PipTests {
    private let install = "python3 -m pip install --disable-pip-version-check --no-cache-dir --target out"

    @Test func `An install is recorded with the index's promise, and a second one asks no file again`() async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = PythonProject.demo(on: shop.fake)
        let first = try await shop.run("\(install) demo && test -f out/leaf/__init__.py")
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
        let inputs = try shop.manifest().inputs
        #expect(inputs.map(\.sha256) == [demo.digest("1.0"), leaf.digest("0.5")])
        #expect(inputs.allSatisfy { $0.claimed.contains { $0.by == "index" && $0.agrees } })
        let lock = try shop.read("purser.lock")
        let second = try await shop.run("rm -rf out && \(install) demo")
        #expect(second.status == 0, "\(second.text)")
        #expect(shop.fake.count(demo.path("1.0")) == 1 && shop.fake.count(leaf.path("0.5")) == 1)
        #expect(try shop.read("purser.lock") == lock)
    }

    @Test func `With the network gone, an offline run installs the same from the cache`() async throws {
        let shop = try await Workshop.open()
        _ = PythonProject.demo(on: shop.fake)
        #expect(try await shop.run("\(install) demo").status == 0)
        await shop.fake.stop()
        let offline = try await shop.run("rm -rf out && \(install) demo", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        let absent = try await shop.run("\(install) other", ["--offline"])
        #expect(absent.status == 1)
    }

    @Test(arguments: ["auto", "registry"])
    func `A young release is hidden and the resolver takes the older one`(_ intercept: String) async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        try shop.policy()
        let ending = try await shop.run("\(install) demo", ["--intercept", intercept])
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
        #expect(ending.errors.contains("hidden from an index: pkg:pypi/demo@2.0 is 1 h old"))
        #expect(shop.fake.count(demo.path("2.0")) == 0)
    }

    @Test(arguments: ["demo==2.0 --hash=sha256:HASH", "demo==2.0"], ["auto", "registry"])
    func `A young release that requirements pin is refused with rule and remedy`(
        _ line: String,
        _ intercept: String
    ) async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = PythonProject.demo(on: shop.fake, young: true)
        let isHashed = line.contains("HASH")
        let other = "leaf==0.5" + (isHashed ? " --hash=sha256:\(leaf.digest("0.5"))" : "")
        let pins = "\(line.replacing("HASH", with: demo.digest("2.0")))\n\(other)\n"
        try shop.write(pins, "requirements.txt")
        try shop.policy()
        let ending = try await shop.run("\(install) -r requirements.txt", ["--intercept", intercept])
        #expect(ending.status == 1)
        #expect(ending.text.contains("403 Client Error: policy.denied min_age: pkg:pypi/demo@2.0 is 1 h old; policy"))
        #expect(ending.text.contains("; wait until "), "\(ending.text)")
        #expect(!ending.text.contains("No matching distribution"))
        #expect(ending.errors.ranges(of: "blocked: pkg:pypi/demo@2.0 is 1 h old").count == 1, "\(ending.errors)")
        #expect(shop.fake.count(demo.path("2.0")) == 0)
        #expect(try shop.read("requirements.txt") == pins)
        // Beside the lockfile the resolver falls back as ever.
        let free = try await shop.run("\(install) demo", ["--intercept", intercept])
        #expect(free.status == 0, "\(free.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
    }

    @Test func `A young release asked for by URL is refused in pip's own words`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        try shop.policy()
        let ending = try await shop.run("\(install) --no-deps \(demo.url("2.0"))")
        #expect(ending.status == 1)
        #expect(ending.text.contains("403 Client Error: policy.denied min_age: pkg:pypi/demo@2.0 is 1 h old; policy"))
        #expect(shop.fake.count(demo.path("2.0")) == 0)
    }

    @Test func `A denial that the command swallows still fails the run`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        try shop.policy()
        let ending = try await shop.run("\(install) --no-deps \(demo.url("2.0")) || true")
        #expect(ending.status == 125)
        #expect(ending.errors.contains("blocked: pkg:pypi/demo@2.0 is 1 h old"))
    }

    @Test func `Hashes in a requirements file count as promises and stay as they are`() async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = PythonProject.demo(on: shop.fake)
        let pins = """
            demo==1.0 --hash=sha256:\(demo.digest("1.0"))
            leaf==0.5 --hash=sha256:\(leaf.digest("0.5"))

            """
        try shop.write(pins, "requirements.txt")
        let ending = try await shop.run("\(install) -r requirements.txt")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.read("requirements.txt") == pins)
        let claimants = try shop.manifest().inputs.map { Set($0.claimed.map(\.by)) }
        #expect(claimants == [["index", "requirements.txt"], ["index", "requirements.txt"]])
    }

    @Test func `Under --locked nothing else comes in, and the run says what was kept out`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let stranger = PythonProject(name: "stranger", releases: [.init(version: "3.1")])
        stranger.serve(on: shop.fake)
        #expect(try await shop.run("\(install) demo").status == 0)
        let lock = try shop.read("purser.lock")
        let same = try await shop.run("rm -rf out && \(install) demo", ["--locked"])
        #expect(same.status == 0, "\(same.text)")
        let byName = try await shop.run("\(install) stranger", ["--locked"])
        #expect(byName.status == 1)
        #expect(byName.errors.contains("hidden from an index: pkg:pypi/stranger is not among the inputs"))
        let byURL = try await shop.run("\(install) \(stranger.url("3.1"))", ["--locked"])
        #expect(byURL.status == 1)
        #expect(byURL.text.contains("403 Client Error: policy.denied locked: pkg:pypi/stranger@3.1 is not among"))
        #expect(try shop.read("purser.lock") == lock)
        #expect(shop.fake.count(demo.path("1.0")) == 1 && shop.fake.count(stranger.path("3.1")) == 0)
    }

    @Test func `In registry mode links lead to us and neither secret nor address is recorded`() async throws {
        let shop = try await Workshop.open()
        _ = PythonProject.demo(on: shop.fake)
        let ending = try await shop.run("\(install) demo && printenv PIP_INDEX_URL", ["--intercept", "registry"])
        #expect(ending.status == 0, "\(ending.text)")
        let line = ending.output.split(separator: "\n").last { $0.hasPrefix("http://purser:") } ?? ""
        let secret = line.dropFirst("http://purser:".count).prefix { $0 != "@" }
        #expect(secret.utf8.count >= 32)
        #expect(ending.text.ranges(of: secret).count == 1, "pip printed the secret: \(ending.text)")
        for paper in ["purser.lock", "purser-run.json", "purser.intoto.json"] {
            #expect(try !shop.read(paper).contains(secret))
        }
        #expect(try shop.manifest().inputs.map(\.url).allSatisfy { $0.hasPrefix("https://files.python") })
    }

    @Test func `What the machine had set for pip is kept or merged`() async throws {
        let shop = try await Workshop.open()
        _ = PythonProject.demo(on: shop.fake)
        let local = PythonProject(name: "local", releases: [.init(version: "7.0")])
        try shop.scratch.write(local.wheel(local.releases[0]), to: "home/\(local.file("7.0"))")
        try shop.scratch.write(Array("# no certificate in here\n".utf8), to: "home/own.pem")
        let settings = ["PIP_FIND_LINKS": shop.scratch("home"), "PIP_CERT": shop.scratch("home/own.pem")]
        let ending = try await shop.run("\(install) demo local && cat \"$PIP_CERT\"", environment: settings)
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output.contains("# no certificate in here"))
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
        let wrong = try await shop.run("true", environment: ["PIP_CERT": shop.scratch("home/absent.pem")])
        #expect(wrong.status != 0 && wrong.errors.contains("config.unreadable"))
    }

    @Test(arguments: [Fault.reset, .resetInBody, .status(503), .busy("1"), .truncate, .flip])
    func `A fault that happens once is never seen by pip`(_ fault: Fault) async throws {
        let shop = try await Workshop.open()
        let leaf = PythonProject(name: "leaf", releases: [.init(version: "0.5")])
        let bytes = leaf.wheel(leaf.releases[0])
        leaf.serve(on: shop.fake, [FakeAnswer(bytes).with(fault), FakeAnswer(bytes)])
        let ending = try await shop.run("\(install) leaf")
        #expect(ending.status == 0, "\(ending.text)")
    }

    @Test(arguments: [Fault.flip, .html, .empty, .truncate])
    func `A file that stays wrong fails with our reason and leaves nothing in the cache`(_ fault: Fault) async throws {
        let shop = try await Workshop.open()
        let leaf = PythonProject(name: "leaf", releases: [.init(version: "0.5")])
        leaf.serve(on: shop.fake, [FakeAnswer(leaf.wheel(leaf.releases[0])).with(fault)])
        let ending = try await shop.run("\(install) leaf")
        #expect(ending.status == 1)
        #expect(ending.text.contains("Server Error: integrity.mismatch: ") || fault == .truncate, "\(ending.text)")
        #expect(try shop.purls().isEmpty && !shop.exists("out/leaf"))
        leaf.serve(on: shop.fake)
        let healed = try await shop.run("\(install) leaf")
        #expect(healed.status == 0, "\(healed.text)")
        #expect(try shop.manifest().inputs.map(\.sha256) == [leaf.digest("0.5")])
    }
}
