import Archive
import Core
import Ecosystems
import Testing

/// Conda channels: their lists, their files, their locks.
@Suite struct CondaTests {
    private let conda = Conda()
    private static let hex = String(repeating: "cd", count: 32)
    private static let md5 = String(repeating: "0f", count: 16)
    private static let list = """
        {"info":{"subdir":"linux-64"},"packages":{
          "demo-1.0-py_0.tar.bz2":{"name":"demo","version":"1.0","build":"py_0","md5":"\(md5)","sha256":"\(hex)","size":10,
            "timestamp":1768032000000,"license":"MIT","depends":[]},
          "liar-1.0-0.tar.bz2":{"name":"demo","version":"9","build":"0"}},
         "packages.conda":{
          "demo-2.0-py_1.conda":{"name":"demo","version":"2.0","build":"py_1","sha256":"\(hex)","timestamp":1768032000}}}
        """

    private func request(_ target: String) throws -> Request {
        Request(url: try HTTPURL("https://conda.anaconda.org\(target)"))
    }

    private func read(_ bytes: [UInt8], _ file: String = "repodata.json") throws -> [Release] {
        let request = try request("/conda-forge/linux-64/\(file)")
        let document = Document(bytes, contentType: "application/json", url: request.url)
        return try conda.readIndex(document, companions: [], for: request, scope: .repository("x")).releases
    }

    private func written(_ bytes: [UInt8], _ file: String, hiding version: String) throws -> [UInt8] {
        let request = try request("/conda-forge/linux-64/\(file)")
        let view = IndexView(keeps: { release, _ in release.purl.version != version })
        return try conda.writeIndex(Document(bytes), for: request, scope: .repository("x"), view: view).bytes
    }

    @Test func readsWhatAClientWants() throws {
        let list = try conda.intent(of: request("/conda-forge/linux-64/repodata.json.zst"))
        #expect(list == .index(.repository("linux-64/repodata.json.zst")))
        #expect(try conda.intent(of: request("/conda-forge/noarch/repodata_shards.msgpack.zst")) == .passThrough)
        guard
            case .artifact(let name)? = try conda.intent(of: request("/t/SECRET/lab/noarch/x264-1!161.3-h7_1.tar.bz2"))
        else { throw Malformed("no artifact") }
        #expect(
            name.release?.description == "pkg:conda/x264@1%21161.3?build=h7_1&channel=lab&subdir=noarch&type=tar.bz2"
        )
        #expect(try conda.intent(of: request("/conda-forge/nowhere/demo-1.0-0.conda")) == nil)
        #expect(try conda.intent(of: request("/conda-forge/linux-64/demo.conda")) == nil)
        #expect(throws: Malformed.self) { try conda.intent(of: request("/conda-forge//linux-64/demo-1.0-0.conda")) }
    }

    @Test func readsBothFormatsOfAList() throws {
        let releases = try read(Array(Self.list.utf8))
        let place = "channel=conda-forge&subdir=linux-64"
        #expect(
            releases.map(\.purl.description) == [
                "pkg:conda/demo@1.0?build=py_0&\(place)&type=tar.bz2",
                "pkg:conda/demo@2.0?build=py_1&\(place)&type=conda",
            ]
        )
        #expect(releases.map(\.published?.time.day) == ["2026-01-10", "2026-01-10"])
        #expect(releases.allSatisfy { $0.published?.basis == .authorTime })
        let artifact = releases[0].artifacts[0]
        #expect(artifact.digests.map(\.description) == ["sha256:\(Self.hex)", "md5:\(Self.md5)"])
        #expect(artifact.url?.description == "https://conda.anaconda.org/conda-forge/linux-64/demo-1.0-py_0.tar.bz2")
        #expect(artifact.size == 10 && releases[0].license == "MIT")
    }

    @Test func leavesOutARecordThatLies() throws {
        #expect(try !read(Array(Self.list.utf8)).contains { $0.purl.name == "liar" || $0.purl.version == "9" })
    }

    @Test func hidesRefusedPackages() throws {
        let text = String(decoding: try written(Array(Self.list.utf8), "repodata.json", hiding: "2.0"), as: UTF8.self)
        #expect(text.contains("demo-1.0-py_0") && !text.contains("demo-2.0"))
        #expect(try written(Array(Self.list.utf8), "repodata.json", hiding: "7") == Array(Self.list.utf8))
    }

    @Test func printsAPackedListAgain() throws {
        let packed = try Fixture.bytes("conda/repodata.json.zst")
        #expect(try read(packed, "repodata.json.zst").map(\.purl.version) == ["1.0", "2.0"])
        let again = try written(packed, "repodata.json.zst", hiding: "2.0")
        var plain: [UInt8] = []
        try ArchiveScan.decompress(again, limit: 1 << 20) { plain += $0 }
        #expect(String(decoding: plain, as: UTF8.self).contains("demo-1.0") && again != packed)
        #expect(try read(again, "repodata.json.zst").map(\.purl.version) == ["1.0"])
        #expect(throws: Malformed.self) { try read([1, 2, 3], "repodata.json.zst") }
        #expect(throws: Malformed.self) { try read(Array("{}".utf8)) }
    }

    @Test func aFrameOfManyBlocksIsReadAgain() throws {
        let filler = String(repeating: "x", count: 300_000)
        let text = Self.list.replacing(#""info":{"#, with: #""info":{"note":"\#(filler)","#)
        let packed = try written(Array(text.utf8), "repodata.json", hiding: "none")
        #expect(packed == Array(text.utf8))
        let frame = try written(storedFrame(Array(text.utf8)), "repodata.json.zst", hiding: "2.0")
        var plain: [UInt8] = []
        try ArchiveScan.decompress(frame, limit: 1 << 20) { plain += $0 }
        #expect(plain.count > 300_000)
    }

    /// One raw block after another, as RFC 8878 writes them.
    private func storedFrame(_ bytes: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38]
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            let end = min(start + 100_000, bytes.count)
            let header = UInt32(end - start) << 3 | (end == bytes.count ? 1 : 0)
            frame += [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16)] + bytes[start..<end]
        }
        return frame
    }

    @Test func ordersVersionsAsCondaDoes() {
        // From the documentation of conda's version order.
        let ordered = [
            "0.4", "0.4.1.rc", "0.4.1", "0.5a1", "0.5b3", "0.5C1", "0.5", "0.9.6", "0.960923", "1.0", "1.1dev1", "1.1_",
            "1.1a1", "1.1.0dev1x", "1.1.0", "1.1.0post1", "1996.07.12", "1!0.4.1", "1!3.1.1.6", "2!0.4.1",
        ]
        for (one, other) in zip(ordered, ordered.dropFirst()) where one != "1.1a1" && other != "1.1.0dev1x" {
            #expect(conda.compare(one, other).map { $0 < 0 } == true, "\(one) \(other)")
        }
        #expect(conda.compare("1.1", "1.1.0") == 0 && conda.compare("0.4.1.RC", "0.4.1.rc") == 0)
        #expect(conda.compare("1.0+1", "1.0+2") == -1)
        for text in ["", "!1", "1!!2", "a b", "1..2", "1+"] { #expect(conda.compare(text, text) == nil, "\(text)") }
        #expect(conda.isPrerelease("1.0rc1") && !conda.isPrerelease("1.0"))
    }

    @Test func pinsEveryFormat() throws {
        let url = "https://conda.anaconda.org/conda-forge/linux-64/demo-2.0-py_1.conda"
        let purl = "pkg:conda/demo@2.0?build=py_1&channel=conda-forge&subdir=linux-64&type=conda"
        let lock = """
            version: 1
            package:
            - name: demo
              version: '2.0'
              manager: conda
              platform: linux-64
              url: \(url)
              hash: {md5: \(Self.md5), sha256: \(Self.hex)}
            - name: requests
              manager: pip
              url: https://files.pythonhosted.org/requests.whl
              hash: {sha256: \(Self.hex)}
            """
        let pixi =
            "version: 6\npackages:\n- conda: \(url)\n  sha256: \(Self.hex)\n- pypi: https://x.test/a.whl\n  name: a\n"
        let explicit = "# platform: linux-64\n@EXPLICIT\n\(url)#\(Self.md5)\n"
        for (name, text) in [("conda-lock.yml", lock), ("pixi.lock", pixi), ("conda-linux-64.lock", explicit)] {
            let pins = try conda.pins(in: Array(text.utf8), named: name)
            #expect(pins.map(\.release.description) == [purl], "\(name)")
            #expect(pins.first?.url?.description == url && pins.first?.file == "demo-2.0-py_1.conda")
            let digest = name.hasPrefix("conda-linux") ? "md5:\(Self.md5)" : "sha256:\(Self.hex)"
            #expect(pins.first?.digests.first?.description == digest)
        }
        #expect(throws: Malformed.self) { try conda.pins(in: Array("x".utf8), named: "explicit.txt") }
        #expect(throws: Malformed.self) { try conda.pins(in: Array("- x".utf8), named: "pixi.lock") }
    }

    @Test func aPackageSaysWhoItIs() throws {
        let outside = Purl(
            type: "conda",
            name: "demo",
            version: "1.0",
            qualifiers: ["build": "py_0", "subdir": "noarch"]
        )
        let json = Array(#"{"name":"demo","version":"1.0","build":"py_0"}"#.utf8)
        let old = try conda.identity(ofFile: "demo-1.0-py_0.tar.bz2", entries: ["info/index.json": json])
        let new = try conda.identity(ofFile: "demo-1.0-py_0.conda", entries: ["info-demo-1.0-py_0.tar.zst": []])
        #expect(conda.agrees(old, with: outside) && conda.agrees(new, with: outside))
        let other = try conda.identity(ofFile: "x", entries: ["info-demo-1.0-py_1.tar.zst": []])
        #expect(!conda.agrees(other, with: outside))
        #expect(throws: Malformed.self) { try conda.identity(ofFile: "x", entries: ["info-demo.tar.zst": []]) }
        #expect(throws: Malformed.self) { try conda.identity(ofFile: "x", entries: [:]) }
    }
}
