import Core
import Kernel
import Manifest
import TestKit
import Testing

/// curl and wget: files that no index vouches for.
@Suite("curl and wget through the agent", .enabled(if: Client.isHere("curl"), "curl is not on PATH"))
struct FileTests {
    // Loopback is an exception from every proxy; here the fake stands for a host of the world.
    private let curl = "curl --noproxy '' -sS"

    private func served(_ shop: Workshop) -> (url: String, bytes: [UInt8]) {
        let bytes = noise(300_000)
        shop.fake.serve("/gen/tool.bin", FakeAnswer(bytes).tagged("\"v1\""))
        return ("\(shop.fake.origin)/gen/tool.bin", bytes)
    }

    @Test func `A file without any promise is refused under enforce, and curl -f ends with 22`() async throws {
        let shop = try await Workshop.open()
        let (url, _) = served(shop)
        try shop.policy()
        let ending = try await shop.run("\(curl) -f -o got \(url); echo \"curl $?\"; \(curl) \(url)")
        #expect(ending.output.contains("curl 22"))
        #expect(ending.output.contains("policy.denied") && ending.output.contains("unclaimed"), "\(ending.text)")
        #expect(ending.status == 125 && !shop.exists("got"))
        #expect(try shop.purls().isEmpty)
    }

    @Test(.enabled(if: Client.isHere("wget"), "wget is not on PATH"))
    func `wget shows the reason of a refusal`() async throws {
        let shop = try await Workshop.open()
        let (url, _) = served(shop)
        try shop.policy()
        let ending = try await shop.run("no_proxy= NO_PROXY= wget -O got \(url)")
        #expect(ending.status == 8)
        #expect(ending.errors.contains("ERROR 403: policy.denied unclaimed: "), "\(ending.text)")
    }

    @Test func `In audit mode it passes, is recorded as unclaimed and kept out of the cache`() async throws {
        let shop = try await Workshop.open()
        let (url, bytes) = served(shop)
        let ending = try await shop.run("\(curl) -f -o got \(url)")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.scratch.read("job/got") == bytes)
        let manifest = try shop.manifest()
        #expect(manifest.gaps.map(\.kind) == ["unclaimed"])
        #expect(manifest.inputs.map(\.sha256) == [Workshop.hex(bytes)])
        // The replay record holds its bytes; the cache that later jobs read does not.
        try Files.unlink(shop.scratch("job/purser.lock"))
        #expect(try await shop.run("\(curl) -f -o got \(url)").status == 0)
        #expect(shop.fake.requests(for: "/gen/tool.bin").count { $0.method == "GET" } == 2)
    }

    @Test func `HEAD, ranges and resumed downloads behave as the origin's would`() async throws {
        let shop = try await Workshop.open()
        let (url, bytes) = served(shop)
        try shop.scratch.write(Array(bytes[..<1_000]), to: "job/half")
        let format = "-w '%{http_code} %{size_download}\\n'"
        let ending = try await shop.run(
            """
            \(curl) -I \(url) | tr -d '\\r'
            \(curl) -o whole \(format) \(url)
            \(curl) -r 100-199 -o part \(format) \(url)
            \(curl) -r -50 -o end \(format) \(url)
            \(curl) -r 300000- -o beyond \(format) \(url)
            \(curl) -r 0-1,5-6 -o several \(format) \(url)
            \(curl) -C - -o half \(format) \(url)
            """
        )
        #expect(ending.status == 0, "\(ending.text)")
        let lines = ending.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "HTTP/1.1 200 OK" && lines.contains { $0.lowercased() == "content-length: 300000" })
        let codes = lines.filter { $0.first?.isNumber == true }
        #expect(codes == ["200 300000", "206 100", "206 50", "416 0", "200 300000", "206 299000"])
        #expect(try shop.scratch.read("job/part") == Array(bytes[100..<200]))
        #expect(try shop.scratch.read("job/end") == Array(bytes.suffix(50)))
        #expect(try shop.scratch.read("job/half") == bytes)
    }

    // A Java machine cannot send it, so where there is one this user's processes come in without.
    @Test func `The proxy takes nobody without the session's secret`() async throws {
        let shop = try await Workshop.open()
        let ending = try await shop.run(
            """
            own=http://${http_proxy##*@}
            curl -sS -o /dev/null -w '%{http_code}\\n' -x $own http://deb.debian.org/
            curl -sS -x $own https://pypi.org/; echo "curl $?"
            curl --noproxy '*' -sS -o /dev/null -w '%{http_code}\\n' $own/pypi/simple/
            """,
            environment: ["PATH": try shop.folderWithoutJava()]
        )
        #expect(ending.output.split(separator: "\n").prefix(3).map(String.init) == ["407", "curl 56", "404"])
        #expect(ending.errors.contains("407") && shop.fake.requests.isEmpty)
    }

    @Test(arguments: [Fault.truncate, .chunkedTruncate, .badChunk, .wrongLength(7), .empty, .html, .redirectLoop])
    func `Without a promise, a fault that the wire betrays ends in an error`(_ fault: Fault) async throws {
        let shop = try await Workshop.open()
        shop.fake.serve("/gen/tool.bin", FakeAnswer(noise(20_000)).with(fault))
        let ending = try await shop.run("\(curl) -f -o got \(shop.fake.origin)/gen/tool.bin")
        #expect(ending.status != 0, "\(ending.text)")
        #expect(try shop.purls().isEmpty)
    }
}
