import Core
import Testing

@testable import Ecosystems

@Suite struct CargoIndexTests {
    static let cargo = Cargo()

    private func request(_ url: String) throws -> Request { Request(url: try HTTPURL(url)) }

    private func hex() throws -> (document: Document, request: Request, scope: IndexScope) {
        let request = try request("https://index.crates.io/3/h/hex")
        let bytes = try Fixture.bytes("cargo/hex")
        return (Document(bytes, url: request.url), request, .package(CargoTests.crate("hex")))
    }

    private func document(_ text: String) -> Document { Document(Array(text.utf8)) }

    @Test func readsTheFactsOfAnIndex() throws {
        let (document, request, scope) = try hex()
        #expect(Self.cargo.companions(of: document, for: request, scope: scope).isEmpty)
        let releases = try Self.cargo.readIndex(document, companions: [], for: request, scope: scope).releases
        #expect(releases.map(\.purl.description) == ["0.4.2", "0.4.3", "0.4.4"].map { "pkg:cargo/hex@\($0)" })
        #expect(releases.map(\.yanked) == [nil, nil, Withdrawal()])
        let artifact = try #require(releases[1].artifacts.first)
        #expect(artifact.file == "hex-0.4.3.crate")
        #expect(artifact.url?.description == "https://static.crates.io/crates/hex/0.4.3/download")
        #expect(artifact.digests.map(\.hex) == ["7f24254aa9a54b5c858eaee2f5bccdb46aaf0e486a595ed5fd8f86ba55232a70"])
        let time = try #require(Timestamp(rfc3339: "2024-07-24T09:31:05Z"))
        #expect(artifact.published == PublishTime(time, basis: .registryTime))
        let named = document.replacing("\"hex\"", with: "\"Hex\"")
        let cased = try Self.cargo.readIndex(named, companions: [], for: request, scope: scope).releases
        #expect(cased[0].purl.name == "Hex" && cased[0].artifacts[0].file == "Hex-0.4.2.crate")
    }

    @Test func showsARefusedReleaseAsTakenBack() throws {
        let (document, request, scope) = try hex()
        let view = IndexView(keeps: { release, _ in release.purl.version != "0.4.3" })
        let shown = try Self.cargo.writeIndex(document, for: request, scope: scope, view: view)
        let before = String(decoding: document.bytes, as: UTF8.self).split(separator: "\n")
        let after = String(decoding: shown.bytes, as: UTF8.self).split(separator: "\n")
        #expect(after.count == 3 && before[0] == after[0] && before[2] == after[2])
        #expect(after[1] == before[1].replacing("\"yanked\":false", with: "\"yanked\":true"))
        #expect(document.bytes.last == shown.bytes.last)
        let all = IndexView(keeps: { _, _ in true })
        #expect(try Self.cargo.writeIndex(document, for: request, scope: scope, view: all) == document)
        let none = IndexView(keeps: { _, _ in false })
        let refused = try Self.cargo.writeIndex(document, for: request, scope: scope, view: none)
        let read = try Self.cargo.readIndex(refused, companions: [], for: request, scope: scope).releases
        #expect(read.allSatisfy { $0.yanked != nil })
    }

    @Test func hidesWhatWasNotJudged() throws {
        let (document, request, scope) = try hex()
        let lines = [
            #"{"name":"other","vers":"1.0.0","cksum":"","yanked":false}"#,
            #"{"name":"hex","vers":"one","yanked":false}"#,
            #"{"name":"hex","vers":"1.0.0","vers":"2.0.0"}"#, "<html>", #"{"name":"hex","vers":"1.0.0","yanked":null}"#,
        ]
        let text = lines.joined(separator: "\n") + "\n\n" + String(decoding: document.bytes, as: UTF8.self)
        let mixed = Document(Array(text.utf8))
        let keep = IndexView(keeps: { release, _ in release.purl.version != "1.0.0" })
        let shown = try Self.cargo.writeIndex(mixed, for: request, scope: scope, view: keep)
        let start = "{\"name\":\"hex\",\"vers\":\"1.0.0\",\"yanked\":true}\n\n{\"name\":\"hex\",\"vers\":\"0.4.2\""
        #expect(String(decoding: shown.bytes, as: UTF8.self).hasPrefix(start))
        let releases = try Self.cargo.readIndex(mixed, companions: [], for: request, scope: scope).releases
        #expect(releases.map(\.purl.version) == ["1.0.0", "0.4.2", "0.4.3", "0.4.4"])
    }

    @Test(arguments: [
        "", "\n", "<html></html>", "[]", "{}", "{\"name\":\"other\",\"vers\":\"1.0.0\"}", "{\"name\":\"hex\"}",
        "{\"name\":",
    ])
    func refusesAFileThatIsNoIndexOfTheCrate(text: String) throws {
        let (_, request, scope) = try hex()
        #expect(throws: Malformed.self) {
            try Self.cargo.readIndex(document(text), companions: [], for: request, scope: scope)
        }
    }

    @Test func takesMissingTimesFromTheAPI() throws {
        let request = try request("https://index.crates.io/it/oa/itoa")
        let scope = IndexScope.package(CargoTests.crate("itoa"))
        let old = Document(try Fixture.bytes("cargo/itoa")).replacing("pubtime", with: "x")
        let asked = Self.cargo.companions(of: old, for: request, scope: scope)
        #expect(asked.map(\.url.description) == ["https://crates.io/api/v1/crates/itoa"])
        let api = Document(try Fixture.bytes("cargo/itoa-api.json"))
        let releases = try Self.cargo.readIndex(old, companions: [api], for: request, scope: scope).releases
        #expect(releases.map { $0.published?.time.description.prefix(4) } == ["2024", "2024", "2026"])
        #expect(releases.allSatisfy { $0.license == "MIT OR Apache-2.0" })
        #expect(releases.map { $0.evidence?.kind } == [nil, nil, .trustedPublisher])
    }

    @Test(arguments: [
        ("https://dl.example/crates", "https://dl.example/crates/Hex/0.4.3/download"),
        ("https://dl.example/{crate}/{crate}-{version}.crate", "https://dl.example/Hex/Hex-0.4.3.crate"),
        ("https://dl.example/{prefix}/{lowerprefix}/{version}", "https://dl.example/3/H/3/h/0.4.3"),
        (
            "https://dl.example/{sha256-checksum}",
            "https://dl.example/7f24254aa9a54b5c858eaee2f5bccdb46aaf0e486a595ed5fd8f86ba55232a70"
        ),
    ])
    func findsTheFilesOfAnotherRegistry(template: String, file: String) throws {
        let request = try request("https://crates.example/private/index/3/h/hex")
        let scope = IndexScope.package(CargoTests.crate("hex"))
        let index = Document(try Fixture.bytes("cargo/hex")).replacing("\"hex\"", with: "\"Hex\"")
        let asked = Self.cargo.companions(of: index, for: request, scope: scope)
        #expect(asked.map(\.url.description) == ["https://crates.example/private/index/config.json"])
        let settings = document("{\"dl\":\"\(template)\",\"api\":null,\"auth-required\":true}")
        let releases = try Self.cargo.readIndex(index, companions: [settings], for: request, scope: scope).releases
        #expect(releases[1].artifacts[0].url?.description == file)
        let poor = try Self.cargo.readIndex(index, companions: [], for: request, scope: scope).releases
        #expect(poor[1].artifacts[0].url == nil && poor[1].artifacts[0].digests.count == 1)
    }

    @Test func leadsTheAddressesOfConfigJSON() throws {
        let request = try request("https://index.crates.io/config.json")
        let scope = IndexScope.repository("config.json")
        let text = "{\n \"dl\": \"https://static.crates.io/crates/{crate}\",\n \"api\": \"https://crates.io\"\n}"
        let view = IndexView(keeps: { _, _ in true }, link: { "http://127.0.0.1:1/s/\($0.origin.host)\($0.target)" })
        let led = try Self.cargo.writeIndex(document(text), for: request, scope: scope, view: view)
        let wanted =
            "{\n \"dl\": \"http://127.0.0.1:1/s/static.crates.io/crates/{crate}\",\n \"api\": \"http://127.0.0.1:1/s/crates.io\"\n}"
        #expect(String(decoding: led.bytes, as: UTF8.self) == wanted)
        let plain = IndexView(keeps: { _, _ in true })
        #expect(try Self.cargo.writeIndex(document(text), for: request, scope: scope, view: plain) == document(text))
        #expect(throws: Malformed.self) {
            try Self.cargo.readIndex(document("<html>"), companions: [], for: request, scope: scope)
        }
    }

    @Test func neverCrashesOnADamagedIndex() throws {
        let (good, request, scope) = try hex()
        let manifest = try Fixture.bytes("cargo/hex-0.4.3-Cargo.toml")
        var noise = Noise(seed: 7)
        for _ in 0..<500 {
            let bad = Document(noise.damaged(good.bytes))
            _ = try? Self.cargo.readIndex(bad, companions: [bad], for: request, scope: scope)
            _ = try? Self.cargo.writeIndex(bad, for: request, scope: scope, view: IndexView(keeps: { _, _ in false }))
            _ = try? Self.cargo.identity(ofFile: "hex-0.4.3.crate", entries: ["a/Cargo.toml": noise.damaged(manifest)])
            _ = try? Self.cargo.pins(in: noise.damaged(manifest), named: "Cargo.lock")
        }
    }
}

extension Document {
    fileprivate func replacing(_ old: String, with new: String) -> Document {
        let text = String(decoding: bytes, as: UTF8.self).replacing(old, with: new)
        return Document(Array(text.utf8), contentType: contentType, url: url)
    }
}
