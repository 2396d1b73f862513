import Core
import Kernel
import Manifest
import TestKit
import Testing

/// SwiftPM on a package registry (SE-0292). SwiftPM takes no CA from its environment, so the registry speaks plain http.
@Suite(
    "SwiftPM on a package registry through the agent",
    .enabled(if: Client.isHere("swift", "unzip"), "swift or unzip is not on PATH")
)
struct SwiftRegistryClientTests {
    /// What listens on loopback is asked past the proxy unless the list of exceptions is empty.
    private let resolve = """
        no_proxy= NO_PROXY= swift package --cache-path cache --security-path security --disable-sandbox resolve
        """
    private let again = "rm -rf .build cache &&"

    private static func manifest(_ name: String, needing need: String = "", using use: String = "") -> String {
        """
        // swift-tools-version: 5.9
        import PackageDescription
        let package = Package(
            name: "\(name)", products: [.library(name: "\(name)", targets: ["\(name)"])],
            dependencies: [\(need)], targets: [.target(name: "\(name)", dependencies: [\(use)])]
        )

        """
    }

    private static func archive(_ version: String) -> [UInt8] {
        Archives.zip([
            ("demo-\(version)/Package.swift", Array(manifest("demo").utf8)),
            ("demo-\(version)/Sources/demo/demo.swift", Array("public let version = \"\(version)\"\n".utf8)),
        ])
    }

    private static func answer(_ bytes: [UInt8], _ type: String) -> FakeAnswer {
        FakeAnswer(bytes, type: type).with("Content-Version", "1")
    }

    /// Puts a package of these releases on the fake.
    private func serve(_ releases: [(version: String, published: String)], on fake: FakeUpstream) {
        let json = "application/json"
        let list = releases.map { "\"\($0.version)\":{}" }.joined(separator: ",")
        fake.serve("/swift/acme/demo", Self.answer(Array("{\"releases\":{\(list)}}".utf8), json))
        for (version, published) in releases {
            let zip = Self.archive(version)
            let page = """
                {"id":"acme.demo","version":"\(version)","publishedAt":"\(published)","metadata":{},"resources":[\
                {"name":"source-archive","type":"application/zip","checksum":"\(Workshop.hex(zip))"}]}
                """
            fake.serve("/swift/acme/demo/\(version)", Self.answer(Array(page.utf8), json))
            fake.serve(
                "/swift/acme/demo/\(version)/Package.swift",
                Self.answer(Array(Self.manifest("demo").utf8), "text/x-swift")
            )
            fake.serve("/swift/acme/demo/\(version).zip", Self.answer(zip, "application/zip"))
        }
    }

    private func open(_ releases: [(version: String, published: String)]) async throws -> Workshop {
        let shop = try await Workshop.open()
        serve(releases, on: shop.fake)
        let need = ".package(id: \"acme.demo\", from: \"1.0.0\")"
        let use = ".product(name: \"demo\", package: \"acme.demo\")"
        try shop.write(Self.manifest("job", needing: need, using: use), "Package.swift")
        for folder in ["Sources", "Sources/job", ".swiftpm", ".swiftpm/configuration"] {
            try Files.makeFolder(shop.scratch("job/\(folder)"))
        }
        try shop.write("import demo\n", "Sources/job/job.swift")
        let registry = "{\"url\":\"\(shop.fake.origin)/swift\",\"supportsAvailability\":false}"
        try shop.write(
            "{\"registries\":{\"[default]\":\(registry)},\"authentication\":{},\"version\":1}",
            ".swiftpm/configuration/registries.json"
        )
        try shop.policy("rules: { min_age: { days: 3 } }\n")
        return shop
    }

    private func run(_ shop: Workshop, _ script: String, _ options: [String] = []) async throws -> Workshop.Ending {
        try await shop.run(script, ["--origin", "swift=\(shop.fake.origin)/swift/"] + options)
    }

    private func name(_ shop: Workshop, _ version: String) -> String {
        "pkg:swift/127.0.0.1/acme/demo@\(version)"
    }

    @Test func `Resolving takes the newest release that is old enough, and the archive is an input`() async throws {
        let shop = try await open([("1.1.0", Moment.anHourAgo), ("1.0.0", Moment.old)])
        let first = try await run(shop, resolve)
        #expect(first.status == 0, "\(first.text)")
        let lock = try shop.read("Package.resolved")
        #expect(lock.contains("acme.demo") && lock.contains("\"1.0.0\""), "\(lock)")
        let input = try #require(try shop.manifest().inputs.first)
        #expect(input.purl.description == name(shop, "1.0.0"))
        #expect(input.digests.contains { $0.hex == Workshop.hex(Self.archive("1.0.0")) })
        #expect(!input.claimed.isEmpty && input.claimed.allSatisfy(\.agrees))
        #expect(shop.fake.count("/swift/acme/demo/1.1.0.zip") == 0)
        let second = try await run(shop, "\(again) \(resolve) --force-resolved-versions")
        #expect(second.status == 0, "\(second.text)")
        #expect(shop.fake.count("/swift/acme/demo/1.0.0.zip") == 1)
        await shop.fake.stop()
        let offline = try await run(shop, "\(again) \(resolve) --force-resolved-versions", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("Package.resolved") == lock)
    }

    @Test func `A release that is pinned and refused is refused in SwiftPM's own words`() async throws {
        let shop = try await open([("1.1.0", Moment.anHourAgo), ("1.0.0", Moment.old)])
        try shop.policy("rules: { min_age: { days: 3 } }\n", mode: "audit")
        #expect(try await run(shop, resolve).status == 0)
        let lock = try shop.read("Package.resolved")
        #expect(lock.contains("\"1.1.0\""), "\(lock)")
        let seen = shop.fake.count("/swift/acme/demo/1.1.0.zip")
        try shop.policy("rules: { min_age: { days: 3 } }\n")
        let ending = try await run(shop, "\(again) \(resolve) --force-resolved-versions")
        #expect(ending.status != 0, "\(ending.text)")
        #expect(ending.errors.contains("policy.denied (rule min_age): \(name(shop, "1.1.0"))"), "\(ending.text)")
        #expect(ending.errors.contains("wait until "), "\(ending.text)")
        #expect(shop.fake.count("/swift/acme/demo/1.1.0.zip") == seen)
        #expect(try shop.read("Package.resolved") == lock)
    }

    @Test func `An archive that is not what its page promises never reaches SwiftPM`() async throws {
        let shop = try await open([("1.0.0", Moment.old)])
        shop.fake.serve(
            "/swift/acme/demo/1.0.0.zip",
            Self.answer(Self.archive("1.0.0"), "application/zip").with(.flip)
        )
        let ending = try await run(shop, resolve)
        #expect(ending.status != 0, "\(ending.text)")
        #expect(ending.text.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try shop.purls().isEmpty)
    }
}
