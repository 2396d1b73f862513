import Core
import Manifest
import TestKit
import Testing

/// The go command, with its go.sum and without. Its own checksum database is signed by a key that a fake has not.
@Suite("go through the agent", .enabled(if: Client.isHere("go"), "go is not on PATH"))
struct GoTests {
    private static let demo = GoModule("example.org/demo", "v1.0.0")

    private func environment(_ shop: Workshop) -> [String: String] {
        [
            "GOPATH": shop.scratch("gopath"), "GOCACHE": shop.scratch("gocache"), "GOFLAGS": "-mod=mod -modcacherw",
            "GOTOOLCHAIN": "local", "GONOSUMDB": "*", "GOTELEMETRY": "off", "CGO_ENABLED": "0",
        ]
    }

    private func job(_ shop: Workshop, requires version: String = "v1.0.0") throws {
        try shop.write("module job\n\ngo 1.19\n\nrequire example.org/demo \(version)\n", "go.mod")
        try shop.write("package main\n\nimport _ \"example.org/demo\"\n\nfunc main() {}\n", "main.go")
        try shop.policy("rules: { min_age: { days: 7 } }\n")
    }

    @Test(arguments: ["auto", "registry"])
    func `A build writes go.sum, and a locked one with the network gone leaves it alone`(_ intercept: String)
        async throws
    {
        let shop = try await Workshop.open()
        GoModule.serve([Self.demo], on: shop.fake)
        try job(shop)
        let options = ["--intercept", intercept]
        let first = try await shop.run(
            "go mod tidy && go build -o /dev/null .",
            options,
            environment: environment(shop)
        )
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.read("go.sum") == Self.demo.sum)
        #expect(try shop.purls() == ["pkg:golang/example.org/demo@v1.0.0"])
        #expect(try shop.manifest().inputs.first?.digests.map(\.description).contains(Self.demo.h1) == true)
        await shop.fake.stop()
        let again = "rm -rf \"$GOPATH\" && go mod verify && GOFLAGS=-mod=readonly go build -o /dev/null ."
        let second = try await shop.run(again, options + ["--offline"], environment: environment(shop))
        #expect(second.status == 0, "\(second.text)")
        #expect(try shop.read("go.sum") == Self.demo.sum)
    }

    @Test func `A young release is passed over, and refused in go's own words where it is required`() async throws {
        let young = GoModule("example.org/demo", "v1.1.0", time: Moment.anHourAgo)
        let shop = try await Workshop.open()
        GoModule.serve([Self.demo, young], on: shop.fake)
        try job(shop)
        let free = try await shop.run("go get example.org/demo@latest && cat go.mod", environment: environment(shop))
        #expect(free.status == 0 && free.output.contains("example.org/demo v1.0.0"), "\(free.text)")
        try job(shop, requires: "v1.1.0")
        let bound = try await shop.run("go build -o /dev/null .", environment: environment(shop))
        #expect(bound.status == 1, "\(bound.text)")
        #expect(bound.errors.contains("policy.denied"), "\(bound.text)")
        #expect(bound.errors.contains("(rule min_age): pkg:golang/example.org/demo@v1.1.0"), "\(bound.text)")
        #expect(bound.errors.contains("wait until "), "\(bound.text)")
        #expect(shop.fake.count("\(young.place).zip") == 0)
    }

    @Test func `A zip that is not what the database has fails before go sees it`() async throws {
        let shop = try await Workshop.open()
        GoModule.serve([Self.demo], on: shop.fake)
        let other = GoModule("example.org/demo", "v1.0.0", files: [("evil.go", [0x2F, 0x2F, 0x0A])])
        shop.fake.serve("\(other.place).zip", FakeAnswer(other.zip))
        try job(shop)
        let ending = try await shop.run("go mod tidy", environment: environment(shop))
        #expect(ending.status == 1 && ending.errors.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try shop.purls().isEmpty)
    }
}
