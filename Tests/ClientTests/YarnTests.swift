import Core
import Manifest
import TestKit
import Testing

/// Yarn 1 under the name that it has here.
private enum Yarn {
    static let isHere = Client.isHere("node") && (Client.isHere("yarnpkg") || Client.isHere("yarn"))
    static let command = Client.isHere("yarnpkg") ? "yarnpkg" : "yarn"
}

/// Yarn 1, with its lockfile and without. Debian calls it yarnpkg and keeps its modules where only Debian's node looks.
@Suite("Yarn through the agent", .enabled(if: Yarn.isHere, "yarn is not on PATH"))
struct YarnTests {
    private let install = "\(Yarn.command) install --non-interactive --no-progress"
    private let again = "rm -rf node_modules \"$YARN_CACHE_FOLDER\" &&"
    private let package =
        "{\"name\":\"job\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{\"demo\":\"^1.0.0\"}}"

    private func run(_ shop: Workshop, _ script: String, _ options: [String] = []) async throws -> Workshop.Ending {
        let own = ["NODE_PATH": "/usr/share/nodejs", "YARN_CACHE_FOLDER": shop.scratch("yarn-cache")]
        return try await shop.run(script, options, environment: own)
    }

    @Test(arguments: ["auto", "registry"])
    func `Install and a frozen one leave a clean lockfile and ask each tarball once`(_ intercept: String) async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = NodePackage.demo(on: shop.fake)
        try shop.write(package, "package.json")
        try shop.policy()
        let options = ["--intercept", intercept]
        let first = try await run(shop, install, options)
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.purls() == ["pkg:npm/demo@1.0.0", "pkg:npm/leaf@1.2.0"])
        let lock = try shop.read("yarn.lock")
        #expect(lock.contains("/demo/-/demo-1.0.0.tgz#") && !lock.contains("127.0.0.1"), "\(lock)")
        let second = try await run(
            shop,
            "\(again) \(install) --frozen-lockfile && NODE_PATH= node -p 'require(\"demo\")'",
            options
        )
        #expect(second.status == 0 && second.output.contains("1.0.0"), "\(second.text)")
        #expect(shop.fake.count(demo.path("1.0.0")) == 1 && shop.fake.count(leaf.path("1.2.0")) == 1)
        #expect(try shop.read("yarn.lock") == lock)
        #expect(try shop.manifest().inputs.allSatisfy { $0.claimed.contains { $0.by == "yarn.lock" } })
        await shop.fake.stop()
        let offline = try await run(shop, "\(again) \(install) --frozen-lockfile", options + ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("yarn.lock") == lock)
    }

    @Test func `A young release is passed over, and refused where the lockfile names it`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = NodePackage.demo(on: shop.fake, young: true)
        try shop.write(package, "package.json")
        try shop.policy(mode: "audit")
        #expect(try await run(shop, install).status == 0)
        let lock = try shop.read("yarn.lock")
        #expect(lock.contains("demo-1.1.0.tgz"))
        let seen = shop.fake.count(demo.path("1.1.0"))
        try shop.policy()
        let refused = try await run(shop, "\(again) \(install) --frozen-lockfile")
        #expect(refused.status == 1, "\(refused.text)")
        // Of a status Yarn shows the usual words alone; of an address that it cannot follow all of it.
        let words = "purser-refused:/policy.denied+min_age:+pkg:npm/demo@1.1.0+is+1+h+old;"
        #expect(refused.errors.contains(words) && refused.errors.contains("+wait+until+"), "\(refused.text)")
        #expect(refused.errors.contains("Invalid URI"), "\(refused.text)")
        #expect(
            refused.errors.contains("blocked: pkg:npm/demo@1.1.0 is 1 h old; policy asks for 3 d"),
            "\(refused.text)"
        )
        #expect(try shop.read("yarn.lock") == lock)
        #expect(shop.fake.count(demo.path("1.1.0")) == seen)
        let older = try await run(shop, "\(again) rm yarn.lock && \(install)")
        #expect(older.status == 0, "\(older.text)")
        #expect(try shop.purls().contains("pkg:npm/demo@1.0.0"))
    }

    @Test func `Of a blocked package Yarn is refused the index, and prints why`() async throws {
        let shop = try await Workshop.open()
        _ = NodePackage.demo(on: shop.fake)
        try shop.write(package, "package.json")
        try shop.policy("rules: { block: [\"pkg:npm/demo\"] }\n")
        let refused = try await run(shop, install)
        #expect(refused.status == 1, "\(refused.text)")
        // Of what a package needs that it asked for, Yarn says "Couldn't find package" whatever it hears.
        #expect(refused.errors.contains("policy.denied (rule block): pkg:npm/demo@1."), "\(refused.text)")
        #expect(!shop.exists("yarn.lock"))
    }

    @Test func `A tarball that is not what the index promised never reaches Yarn`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = NodePackage.demo(on: shop.fake)
        let bytes = demo.tarball(demo.releases[0])
        shop.fake.serve(demo.path("1.0.0"), FakeAnswer(bytes).with(.flip))
        try shop.write(package, "package.json")
        try shop.policy()
        let ending = try await run(shop, install)
        #expect(ending.status == 1, "\(ending.text)")
        #expect(ending.errors.contains("purser-refused:/integrity.mismatch"), "\(ending.text)")
        #expect(try !shop.purls().contains("pkg:npm/demo@1.0.0"))
    }

    @Test func `A tarball that breaks off once arrives whole`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = NodePackage.demo(on: shop.fake)
        let bytes = demo.tarball(demo.releases[0])
        shop.fake.serve(demo.path("1.0.0"), FakeAnswer(bytes).with(.resetInBody), FakeAnswer(bytes))
        try shop.write(package, "package.json")
        try shop.policy()
        let ending = try await run(shop, install)
        #expect(ending.status == 0, "\(ending.text)")
    }
}
