import Core
import Testing

@testable import Ecosystems

@Suite struct HexTests {
    static let hex = HexPM()
    let jason = Purl(type: "hex", name: "jason")

    static func request(_ url: String, method: String = "GET") throws -> Request {
        Request(method: method, url: try HTTPURL(url))
    }

    private func read(_ bytes: [UInt8], with companions: [Document] = []) throws -> [Release] {
        let request = try Self.request("https://repo.hex.pm/packages/jason")
        let index = Document(bytes)
        return try Self.hex.readIndex(index, companions: companions, for: request, scope: .package(jason)).releases
    }

    @Test func readsWhatAClientWants() throws {
        let own = Purl(type: "hex", namespace: "acme", name: "own")
        let cases: [(String, String, Intent?)] = [
            ("GET", "https://repo.hex.pm/packages/jason", .index(.package(jason))),
            ("GET", "https://repo.hex.pm/repos/acme/packages/own", .index(.package(own))),
            ("GET", "https://repo.hex.pm/names", .index(.repository("names"))),
            ("GET", "https://repo.hex.pm/versions", .index(.repository("versions"))),
            ("GET", "https://repo.hex.pm/public_key", .sidecar(release: nil, file: "public_key")),
            (
                "GET", "https://repo.hex.pm/tarballs/jason-1.4.1.tar",
                .artifact(ArtifactName(release: jason.at("1.4.1"), file: "jason-1.4.1.tar"))
            ),
            (
                "GET", "https://repo.hex.pm/repos/acme/tarballs/own-0.1.0.tar",
                .artifact(ArtifactName(release: own.at("0.1.0"), file: "own-0.1.0.tar"))
            ),
            ("GET", "https://hex.pm/api/packages/jason", .passThrough),
            ("GET", "https://hex.pm/api/packages?search=j", .search),
            ("POST", "https://hex.pm/api/packages/jason/releases", .publish(jason)),
            ("DELETE", "https://hex.pm/api/packages/jason/releases/1.4.1", .yank(jason.at("1.4.1"))),
            ("POST", "https://hex.pm/api/publish", .publish(nil)), ("POST", "https://hex.pm/api/keys", .credential),
            ("GET", "https://repo.hex.pm/installs/hex-1.x.csv", nil),
        ]
        for (method, url, intent) in cases {
            #expect(try Self.hex.intent(of: Self.request(url, method: method)) == intent, "\(method) \(url)")
        }
        for path in ["packages/A", "packages/a-b", "packages/..%252f", "tarballs/x.tar", "tarballs/a-1.tar"] {
            #expect(throws: Malformed.self) { try Self.hex.intent(of: Self.request("https://repo.hex.pm/\(path)")) }
        }
    }

    @Test func readsTheReleasesOfASignedIndex() throws {
        let releases = try read(Fixture.bytes("hex/jason"))
        #expect(releases.map { $0.purl.version } == ["1.4.0", "1.4.1", "1.5.0-alpha.1"])
        #expect(releases.map { $0.yanked?.reason } == ["retired (security): denial of service", nil, nil])
        #expect(releases[1].artifacts[0].url?.description == "https://repo.hex.pm/tarballs/jason-1.4.1.tar")
        // sha256 of "outer1.4.1"
        #expect(
            releases[1].artifacts[0].digests.map(\.description) == [
                "sha256:\(HexTests.outer)"
            ]
        )
    }

    static let outer = "e0540b66fa96d394e684cadcec75dcc687490dd8b2895aaea2f1643c361dfe31"

    @Test func takesTimesFromTheAPI() throws {
        let index = Document(try Fixture.bytes("hex/jason"))
        let request = try Self.request("https://repo.hex.pm/packages/jason")
        let wanted = Self.hex.companions(of: index, for: request, scope: .package(jason))
        #expect(wanted.map(\.url.description) == ["https://hex.pm/api/packages/jason"])
        let releases = try read(index.bytes, with: [Document(try Fixture.bytes("hex/jason.json"))])
        #expect(releases.map { $0.published?.time.day } == ["2022-09-12", "2023-07-09", "2026-11-20"])
        #expect(releases.allSatisfy { $0.license == "Apache-2.0" })
    }

    @Test func refusesAnIndexOfAnotherPackage() throws {
        let bytes = try Fixture.bytes("hex/jason")
        for package in [Purl(type: "hex", name: "other"), Purl(type: "hex", namespace: "acme", name: "jason")] {
            let root = try HTTPURL("https://repo.hex.pm/")
            #expect(throws: Malformed.self) { try HexPackage(bytes, of: package, below: root) }
        }
    }

    @Test func survivesNoise() throws {
        var noise = Noise(seed: 9)
        let bytes = try Fixture.bytes("hex/jason")
        for size in 0..<300 {
            _ = try? read(noise.damaged(bytes))
            _ = try? read(noise.bytes(size))
        }
        #expect(throws: Malformed.self) {
            try read([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
        }
        #expect(throws: Malformed.self) { try read([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) }
    }

    @Test func pinsEveryLockfile() throws {
        func pins(_ name: String) throws -> [String] {
            try Self.hex.pins(in: Fixture.bytes("hex/\(name)"), named: name).map { pin in
                "\(pin.release) \(pin.digests.map { String($0.hex.prefix(4)) })"
            }
        }
        #expect(
            try pins("mix.lock") == [
                "pkg:hex/decimal@2.1.1 [\"53cf\"]", "pkg:hex/jason@1.4.1 [\"fbb0\"]",
                "pkg:hex/acme/own@0.1.0 [\"aab0\"]",
            ]
        )
        #expect(try pins("rebar.lock") == ["pkg:hex/cowlib@2.12.1 [\"163b\"]", "pkg:hex/cowboy@2.10.0 [\"3afd\"]"])
        #expect(try pins("manifest.toml") == ["pkg:hex/gleam_stdlib@0.34.0 [\"1fb8\"]"])
        var noise = Noise(seed: 3)
        for name in ["mix.lock", "rebar.lock"] {
            let bytes = try Fixture.bytes("hex/\(name)")
            for _ in 0..<300 { _ = try? Self.hex.pins(in: noise.damaged(bytes), named: name) }
            let deep = Array(String(repeating: "{", count: 100_000).utf8)
            #expect(throws: Malformed.self) { try Self.hex.pins(in: deep, named: name) }
        }
    }
}
