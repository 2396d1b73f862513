import Core
import Testing

@testable import Ecosystems

@Suite struct RPMTests {
    static let rpm = RPM()
    static let root = "https://dl.fedoraproject.org/pub/fedora/linux/releases/43/os"

    static func request(_ path: String) throws -> Request { Request(url: try HTTPURL("\(root)\(path)")) }

    private func read(_ bytes: [UInt8], _ path: String) throws -> PackageIndex {
        let index = Document(bytes)
        return try Self.rpm.readIndex(index, companions: [], for: Self.request(path), scope: .repository("x"))
    }

    @Test func readsWhatAClientWants() throws {
        let cases: [(String, Intent?)] = [
            ("/repodata/repomd.xml", .index(.repository("repodata/repomd.xml"))),
            ("/repodata/repomd.xml.asc", .sidecar(release: nil, file: "repomd.xml.asc")),
            ("/repodata/ab-primary.xml.zst", .index(.repository("repodata/ab-primary.xml.zst"))),
            (
                "/Packages/t/tool-2.0~rc1-1.el9.noarch.rpm",
                .artifact(ArtifactName(file: "tool-2.0~rc1-1.el9.noarch.rpm"))
            ),
            ("/Packages/", .passThrough), ("/images/boot.iso", nil),
        ]
        for (path, intent) in cases { #expect(try Self.rpm.intent(of: Self.request(path)) == intent, "\(path)") }
        let list = Request(url: try HTTPURL("https://mirrors.fedoraproject.org/metalink?repo=fedora-43&arch=x86_64"))
        #expect(try Self.rpm.intent(of: list) == .index(.repository("metalink")))
    }

    @Test func vouchesForEveryIndexThatRepomdLists() throws {
        let index = try read(Fixture.bytes("rpm/repomd.xml"), "/repodata/repomd.xml")
        #expect(index.vouches.count == 3)
        let mark = "1aa73a99199e133f5e74a37642b892777d03ef84f038d0430e9157a8924804e2"
        let url = try HTTPURL("\(Self.root)/repodata/\(mark)-primary.xml.gz")
        #expect(index.vouches[url]?.map(\.hex) == [mark])
    }

    @Test(arguments: ["primary.xml", "primary.xml.gz"])
    func readsThePackagesOfPrimary(name: String) throws {
        let releases = try read(Fixture.bytes("rpm/\(name)"), "/repodata/\(name)").releases
        #expect(
            releases.map(\.purl.description) == [
                "pkg:rpm/fedora/leaf@1.0-1?arch=noarch", "pkg:rpm/fedora/tool@2.0~rc1-1.el9?arch=noarch&epoch=1",
            ]
        )
        let tool = releases[1].artifacts[0]
        #expect(tool.url?.description == "\(Self.root)/Packages/tool-2.0~rc1-1.el9.noarch.rpm")
        #expect(tool.digests.map(\.hex) == ["9a4f8bb5c72abfa361b3630c94f6537dadbd06d71887edf060f209ef059d1d03"])
        #expect(tool.size == 6287 && releases[1].license == "MIT" && releases[1].published == nil)
    }

    @Test func readsPrimaryInPiecesOfAnySize() throws {
        let bytes = try Fixture.bytes("rpm/primary.xml")
        let root = try HTTPURL("\(Self.root)/")
        for size in [1, 2, 3, 7, 100] {
            var packages = RPMPackages(root: root, vendor: nil)
            for at in stride(from: 0, to: bytes.count, by: size) {
                try packages.take(bytes[at..<min(bytes.count, at + size)])
            }
            try packages.finish()
            #expect(packages.releases.map(\.purl.name) == ["leaf", "tool"], "\(size)")
        }
    }

    @Test func takesAnyDigestThatAMetalinkAllows() throws {
        let (new, old) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        let text = """
            <?xml version="1.0"?><!-- a > b --><metalink><files><file name="repomd.xml"><verification>
            <hash type="md5">0123</hash><hash type="sha256">\(new)</hash></verification>
            <mm0:alternates><mm0:alternate><verification><hash type="sha256">\(old)</hash></verification></mm0:alternate>
            </mm0:alternates><resources><url protocol="https">https://m.example/f/repodata/repomd.xml</url>
            <url protocol="rsync">rsync://m.example/f/repodata/repomd.xml</url></resources></file></files></metalink>
            """
        let index = try read(Array(text.utf8), "/metalink")
        #expect(index.vouches.map(\.key.description) == ["https://m.example/f/repodata/repomd.xml"])
        #expect(index.vouches.first?.value.map(\.hex) == [new, old])
        #expect(try read(Array("# list\nhttp://m.example/\n".utf8), "/mirrorlist").vouches.isEmpty)
    }

    @Test(arguments: [
        "<!DOCTYPE x [<!ENTITY a \"b\">]><metadata></metadata>",
        "<metadata><package><name>&a;</name></package></metadata>",
        "<metadata>", "<metadata></package>", "<html></html>", "<metadata></metadata><metadata></metadata>",
        "<metadata><package><location href=\"a\" href=\"b\"/></package></metadata>", "<metadata><a <b></metadata>",
    ])
    func refusesXMLWithTwoReadings(text: String) {
        #expect(throws: Malformed.self) { try read(Array(text.utf8), "/repodata/primary.xml") }
    }

    @Test func leavesOutWhatHasNoAddressInTheRepository() throws {
        func releases(_ href: String) throws -> [String?] {
            let text = """
                <metadata><package><name>a</name><arch>noarch</arch><version ver="1" rel="1"/>\
                <location href="\(href)"/></package></metadata>
                """
            return try read(Array(text.utf8), "/repodata/primary.xml").releases.map { $0.artifacts[0].url?.description }
        }
        #expect(try releases("a&amp;b.rpm") == ["\(Self.root)/a&b.rpm"])
        #expect(try releases("ftp://x/a.rpm").isEmpty && releases("a%00.rpm").isEmpty)
    }

    @Test func survivesNoise() throws {
        var noise = Noise(seed: 5)
        let bytes = try Fixture.bytes("rpm/primary.xml")
        for _ in 0..<300 { _ = try? read(noise.damaged(bytes), "/repodata/primary.xml") }
        let repomd = try Fixture.bytes("rpm/repomd.xml")
        for _ in 0..<300 { _ = try? read(noise.damaged(repomd), "/repodata/repomd.xml") }
    }

    @Test func ordersVersionsAsRPMDoes() throws {
        let text = String(decoding: try Fixture.bytes("rpm/rpmvercmp.tsv"), as: UTF8.self)
        let rows = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count == 96)
        for row in rows { #expect(Self.rpm.compare(row[0], row[1]) == Int(row[2]), "\(row)") }
        for text in ["", "x:1", "1-", ":1", "1 2", "1/2", "99999999999:1"] {
            #expect(Self.rpm.compare(text, "1") == nil)
        }
    }

    @Test func pinsTheLockfileOfAnImage() throws {
        let pins = try Self.rpm.pins(in: Fixture.bytes("rpm/rpms.lock.yaml"), named: "rpms.lock.yaml")
        #expect(
            pins.map(\.release.description) == [
                "pkg:rpm/redhat/acl@2.3.1-3.el9?arch=x86_64", "pkg:rpm/redhat/dbus@1.12.20-8.el9?arch=x86_64&epoch=1",
            ]
        )
        #expect(pins.allSatisfy { $0.digests.count == 1 && $0.url != nil })
    }

    @Test func namesAFileByItsName() throws {
        let url = try HTTPURL("https://rpm.example/a-b-1.0-2.fc43.x86_64.rpm")
        let found = Self.rpm.candidates(forFile: url.file, at: url)
        #expect(found.map(\.description) == ["pkg:rpm/a-b@1.0-2.fc43?arch=x86_64"])
        for file in ["a.rpm", "a-1.rpm", "a-1-1.rpm", "a-1-1.x86_64.deb"] { #expect(RPMFile(file) == nil, "\(file)") }
    }
}
