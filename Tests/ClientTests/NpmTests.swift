import Core
import Manifest
import TestKit
import Testing

/// npm, with its lockfile and without.
@Suite("npm through the agent", .enabled(if: Client.isHere("npm", "node"), "npm is not on PATH"))
struct NpmTests {
    private let package =
        "{\"name\":\"job\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{\"demo\":\"^1.0.0\"}}"
    private let again = "rm -rf node_modules \"$npm_config_cache\" &&"

    @Test(arguments: ["auto", "registry"])
    func `Install and ci leave a clean lockfile and ask each tarball once`(_ intercept: String) async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = NodePackage.demo(on: shop.fake)
        try shop.write(package, "package.json")
        try shop.policy()
        let first = try await shop.run("npm install", ["--intercept", intercept])
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.purls() == ["pkg:npm/demo@1.0.0", "pkg:npm/leaf@1.2.0"])
        let lock = try shop.read("package-lock.json")
        #expect(lock.contains(demo.url("1.0.0")) && !lock.contains("127.0.0.1"))
        let second = try await shop.run("\(again) npm ci && node -p 'require(\"demo\")'", ["--intercept", intercept])
        #expect(second.status == 0 && second.output.contains("1.0.0"), "\(second.text)")
        #expect(shop.fake.count(demo.path("1.0.0")) == 1 && shop.fake.count(leaf.path("1.2.0")) == 1)
        #expect(try shop.read("package-lock.json") == lock)
        #expect(try shop.manifest().inputs.allSatisfy { $0.claimed.contains { $0.by == "package-lock.json" } })
        // The audit is a POST, compressed by the client; it passes under enforce too and is declared.
        let audits = shop.fake.requests(for: "/npm/-/npm/v1/security/advisories/bulk")
        #expect(
            audits.count == 2 && audits.allSatisfy { $0.method == "POST" && $0.header("Content-Encoding") == "gzip" }
        )
        #expect(try shop.manifest().gaps.map(\.kind) == ["non-get"])
    }

    @Test func `With the network gone, ci works offline and under --locked`() async throws {
        let shop = try await Workshop.open()
        _ = NodePackage.demo(on: shop.fake)
        try shop.write(package, "package.json")
        try shop.policy()
        #expect(try await shop.run("npm install").status == 0)
        let locked = try await shop.run("\(again) npm ci", ["--locked"])
        #expect(locked.status == 0, "\(locked.text)")
        await shop.fake.stop()
        let offline = try await shop.run("\(again) npm ci", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
    }

    @Test func `A young release is hidden, and latest is the newest that is left`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = NodePackage.demo(on: shop.fake, young: true)
        try shop.policy()
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        let ending = try await shop.run("npm install demo && npm view demo dist-tags.latest")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output.split(separator: "\n").contains("1.0.0"))
        #expect(shop.fake.count(demo.path("1.1.0")) == 0)
    }

    @Test func `A lockfile without addresses is refused in npm's own words too, and npm falls back beside it`()
        async throws
    {
        let shop = try await Workshop.open()
        let (demo, _) = NodePackage.demo(on: shop.fake, young: true)
        try shop.write(package, "package.json")
        let bare = ["npm_config_omit_lockfile_registry_resolved": "true"]
        let first = try await shop.run("npm install --package-lock-only", environment: bare)
        #expect(first.status == 0, "\(first.text)")
        #expect(try !shop.read("package-lock.json").contains(demo.url("1.1.0")))
        try shop.policy()
        let locked = try await shop.run("npm ci")
        #expect(locked.status == 1)
        #expect(locked.errors.contains("403 policy.denied min_age: pkg:npm/demo@1.1.0 is 1 h old"), "\(locked.text)")
        #expect(locked.errors.contains("wait until "), "\(locked.text)")
        let free = try await shop.run("mkdir -p tool && npm install --prefix tool 'demo@^1.0.0'")
        #expect(free.status == 0, "\(free.text)")
        #expect(try shop.read("tool/package-lock.json").contains(demo.url("1.0.0")))
        #expect(shop.fake.count(demo.path("1.1.0")) == 0)
    }

    @Test func `A young release in the lockfile is refused in npm's own words`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = NodePackage.demo(on: shop.fake, young: true)
        try shop.write(package, "package.json")
        #expect(try await shop.run("npm install --package-lock-only").status == 0)
        let lock = try shop.read("package-lock.json")
        #expect(lock.contains(demo.url("1.1.0")))
        try shop.policy()
        let ending = try await shop.run("npm ci")
        #expect(ending.status == 1)
        #expect(ending.errors.contains("403 policy.denied min_age: pkg:npm/demo@1.1.0 is 1 h old"), "\(ending.text)")
        #expect(ending.errors.contains("policy.denied (rule min_age): pkg:npm/demo@1.1.0"))
        #expect(ending.errors.contains("wait until ") && ending.errors.contains("exempt"), "\(ending.text)")
        #expect(try shop.read("package-lock.json") == lock)
        #expect(shop.fake.count(demo.path("1.1.0")) == 0)
    }

    @Test func `A publication is refused under enforce, and a swallowed refusal fails the run`() async throws {
        let shop = try await Workshop.open()
        shop.fake.serve("/own/job", FakeAnswer("{\"ok\":true}", type: "application/json"))
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        // A registry of the company's own, so that the token goes to where it belongs.
        let home = "\(shop.fake.origin)/own/"
        let token = "//\(home.dropFirst("http://".count)):_authToken=canary-of-a-token"
        try shop.write("registry=\(home)\n\(token)\n", ".npmrc")
        try shop.policy()
        let options = ["--origin", "npm=\(home)"]
        let publish = "export no_proxy= NO_PROXY=; npm publish"
        let refused = try await shop.run("\(publish) || true", options)
        #expect(refused.status == 125, "\(refused.text)")
        #expect(refused.errors.contains("policy.denied session.publish: PUT \(home)job"))
        #expect(shop.fake.requests(for: "/own/job").allSatisfy { $0.method != "PUT" })
        try shop.policy(mode: "audit")
        let passed = try await shop.run(publish, options)
        #expect(passed.status == 0, "\(passed.text)")
        let puts = shop.fake.requests(for: "/own/job").filter { $0.method == "PUT" }
        #expect(puts.map { $0.header("Authorization") } == ["Bearer canary-of-a-token"])
        let report = try shop.read("purser-run.json")
        #expect(report.contains("\"published\"") && !report.contains("canary-of-a-token"))
    }

    @Test(arguments: [Fault.flip, .html])
    func `A tarball that stays wrong fails soon and with our reason`(_ fault: Fault) async throws {
        let shop = try await Workshop.open()
        let leaf = NodePackage(name: "leaf", releases: [.init(version: "1.2.0")])
        leaf.serve(on: shop.fake, [FakeAnswer(leaf.tarball(leaf.releases[0])).with(fault)])
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        let ending = try await shop.run("npm install leaf")
        #expect(ending.status == 1 && !ending.isLate)
        #expect(ending.errors.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try shop.purls().isEmpty && !shop.exists("node_modules/leaf"))
    }

    @Test(arguments: [Fault.resetInBody, .status(503), .busy("1")])
    func `A fault that happens once is never seen by npm`(_ fault: Fault) async throws {
        let shop = try await Workshop.open()
        let leaf = NodePackage(name: "leaf", releases: [.init(version: "1.2.0")])
        let bytes = leaf.tarball(leaf.releases[0])
        leaf.serve(on: shop.fake, [FakeAnswer(bytes).with(fault), FakeAnswer(bytes)])
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        let ending = try await shop.run("npm install leaf", environment: ["npm_config_fetch_retries": "0"])
        #expect(ending.status == 0, "\(ending.text)")
    }

    @Test func `A cafile in an npmrc and a preset NODE_EXTRA_CA_CERTS do not lead past our certificate`() async throws {
        let shop = try await Workshop.open()
        _ = NodePackage.demo(on: shop.fake)
        try shop.scratch.write(Array("# no certificate in here\n".utf8), to: "home/own.pem")
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        try shop.write("cafile=\(shop.scratch("home/own.pem"))\n", ".npmrc")
        let ending = try await shop.run(
            "npm install demo && cat \"$NODE_EXTRA_CA_CERTS\"",
            environment: ["NODE_EXTRA_CA_CERTS": shop.scratch("home/own.pem")]
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output.contains("# no certificate in here"))
    }
}
