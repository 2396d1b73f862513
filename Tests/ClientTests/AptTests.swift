import Core
import Kernel
import Manifest
import TestKit
import Testing

/// apt on a signed repository, with lists of its own so that nothing on the machine changes.
@Suite("apt through the agent", .enabled(if: Client.isHere("apt-get"), "apt is not on PATH"))
struct AptTests {
    static let repository = "\(#filePath.dropLast("AptTests.swift".utf8.count))Fixtures/apt"
    private let pool = "/deb/debian/pool/main/t/tool/tool_2.0~rc1+b1-1_all.deb"

    /// Serves the repository. Paths are asked with `~` and `+` encoded and the indexes by their digest.
    private func serve(on fake: FakeUpstream) throws {
        for file in Scratch.files(below: AptTests.repository) where file.hasPrefix("debian/") {
            let bytes = try Files.readAll("\(AptTests.repository)/\(file)")
            let encoded = file.replacing("~", with: "%7e").replacing("+", with: "%2b")
            let answer = FakeAnswer(bytes).tagged("\"\(bytes.count)\"")
            fake.serve("/deb/\(file)", answer)
            fake.serve("/deb/\(encoded)", answer)
            guard let name = file.split(separator: "/").last, name.hasPrefix("Packages") else { continue }
            fake.serve("/deb/\(file.dropLast(name.count))by-hash/SHA256/\(Workshop.hex(bytes))", answer)
        }
    }

    /// The job's own apt: `./apt update`.
    func prepare(_ shop: Workshop) throws {
        try serve(on: shop.fake)
        let key = "\(AptTests.repository)/archive-key.asc"
        try shop.write("deb [signed-by=\(key)] http://deb.debian.org/debian stable main\n", "sources.list")
        let folder = shop.scratch("job")
        try shop.write(
            """
            mkdir -p lists/partial archives/partial; touch status
            apt-get -qq -o Dir::Etc::sourcelist=\(folder)/sources.list -o Dir::Etc::sourceparts=- -o Dir::State=\(folder) \
            -o Dir::State::lists=\(folder)/lists -o Dir::State::status=\(folder)/status -o Dir::Cache=\(folder) \
            -o Dir::Cache::archives=\(folder)/archives -o APT::Sandbox::User= -o Acquire::Languages=none \
            -o Debug::NoLocking=1 -o APT::Architecture=amd64 "$@"

            """,
            "apt"
        )
    }

    @Test func `The signed index passes as it is, by its digest, and vouches for the package`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        let ending = try await shop.run("sh apt update && sh apt download tool leaf")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(!ending.text.contains("W:"))
        let inputs = try shop.manifest().inputs
        #expect(
            inputs.map(\.purl.description) == [
                "pkg:deb/debian/leaf@1.0-1?arch=all", "pkg:deb/debian/tool@1:2.0~rc1%2Bb1-1?arch=all",
            ]
        )
        #expect(inputs.allSatisfy { $0.claimed.contains { $0.by == "index" && $0.agrees } })
        #expect(shop.exists("tool_1%3a2.0~rc1+b1-1_all.deb"))
        let lists = shop.scratch.files(below: "job/lists")
        let release = try #require(lists.first { $0.hasSuffix("InRelease") })
        let original = try Files.readAll("\(AptTests.repository)/debian/dists/stable/InRelease")
        #expect(try shop.scratch.read("job/lists/\(release)") == original)
        let asked = shop.fake.requests.map(\.target)
        #expect(asked.contains { $0.contains("/by-hash/SHA256/") } && !asked.contains { $0.hasSuffix("/Packages") })
    }

    @Test func `A package on the block list is refused in apt's own words`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        try shop.policy("rules:\n  block: [\"pkg:deb/debian/tool\"]\n")
        let ending = try await shop.run("sh apt update && sh apt download tool")
        #expect(ending.status == 100)
        #expect(
            ending.errors.contains("403  policy.denied block: pkg:deb/debian/tool@1:2.0~rc1%2Bb1-1?arch=all is on the")
        )
        #expect(!shop.fake.requests.map(\.target).contains { $0.hasSuffix(".deb") })
    }

    @Test func `The second run asks no package again, and an offline one asks nothing`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        try shop.policy()
        let fetch = "rm -rf lists archives *.deb; sh apt update && sh apt download tool"
        #expect(try await shop.run(fetch).status == 0)
        let lock = try shop.read("purser.lock")
        let second = try await shop.run(fetch, ["--locked"])
        #expect(second.status == 0, "\(second.text)")
        #expect(shop.fake.requests.map(\.target).count { $0.hasSuffix(".deb") } == 1)
        await shop.fake.stop()
        let offline = try await shop.run(fetch, ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        #expect(try shop.read("purser.lock") == lock)
    }

    @Test func `A package that is not what the index promised never reaches apt`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        let path = pool.replacing("~", with: "%7e").replacing("+", with: "%2b")
        let bytes = try Files.readAll("\(AptTests.repository)/\(pool.dropFirst("/deb/".count))")
        for path in [pool, path] { shop.fake.serve(path, FakeAnswer(bytes).with(.flip)) }
        let ending = try await shop.run("sh apt update && sh apt download tool")
        #expect(ending.status == 100)
        #expect(ending.errors.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try shop.purls().isEmpty)
    }

    @Test func `The machine's own apt settings still hold, except for the proxy`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        try shop.write("Acquire::http::Proxy \"http://127.0.0.1:9/\";\nPurser::Test \"kept\";\n", "own.conf")
        let ending = try await shop.run(
            "sh apt update && apt-config dump Purser::Test && apt-config dump Acquire::http::Proxy | wc -l",
            environment: ["APT_CONFIG": shop.scratch("job/own.conf")]
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output.contains("Purser::Test \"kept\""))
    }
}
