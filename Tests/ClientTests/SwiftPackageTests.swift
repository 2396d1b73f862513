import Core
import Kernel
import Manifest
import TestKit
import Testing

/// SwiftPM with a dependency from a git repository, which is git's own traffic.
@Suite("SwiftPM through the agent", .enabled(if: Client.isHere("swift", "git"), "swift is not on PATH"))
struct SwiftPackageTests {
    private static let address = "https://github.com/acme/demo.git"
    private let resolve = "swift package --cache-path cache --disable-sandbox resolve"
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

    private func open() async throws -> (Workshop, GitHost) {
        let shop = try await Workshop.open()
        let host = try await GitHost.open(shop)
        let files = ["Package.swift": Self.manifest("demo"), "Sources/demo/demo.swift": "public let a = 1\n"]
        try await host.makeRepository("acme/demo", files: files, tags: ["1.0.0"])
        let need = ".package(url: \"\(Self.address)\", from: \"1.0.0\")"
        let use = ".product(name: \"demo\", package: \"demo\")"
        try shop.write(Self.manifest("job", needing: need, using: use), "Package.swift")
        try Files.makeFolder(shop.scratch("job/Sources/job"))
        try shop.write("import demo\n", "Sources/job/job.swift")
        try shop.policy()
        return (shop, host)
    }

    @Test(arguments: ["auto", "registry"])
    func `Resolving leaves a clean Package.resolved, and the commit is an input`(_ intercept: String) async throws {
        let (shop, host) = try await open()
        let options = ["--intercept", intercept]
        let first = try await shop.run(resolve, options)
        #expect(first.status == 0, "\(first.text)")
        let commit = try await host.head("acme/demo", "1.0.0^{commit}")
        let lock = try shop.read("Package.resolved")
        #expect(lock.contains(Self.address) && lock.contains(commit) && !lock.contains("127.0.0.1"), "\(lock)")
        #expect(try shop.purls().contains("pkg:github/acme/demo@\(commit)"))
        let second = try await shop.run("\(again) \(resolve) --force-resolved-versions", options)
        #expect(second.status == 0, "\(second.text)")
        #expect(try shop.read("Package.resolved") == lock)
        #expect(try shop.manifest().inputs.contains { $0.claimed.contains { $0.by == "Package.resolved" } })
        await shop.fake.stop()
        let offline = try await shop.run("\(again) \(resolve) --force-resolved-versions", options + ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("Package.resolved") == lock)
    }

    @Test func `A blocked repository is refused in SwiftPM's own words`() async throws {
        let (shop, _) = try await open()
        try shop.policy("rules: { block: [\"pkg:github/acme/*\"] }\n")
        let ending = try await shop.run(resolve)
        #expect(ending.status != 0, "\(ending.text)")
        #expect(ending.errors.contains("policy.denied (rule block): pkg:github/acme/demo"), "\(ending.text)")
    }
}
