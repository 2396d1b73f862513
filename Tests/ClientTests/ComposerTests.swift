import Core
import Manifest
import TestKit
import Testing

/// Composer, with its lockfile and without. Nobody says what its archives hash to, so that is allowed here.
@Suite("Composer through the agent", .enabled(if: Client.isHere("composer", "php", "unzip"), "composer is not on PATH"))
struct ComposerClientTests {
    private let project = "{\"name\":\"own/job\",\"require\":{\"test/demo\":\"^1\"}}"
    private let rules = "rules: { unclaimed: { action: warn } }\n"
    private let settings = [
        "COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_NO_INTERACTION": "1", "COMPOSER_NO_AUDIT": "1",
    ]
    private let again = "rm -rf vendor \"$COMPOSER_CACHE_DIR\" &&"

    private static func archive(_ version: String) -> [UInt8] {
        Archives.zip([
            ("demo-1/composer.json", Array("{\"name\":\"test/demo\"}".utf8)),
            ("demo-1/version.txt", Array(version.utf8)),
        ])
    }

    private static func serve(_ versions: [(version: String, published: String)], on fake: FakeUpstream) {
        let entries = versions.map { listed in
            """
            {"name":"test/demo","version":"\(listed.version)","version_normalized":"\(listed.version).0",\
            "type":"library","time":"\(listed.published)","dist":{"type":"zip","reference":"c\(listed.version)",\
            "url":"https://api.github.com/repos/test/demo/zipball/c\(listed.version)","shasum":""}}
            """
        }
        let root = "{\"packages\":[],\"metadata-url\":\"https://repo.packagist.org/p2/%package%.json\"}"
        let index = "{\"packages\":{\"test/demo\":[\(entries.joined(separator: ","))]},\"minified\":\"composer/2.0\"}"
        fake.serve("/composer/packages.json", FakeAnswer(root, type: "application/json"))
        fake.serve("/composer/p2/test/demo.json", FakeAnswer(index, type: "application/json"))
        for listed in versions {
            fake.serve(
                "/github/repos/test/demo/zipball/c\(listed.version)",
                FakeAnswer(archive(listed.version), type: "application/zip")
            )
        }
    }

    private func run(_ shop: Workshop, _ script: String, _ options: [String] = []) async throws -> Workshop.Ending {
        let own = ["COMPOSER_HOME": shop.scratch("composer"), "COMPOSER_CACHE_DIR": shop.scratch("composer-cache")]
        return try await shop.run(script, options, environment: settings.merging(own) { _, new in new })
    }

    @Test func `Update and install leave a clean lockfile, and the last works offline`() async throws {
        let shop = try await Workshop.open()
        Self.serve([("1.1.0", Moment.anHourAgo), ("1.0.0", Moment.old)], on: shop.fake)
        try shop.write(project, "composer.json")
        try shop.policy(rules)
        let first = try await run(shop, "composer update --no-progress && cat vendor/test/demo/version.txt")
        #expect(first.status == 0 && first.output.hasSuffix("1.0.0"), "\(first.text)")
        #expect(try shop.purls() == ["pkg:composer/test/demo@1.0.0"])
        let lock = try shop.read("composer.lock")
        #expect(lock.contains("https://api.github.com/repos/test/demo/zipball/c1.0.0") && !lock.contains("127.0.0.1"))
        let second = try await run(shop, "\(again) composer install --no-progress")
        #expect(second.status == 0, "\(second.text)")
        #expect(try shop.read("composer.lock") == lock)
        #expect(try shop.purls() == ["pkg:composer/test/demo@1.0.0"])
        await shop.fake.stop()
        let offline = try await run(shop, "\(again) composer install --no-progress", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
    }

    @Test func `A young release in the lockfile is refused in Composer's own words`() async throws {
        let shop = try await Workshop.open()
        Self.serve([("1.1.0", Moment.anHourAgo), ("1.0.0", Moment.old)], on: shop.fake)
        try shop.write(project, "composer.json")
        #expect(try await run(shop, "composer update --no-progress --no-install").status == 0)
        try shop.policy(rules)
        let ending = try await run(shop, "composer install --no-progress")
        #expect(ending.status != 0)
        #expect(ending.errors.contains("policy.denied (rule min_age): pkg:composer/test/demo@1.1.0"))
        #expect(ending.errors.contains("wait until "), "\(ending.text)")
        #expect(shop.fake.count("/github/repos/test/demo/zipball/c1.1.0") == 0)
    }
}
