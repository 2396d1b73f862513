import Core
import Kernel
import Manifest
import TestKit
import Testing

/// The go command with a checksum database that it believes, in the release of Debian and in a newer one.
@Suite("go and its checksum database through the agent", .enabled(if: Client.isHere("go"), "go is not on PATH"))
struct GoDatabaseTests {
    /// A go of 1.21 or later, which knows toolchain lines.
    private static let newer = ProcessIdentity.environment()["CLIENT_GO"].flatMap { Files.exists($0) ? $0 : nil }
    private static let commands = ["go"] + (newer.map { [$0] } ?? [])

    private func environment(_ shop: Workshop, _ database: GoDatabase) -> [String: String] {
        [
            "GOPATH": shop.scratch("gopath"), "GOCACHE": shop.scratch("gocache"), "GOFLAGS": "-mod=mod -modcacherw",
            "GOSUMDB": database.key, "GOTELEMETRY": "off", "CGO_ENABLED": "0",
        ]
    }

    private func job(_ shop: Workshop, go version: String = "1.19", needs: Bool = true) throws {
        let need = needs ? "\nrequire example.org/demo v1.0.0\n" : ""
        try shop.write("module job\n\ngo \(version)\n\(need)", "go.mod")
        try shop.write("package main\n\(needs ? "\nimport _ \"example.org/demo\"\n" : "")\nfunc main() {}\n", "main.go")
        try shop.policy("rules: { min_age: { days: 7 } }\n")
    }

    @Test(arguments: ["auto", "registry"], commands)
    func `It is asked through the agent, and go believes its signature`(_ intercept: String, _ go: String) async throws
    {
        let shop = try await Workshop.open()
        let demo = GoModule("example.org/demo", "v1.0.0")
        let database = GoDatabase(of: demo)
        GoModule.serve([demo], on: shop.fake)
        try database.serve(on: shop.fake)
        try job(shop)
        let environment = environment(shop, database).merging(["GOTOOLCHAIN": "local"]) { _, new in new }
        let options = ["--intercept", intercept]
        let first = try await shop.run("\(go) build -o /dev/null .", options, environment: environment)
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.read("go.sum") == demo.sum)
        #expect(shop.fake.count("/golang/sumdb/sum.golang.org/tile/8/0/000.p/1") == 1)
        await shop.fake.stop()
        let again = "rm -rf \"$GOPATH\" go.sum && \(go) build -o /dev/null ."
        let offline = try await shop.run(again, options + ["--offline"], environment: environment)
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("go.sum") == demo.sum)
    }

    @Test func `A database that another key signed is refused by go itself`() async throws {
        let shop = try await Workshop.open()
        let demo = GoModule("example.org/demo", "v1.0.0")
        GoModule.serve([demo], on: shop.fake)
        try GoDatabase(of: demo).serve(on: shop.fake)
        try job(shop)
        let environment = environment(shop, GoDatabase(of: demo)).merging(["GOTOOLCHAIN": "local"]) { _, new in new }
        let ending = try await shop.run("go build -o /dev/null .", environment: environment)
        #expect(ending.status != 0 && ending.errors.contains("sum.golang.org"), "\(ending.text)")
        #expect(!shop.exists("go.sum"))
    }

    private static var toolchain: GoModule {
        #if arch(arm64)
            let machine = "arm64"
        #else
            let machine = "amd64"
        #endif
        let script = "#!/bin/sh\necho \"the toolchain was told to $*\"\n"
        let files = [
            ("bin/go", script), ("bin/gofmt", script), ("lib/x", ""), ("misc/x", ""), ("pkg/tool/x", ""), ("src/x", ""),
        ]
        return GoModule(
            "golang.org/toolchain",
            "v0.0.1-go1.99.0.linux-\(machine)",
            files: files.map { ($0.0, Array($0.1.utf8)) }
        )
    }

    @Test(.enabled(if: newer != nil, "CLIENT_GO names no go of 1.21 or later"), arguments: ["auto", "registry"])
    func `A toolchain line fetches a toolchain, which is recorded and may be refused`(_ intercept: String) async throws
    {
        let shop = try await Workshop.open()
        let database = GoDatabase(of: Self.toolchain)
        GoModule.serve([Self.toolchain], on: shop.fake)
        try database.serve(on: shop.fake)
        try job(shop, go: "1.99.0", needs: false)
        let environment = environment(shop, database).merging(["GOTOOLCHAIN": "auto"]) { _, new in new }
        let options = ["--intercept", intercept]
        let go = Self.newer ?? "go"
        let first = try await shop.run("\(go) build .", options, environment: environment)
        #expect(first.status == 0 && first.output.contains("the toolchain was told to build ."), "\(first.text)")
        #expect(try shop.purls() == ["pkg:golang/golang.org/toolchain@\(Self.toolchain.version)"])
        try shop.policy("rules: { block: [\"pkg:golang/golang.org/toolchain\"] }\n")
        let again = "chmod -R u+w \"$GOPATH\"; rm -rf \"$GOPATH\"; \(go) build ."
        let refused = try await shop.run(again, options, environment: environment)
        #expect(refused.status != 0, "\(refused.text)")
        #expect(refused.errors.contains("policy.denied"), "\(refused.text)")
        #expect(refused.errors.contains("(rule block): pkg:golang/golang.org/toolchain"), "\(refused.text)")
    }
}
