import Core
import Testing

@testable import Ecosystems

@Suite struct DebianTests {
    static let debian = Debian()
    static let dists = "http://deb.debian.org/debian/dists"

    static func request(_ url: String, method: String = "GET") throws -> Request {
        Request(method: method, url: try HTTPURL(url))
    }

    static func purl(_ name: String, _ version: String, _ arch: String, vendor: String? = "debian") -> Purl {
        Purl(type: "deb", namespace: vendor, name: name, version: version, qualifiers: ["arch": arch])
    }

    @Test(arguments: [
        ("/debian/dists/bookworm/InRelease", "dists/bookworm/InRelease"),
        ("/debian/dists/bookworm/Release.gpg", "dists/bookworm/Release.gpg"),
        ("/debian/dists/bookworm/main/binary-amd64/Packages.xz", "dists/bookworm/main/binary-amd64/Packages.xz"),
        ("/dists/bookworm/main/i18n/Translation-en.bz2", "dists/bookworm/main/i18n/Translation-en.bz2"),
        ("/archive/debian/20250520T000000Z/dists/sid/main/Contents-amd64.gz", "dists/sid/main/Contents-amd64.gz"),
        ("/flat/./x/Packages.gz", nil), ("/flat/x/Packages.gz", "Packages.gz"),
        (
            "/debian/dists/sid/main/binary-amd64/by-hash/SHA256/\(String(repeating: "0a", count: 32))",
            "dists/sid/main/binary-amd64/by-hash/SHA256/\(String(repeating: "0a", count: 32))"
        ),
        ("/debian/dists/sid/main/binary-amd64/Packages.diff/Index", "dists/sid/main/binary-amd64/Packages.diff/Index"),
    ])
    func readsIndexesUnderAnyPrefix(path: String, part: String?) throws {
        guard let request = try? Self.request("http://deb.debian.org" + path) else {
            #expect(part == nil)
            return
        }
        let intent = try Self.debian.intent(of: request)
        #expect(intent == part.map { .index(.repository($0)) })
    }

    @Test(arguments: [
        "/debian/pool/main/h/hello/hello_2.10-3_amd64.deb", "/debian/pool/main/h/hello/hello_2.10.orig.tar.gz",
        "/repo/hello_2.10-3_amd64.deb", "/debian/dists/bookworm/main/installer-amd64/current/images/netboot/mini.iso",
        "/debian/README",
    ])
    func leavesEveryFileUnnamedUntilAnIndexListsIt(path: String) throws {
        let url = try HTTPURL("http://deb.debian.org" + path)
        #expect(try Self.debian.intent(of: Request(url: url)) == .artifact(ArtifactName(file: url.file)))
    }

    @Test func leavesAloneWhatIsNoReading() throws {
        #expect(try Self.debian.intent(of: Self.request("http://deb.debian.org/debian/x.deb", method: "PUT")) == nil)
        #expect(try Self.debian.intent(of: Self.request("http://deb.debian.org/debian/")) == .passThrough)
        let sums = "\(Self.dists)/bookworm/main/installer-amd64/current/images/SHA256SUMS"
        #expect(try Self.debian.intent(of: Self.request(sums)) == .sidecar(release: nil, file: "SHA256SUMS"))
    }

    @Test(arguments: [
        ("http://deb.debian.org/debian/pool/main/h/hello/hello_2.10-3_amd64.deb", purl("hello", "2.10-3", "amd64")),
        (
            "http://archive.ubuntu.com/ubuntu/pool/h/x+y_1%7erc1%2bb2_all.deb",
            purl("x+y", "1~rc1+b2", "all", vendor: "ubuntu")
        ),
        ("http://mirror.example.org/ubuntu/pool/h/xy_1%3a2_all.deb", purl("xy", "1:2", "all", vendor: "ubuntu")),
        ("http://deb.debian.org/debian/pool/main/h/hello/hello_2.10-3.dsc", purl("hello", "2.10-3", "source")),
    ])
    func offersTheReleaseThatAFileNameTells(url: String, purl: Purl) throws {
        let url = try HTTPURL(url)
        #expect(Self.debian.candidates(forFile: url.file, at: url) == [purl])
    }

    @Test(arguments: ["hello.deb", "hello_2.10-3.deb", "hello_two_amd64.deb", "_1_all.deb", "hello_1_.deb", "x.tar.gz"])
    func offersNothingForANameOfAnotherForm(file: String) throws {
        let url = try HTTPURL("http://deb.debian.org/debian/pool/\(file)")
        #expect(Self.debian.candidates(forFile: file, at: url).isEmpty)
    }

    @Test func vouchesForEveryIndexThatASignedReleaseLists() throws {
        let request = try Self.request("\(Self.dists)/bookworm-updates/InRelease")
        let document = Document(try Fixture.bytes("deb/bookworm/InRelease"))
        let index = try Self.debian.readIndex(document, companions: [], for: request, scope: .repository("InRelease"))
        #expect(index.releases.isEmpty)
        #expect(index.vouches.count == 22)
        let folder = "\(Self.dists)/bookworm-updates/main/binary-amd64"
        let hex = "87e7e94047fb7fb6f4ceecc7022d4bee55b66031cc2a7666d3196f3e0aabb846"
        let digest = try #require(Digest(.sha256, hex: hex))
        #expect(index.vouches[try HTTPURL("\(folder)/Packages.xz")] == [digest])
        #expect(index.vouches[try HTTPURL("\(folder)/by-hash/SHA256/\(hex)")] == [digest])
    }

    @Test func believesOnlyWhatStandsBetweenTheArmourLines() throws {
        let zeros = String(repeating: "0", count: 64)
        let text = """
            -----BEGIN PGP SIGNED MESSAGE-----
            Hash: SHA256

            - -Odd: x
            SHA256:
             \(zeros) 1 signed
            -----BEGIN PGP SIGNATURE-----
            SHA256:
             \(zeros) 1 smuggled
            -----END PGP SIGNATURE-----
            """
        let request = try Self.request("\(Self.dists)/sid/InRelease")
        let document = Document(Array(text.utf8))
        let index = try Self.debian.readIndex(document, companions: [], for: request, scope: .repository("InRelease"))
        #expect(index.vouches.keys.map(\.file).sorted() == [zeros, "signed"])
    }

    @Test(arguments: [
        "", "<html>", "SHA256:\n x 1 y\n", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: x\n",
    ])
    func refusesAnInReleaseWithoutSignature(text: String) throws {
        let request = try Self.request("\(Self.dists)/sid/InRelease")
        #expect(throws: Malformed.self) {
            try Self.debian.readIndex(
                Document(Array(text.utf8)),
                companions: [],
                for: request,
                scope: .repository("InRelease")
            )
        }
    }

    @Test func readsAnUnsignedReleaseFile() throws {
        let request = try Self.request("http://deb.farm.test/debian/dists/farm-stable/Release")
        let document = Document(try Fixture.bytes("deb/farm/Release"))
        let index = try Self.debian.readIndex(document, companions: [], for: request, scope: .repository("Release"))
        #expect(index.vouches.count == 12)
    }

    static func packages(_ fixture: String, _ name: String) throws -> PackageIndex {
        let request = try request("\(dists)/bookworm/main/binary-amd64/\(name)")
        let document = Document(try Fixture.bytes("deb/\(fixture)"))
        return try debian.readIndex(document, companions: [], for: request, scope: .repository(name))
    }

    @Test(arguments: ["", ".bz2", ".zst", ".lz4"])
    func readsPackagesInEveryCompression(ending: String) throws {
        let index = try Self.packages("bookworm/Packages\(ending)", "Packages\(ending)")
        #expect(
            index.releases.map(\.purl.description) == [
                "pkg:deb/debian/0ad@0.0.26-3?arch=amd64", "pkg:deb/debian/attr@1:2.5.1-4?arch=amd64",
                "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64",
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64",
                "pkg:deb/debian/libjs-underscore@1.13.4~dfsg%2B~1.11.4-3?arch=all",
                "pkg:deb/debian/vim-common@2:9.0.1378-2%2Bdeb12u2?arch=all",
            ]
        )
        let artifact = try #require(index.releases[4].artifacts.first)
        #expect(artifact.file == "libjs-underscore_1.13.4~dfsg+~1.11.4-3_all.deb")
        #expect(artifact.size == 115_632)
        #expect(artifact.digests.map(\.hex) == ["4a0fbc90e7f62ea50c4ac7453352721fa60bb5eac87e9f39a027908faff29015"])
        // As apt asks for it.
        let pool = "http://deb.debian.org/debian/pool/main/u/underscore"
        #expect(artifact.url?.description == "\(pool)/libjs-underscore_1.13.4%7edfsg%2b%7e1.11.4-3_all.deb")
    }

    @Test(arguments: ["Packages", "Packages.gz", "Packages.xz"])
    func readsTheSameFromEveryFormOfAnIndex(name: String) throws {
        let plain = try Self.packages("farm/Packages", "Packages").releases
        #expect(plain.count == 12)
        #expect(try Self.packages("farm/\(name)", name).releases == plain)
        let hashed = "by-hash/SHA256/" + String(repeating: "0a", count: 32)
        #expect(try Self.packages("farm/\(name)", hashed).releases == plain)
    }

    @Test func readsTheFilesOfASource() throws {
        let hex = String(repeating: "0a", count: 32)
        let text = """
            Package: Hello
            Version: 1:2.10-3
            Files:
             d04c2e9639dee67aa836d8232b1ca658 5 no.dsc
            Checksums-Sha256:
             \(hex) 5 hello_2.10-3.dsc
             \(hex) 7 hello_2.10.orig.tar.gz
            Directory: pool/main/h/hello

            """
        let request = try Self.request("\(Self.dists)/sid/main/source/Sources")
        let document = Document(Array(text.utf8))
        let index = try Self.debian.readIndex(document, companions: [], for: request, scope: .repository("Sources"))
        #expect(index.releases.map(\.purl) == [Self.purl("hello", "1:2.10-3", "source")])
        #expect(index.releases[0].artifacts.map(\.file) == ["hello_2.10-3.dsc", "hello_2.10.orig.tar.gz"])
        #expect(index.releases[0].artifacts.map(\.size) == [5, 7])
    }

    @Test func findsTheFilesOfAFlatRepositoryBesideItsIndex() throws {
        let text = "Package: a1\nVersion: 1\nArchitecture: all\nFilename: ./sub/a1_1_all.deb\nSize: 1\n"
        let request = try Self.request("https://packages.example.org/apt/Packages")
        let document = Document(Array(text.utf8))
        let index = try Self.debian.readIndex(document, companions: [], for: request, scope: .repository("Packages"))
        let url = index.releases.first?.artifacts.first?.url
        #expect(url?.description == "https://packages.example.org/apt/sub/a1_1_all.deb")
    }

    @Test func ignoresAFileOutsideTheRepository() throws {
        let text =
            "Package: a1\nVersion: 1\nFilename: ../../etc/passwd\n\nPackage: b1\nVersion: 1\nFilename: pool/b1_1_all.deb"
        let request = try Self.request("\(Self.dists)/sid/main/binary-amd64/Packages")
        let document = Document(Array(text.utf8))
        let index = try Self.debian.readIndex(document, companions: [], for: request, scope: .repository("Packages"))
        #expect(index.releases.map(\.purl.name) == ["b1"])
    }

    @Test(arguments: ["farm/Packages.gz", "farm/Packages.xz", "bookworm/Packages.zst", "bookworm/Packages.lz4"])
    func refusesADamagedIndex(fixture: String) throws {
        let bytes = try Fixture.bytes("deb/\(fixture)")
        let request = try Self.request("\(Self.dists)/sid/main/binary-amd64/Packages")
        let cut = Document(Array(bytes[..<(bytes.count / 2)]))
        #expect(throws: Malformed.self) {
            try Self.debian.readIndex(cut, companions: [], for: request, scope: .repository("Packages"))
        }
    }

    @Test func survivesNoise() throws {
        for path in ["InRelease", "Release", "main/binary-amd64/Packages.xz", "main/source/Sources"] {
            let request = try Self.request("\(Self.dists)/sid/\(path)")
            for seed in 0..<200 {
                let noise = (0..<seed).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed &* 17) }
                _ = try? Self.debian.readIndex(
                    Document(noise),
                    companions: [],
                    for: request,
                    scope: .repository(path)
                )
            }
        }
    }

    @Test func neverRewritesASignedIndex() throws {
        let document = Document(try Fixture.bytes("deb/farm/InRelease"))
        let request = try Self.request("\(Self.dists)/sid/InRelease")
        let view = IndexView(keeps: { _, _ in false })
        #expect(!Self.debian.mayRewriteIndex && !Self.debian.registryAssignsTimes)
        #expect(try Self.debian.writeIndex(document, for: request, scope: .repository("x"), view: view) == document)
    }
}
