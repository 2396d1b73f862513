import Core
import Manifest
import TestKit
import Testing

/// Bundler, with its lockfile and without.
@Suite("Bundler through the agent", .enabled(if: Client.isHere("ruby", "bundle"), "bundle is not on PATH"))
struct BundlerTests {
    private let again = "rm -rf gems cache &&"

    private func environment(_ shop: Workshop) -> [String: String] {
        [
            "BUNDLE_PATH": shop.scratch("job/gems"), "BUNDLE_USER_HOME": shop.scratch("job/cache"),
            "BUNDLE_DISABLE_SHARED_GEMS": "1", "BUNDLE_SILENCE_ROOT_WARNING": "1", "BUNDLE_RETRY": "0",
            "BUNDLE_DISABLE_VERSION_CHECK": "1", "BUNDLE_APP_CONFIG": shop.scratch("job/.bundle"),
        ]
    }

    private func run(_ shop: Workshop, _ script: String, _ options: [String] = []) async throws -> Workshop.Ending {
        try await shop.run(
            script,
            ["--upstream", "gem=\(shop.fake.origin)/gem"] + options,
            environment: environment(shop)
        )
    }

    @Test(arguments: ["auto", "registry"])
    func `Install and a frozen one leave a clean lockfile and ask each gem once`(_ intercept: String) async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = RubyGem.demo(on: shop.fake)
        try shop.write("source 'https://rubygems.org'\ngem 'demo'\n", "Gemfile")
        try shop.policy()
        let first = try await run(shop, "bundle install", ["--intercept", intercept])
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.purls() == ["pkg:gem/demo@1.0.0", "pkg:gem/leaf@1.2.0"])
        let lock = try shop.read("Gemfile.lock")
        #expect(lock.contains("remote: https://rubygems.org/") && !lock.contains("127.0.0.1"))
        let second = try await run(
            shop,
            "\(again) BUNDLE_FROZEN=1 bundle install && bundle exec ruby -e 'require :demo.to_s; puts DEMO'",
            ["--intercept", intercept]
        )
        #expect(second.status == 0 && second.output.contains("1.0.0"), "\(second.text)")
        #expect(shop.fake.count(demo.path("1.0.0")) == 1 && shop.fake.count(leaf.path("1.2.0")) == 1)
        #expect(try shop.read("Gemfile.lock") == lock)
        await shop.fake.stop()
        let offline = try await run(
            shop,
            "\(again) BUNDLE_FROZEN=1 bundle install",
            ["--offline", "--intercept", intercept]
        )
        #expect(offline.status == 0, "\(offline.text)")
    }

    @Test func `A young release is hidden, and the older one is taken`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = RubyGem.demo(on: shop.fake, young: true)
        try shop.write("source 'https://rubygems.org'\ngem 'demo'\n", "Gemfile")
        try shop.policy()
        let ending = try await run(shop, "bundle install")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.read("Gemfile.lock").contains("demo (1.0.0)"))
        #expect(shop.fake.count(demo.path("1.1.0")) == 0)
    }

    @Test(arguments: ["auto", "registry"])
    func `A young gem in the lockfile is refused with rule and remedy`(_ intercept: String)
        async throws
    {
        let shop = try await Workshop.open()
        let (demo, _) = RubyGem.demo(on: shop.fake, young: true)
        try shop.write("source 'https://rubygems.org'\ngem 'demo'\n", "Gemfile")
        #expect(try await run(shop, "bundle lock").status == 0)
        let lock = try shop.read("Gemfile.lock")
        #expect(lock.contains("demo (1.1.0)"))
        try shop.policy()
        let options = ["--intercept", intercept]
        let ending = try await run(shop, "bundle install", options)
        #expect(ending.status != 0)
        // Its words are wrapped at the width of a terminal.
        let text = ending.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("policy.denied min_age: pkg:gem/demo@1.1.0 is 1 h old"), "\(ending.text)")
        #expect(text.contains("; wait until "), "\(ending.text)")
        #expect(shop.fake.count(demo.path("1.1.0")) == 0)
        #expect(try shop.read("Gemfile.lock") == lock)
    }

    @Test func `gem itself shows rule and remedy of a gem in the lockfile`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = RubyGem.demo(on: shop.fake)
        try shop.write("source 'https://rubygems.org'\ngem 'demo'\n", "Gemfile")
        #expect(try await run(shop, "bundle lock").status == 0)
        try shop.policy("rules: { block: [\"pkg:gem/demo@1.0.0\"] }\n")
        // gem asks for no compact index where this is not there.
        shop.fake.serve("/gem/", FakeAnswer("", type: "text/plain"))
        let ending = try await run(shop, "gem install --no-document -i out demo -v 1.0.0")
        #expect(ending.status != 0)
        #expect(
            ending.errors.contains("bad response policy.denied block: pkg:gem/demo@1.0.0 is on the block list; take"),
            "\(ending.text)"
        )
        #expect(ending.errors.contains("exempt it in the policy file 403"), "\(ending.text)")
        #expect(shop.fake.count(demo.path("1.0.0")) == 0)
    }

    @Test func `A gem that is not what the index promised never reaches Bundler`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = RubyGem.demo(on: shop.fake)
        shop.fake.serve(demo.path("1.0.0"), FakeAnswer(demo.bytes(demo.releases[0])).with(.flip))
        try shop.write("source 'https://rubygems.org'\ngem 'demo'\n", "Gemfile")
        let ending = try await run(shop, "bundle install")
        #expect(ending.status != 0)
        #expect(ending.text.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try !shop.purls().contains("pkg:gem/demo@1.0.0"))
    }
}
