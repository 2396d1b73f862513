import Core
import Kernel
import Manifest
import TestKit
import Testing

/// git over HTTP through the agent: what is wanted is judged, looked into and recorded by its name.
@Suite("git through the agent", .enabled(if: Client.isHere("git"), "git is not on PATH"))
struct GitTests {
    private let address = "https://github.com/acme/tool.git"

    private func open() async throws -> (Workshop, GitHost) {
        let shop = try await Workshop.open()
        let host = try await GitHost.open(shop)
        try await host.makeRepository("acme/tool")
        return (shop, host)
    }

    @Test(arguments: [0, 1, 2])
    func `A clone in every protocol version brings what the origin has, and its commits are inputs`(_ version: Int)
        async throws
    {
        let (shop, host) = try await open()
        try shop.policy()
        let ending = try await shop.run("git -c protocol.version=\(version) clone -q \(address) got && git -C got fsck")
        #expect(ending.status == 0, "\(ending.text)")
        let head = try await host.head("acme/tool")
        #expect(try await shop.plain("git -C got rev-parse HEAD").output.hasPrefix(head))
        let manifest = try shop.manifest()
        let input = try #require(manifest.inputs.first { $0.purl.description == "pkg:github/acme/tool@\(head)" })
        #expect(input.claimed.map(\.digest.hex) == [head] && input.digests.contains { $0.hex == head })
        #expect(manifest.gaps.isEmpty)
    }

    @Test func `A shallow clone, a later fetch and a partial clone pass`() async throws {
        let (shop, _) = try await open()
        let ending = try await shop.run(
            """
            set -e; git clone -q --depth 1 --branch v1 \(address) shallow; git -C shallow fetch -q --unshallow
            git -C shallow fsck; git clone -q --filter=blob:none \(address) partial; git -C partial log -p | tail -n 1
            """
        )
        #expect(ending.status == 0, "\(ending.text)")
    }

    @Test func `Submodules are recorded beside the repository that has them`() async throws {
        let (shop, host) = try await open()
        try await host.makeRepository("acme/whole", submodule: shop.scratch("repositories/acme/tool"))
        let ending = try await shop.run(
            """
            set -e; git clone -q https://github.com/acme/whole got; cd got
            git config submodule.part.url \(address); git submodule --quiet update --init
            """
        )
        #expect(ending.status == 0, "\(ending.text)")
        let tool = try await host.head("acme/tool")
        #expect(try shop.purls().contains("pkg:github/acme/tool@\(tool)"))
    }

    @Test func `A blocked repository is a remote error that names the rule`() async throws {
        let (shop, _) = try await open()
        try shop.policy("rules: { block: { purls: [\"pkg:github/acme/*\"] } }\n")
        let ending = try await shop.run("git clone \(address) got || true")
        #expect(ending.status == 125)
        #expect(
            ending.errors.contains("remote error: policy.denied (rule block): pkg:github/acme/tool"),
            "\(ending.text)"
        )
    }

    @Test func `A second run and one without a network are served from the job cache`() async throws {
        let (shop, _) = try await open()
        #expect(try await shop.run("git clone -q \(address) one").status == 0)
        let first = try shop.read("purser.lock")
        let packs = shop.fake.requests.count { $0.method == "POST" && $0.body.contains(Array("want ".utf8)) }
        #expect(try await shop.run("git clone -q \(address) two").status == 0)
        #expect(try shop.read("purser.lock") == first)
        #expect(shop.fake.requests.count { $0.method == "POST" && $0.body.contains(Array("want ".utf8)) } == packs)
        await shop.fake.stop()
        let offline = try await shop.run("git clone -q \(address) three", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("purser.lock") == first)
    }

    @Test func `A pack with a changed byte never reaches the client`() async throws {
        let shop = try await Workshop.open()
        try await GitHost.open(shop, damaging: true).makeRepository("acme/tool")
        let ending = try await shop.run("git clone \(address) got")
        #expect(ending.status != 0 && !shop.exists("got/numbers"), "\(ending.text)")
        #expect(ending.errors.contains("integrity.mismatch"), "\(ending.errors)")
    }
}
