import Core
import Kernel
import Manifest
import TestKit
import Testing

/// SwiftPM with a package registry on plain http, which it asks through the proxy of its environment.
@Suite("Swift package registries through the agent", .enabled(if: Client.isHere("swift"), "swift is not on PATH"))
struct SwiftRegistryClientTests {
    private static let tools = "// swift-tools-version: 5.9\nimport PackageDescription\n"
    private static let manifest = """
        \(tools)let package = Package(
            name: "LinkedList", products: [.library(name: "LinkedList", targets: ["LinkedList"])],
            targets: [.target(name: "LinkedList")]
        )

        """
    // Loopback is an exception from every proxy, unless the list is empty.
    private let resolve =
        "export no_proxy= NO_PROXY=; swift package --cache-path cache --security-path security --disable-sandbox resolve"

    private static func archive(_ version: String) -> [UInt8] {
        Archives.zip([
            ("LinkedList-\(version)/Package.swift", Array(manifest.utf8)),
            ("LinkedList-\(version)/Sources/LinkedList/a.swift", Array("public let a = \"\(version)\"\n".utf8)),
        ])
    }

    private func open(_ versions: [(version: String, published: String)]) async throws -> (Workshop, [String]) {
        let shop = try await Workshop.open()
        let base = "\(shop.fake.origin)/own"
        func serve(_ path: String, _ bytes: [UInt8], _ type: String) {
            shop.fake.serve("/own/mona/LinkedList\(path)", FakeAnswer(bytes, type: type).with("Content-Version", "1"))
        }
        let list = versions.map { "\"\($0.version)\":{\"url\":\"\(base)/mona/LinkedList/\($0.version)\"}" }
        serve("", Array("{\"releases\":{\(list.joined(separator: ","))}}".utf8), "application/json")
        for (version, published) in versions {
            let page = """
                {"id":"mona.LinkedList","version":"\(version)","publishedAt":"\(published)","metadata":{},"resources":\
                [{"name":"source-archive","type":"application/zip","checksum":"\(Workshop.hex(Self.archive(version)))"}]}
                """
            serve("/\(version)", Array(page.utf8), "application/json")
            serve("/\(version)/Package.swift", Array(Self.manifest.utf8), "text/x-swift")
            serve("/\(version).zip", Self.archive(version), "application/zip")
        }
        let need = "dependencies: [.package(id: \"mona.LinkedList\", from: \"1.0.0\")]"
        let use = "dependencies: [.product(name: \"LinkedList\", package: \"mona.LinkedList\")]"
        let job =
            "\(Self.tools)let package = Package(name: \"job\", \(need), targets: [.target(name: \"job\", \(use))])\n"
        for folder in ["job/Sources/job", "job/.swiftpm/configuration"] { try Files.makeFolder(shop.scratch(folder)) }
        try shop.write(job, "Package.swift")
        try shop.write("import LinkedList\n", "Sources/job/job.swift")
        let registries = "{\"registries\":{\"[default]\":{\"url\":\"\(base)\"}},\"authentication\":{},\"version\":1}"
        try shop.write(registries, ".swiftpm/configuration/registries.json")
        try shop.policy()
        return (shop, ["--origin", "swift=\(base)/"])
    }

    @Test func `Resolving leaves a clean Package.resolved, and works without a network`() async throws {
        let (shop, options) = try await open([("1.0.0", Moment.old)])
        let first = try await shop.run(resolve, options)
        #expect(first.status == 0, "\(first.text)")
        let lock = try shop.read("Package.resolved")
        #expect(lock.contains("mona.LinkedList") && lock.contains("1.0.0") && !lock.contains("127.0.0.1"), "\(lock)")
        let input = try #require(try shop.manifest().inputs.first { $0.purl.name == "LinkedList" })
        #expect(input.purl.version == "1.0.0" && input.claimed.contains { $0.by == "index" }, "\(input)")
        await shop.fake.stop()
        let again = "rm -rf .build cache security; \(resolve) --force-resolved-versions"
        let offline = try await shop.run(again, options + ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("Package.resolved") == lock)
    }

    @Test func `A young release is passed over, and refused in SwiftPM's own words where it is pinned`() async throws {
        let (shop, options) = try await open([("1.0.0", Moment.old), ("1.1.0", Moment.anHourAgo)])
        let free = try await shop.run(resolve, options)
        #expect(free.status == 0, "\(free.text)")
        let lock = try shop.read("Package.resolved")
        #expect(lock.contains("1.0.0") && !lock.contains("1.1.0"))
        try shop.write(lock.replacing("1.0.0", with: "1.1.0"), "Package.resolved")
        let bound = try await shop.run("rm -rf .build cache; \(resolve) --force-resolved-versions", options)
        #expect(bound.status != 0, "\(bound.text)")
        #expect(bound.errors.contains("policy.denied"), "\(bound.text)")
        #expect(shop.fake.count("/own/mona/LinkedList/1.1.0.zip") == 0)
    }

    @Test func `An archive that is not what its page promised never reaches SwiftPM`() async throws {
        let (shop, options) = try await open([("1.0.0", Moment.old)])
        let answer = FakeAnswer(Self.archive("1.0.0"), type: "application/zip").with("Content-Version", "1")
        shop.fake.serve("/own/mona/LinkedList/1.0.0.zip", answer.with(.flip))
        let ending = try await shop.run(resolve, options)
        #expect(ending.status != 0 && ending.errors.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try shop.manifest().inputs.isEmpty)
    }
}
