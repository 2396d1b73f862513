import Core
import Testing

@testable import Ecosystems

@Suite struct RubyGemsTests {
    static let gems = RubyGems()

    static func request(_ text: String, method: String = "GET", body: String = "") throws -> Request {
        let url = text.hasPrefix("/") ? "https://rubygems.org\(text)" : text
        return Request(method: method, url: try HTTPURL(url), accept: "*/*", body: Array(body.utf8))
    }

    static func gem(_ text: String) throws -> Purl { try Purl(parsing: "pkg:gem/\(text)") }

    @Test func readsWhatAClientWants() throws {
        let rack = try Self.gem("rack")
        let cases: [(String, String, Intent?)] = [
            ("GET", "/", .passThrough), ("HEAD", "/", .passThrough), ("GET", "/info/rack", .index(.package(rack))),
            ("GET", "/versions", .index(.repository("versions"))), ("GET", "/names", .index(.repository("names"))),
            ("GET", "/specs.4.8.gz", .index(.repository("specs.4.8.gz"))),
            ("GET", "/info/versions", .index(.package(try Self.gem("versions")))),
            ("GET", "/api/v1/versions/rack.json", .index(.package(rack))),
            ("GET", "/api/v1/versions/rack/latest.json", .passThrough),
            (
                "GET", "/gems/rack-2.2.21.gem",
                .artifact(ArtifactName(release: rack.at("2.2.21"), file: "rack-2.2.21.gem"))
            ),
            ("GET", "/private/gems/foo-2-1.0.gem", .artifact(ArtifactName(file: "foo-2-1.0.gem"))),
            (
                "GET", "/quick/Marshal.4.8/rack-2.2.21.gemspec.rz",
                .sidecar(release: rack.at("2.2.21"), file: "rack-2.2.21.gemspec.rz")
            ),
            (
                "GET", "/api/v1/attestations/rack-2.2.21.json",
                .sidecar(release: rack.at("2.2.21"), file: "attestations")
            ),
            ("GET", "/api/v1/search.json?query=rack", .search), ("GET", "/api/v1/dependencies?gems=rack", .passThrough),
            ("POST", "/api/v1/gems", .publish(nil)), ("GET", "/api/v1/api_key", .credential),
            ("POST", "/api/v1/oidc/trusted_publisher/exchange_token", .credential),
            ("POST", "/api/v1/gems/rack/owners", .tag(rack)), ("POST", "/info/rack", nil), ("GET", "/gems/rack", nil),
        ]
        for (method, path, intent) in cases {
            #expect(try Self.gems.intent(of: Self.request(path, method: method)) == intent, "\(method) \(path)")
        }
    }

    @Test func readsWhichReleaseAYankIsAbout() throws {
        let form = "gem_name=rack&version=2.2.21&platform=ruby"
        let inBody = try Self.request("/api/v1/gems/yank", method: "DELETE", body: form)
        let inQuery = try Self.request("/api/v1/gems/yank?\(form)", method: "DELETE")
        for request in [inBody, inQuery] {
            #expect(try Self.gems.intent(of: request) == .yank(Self.gem("rack@2.2.21")))
        }
    }

    @Test(arguments: ["%00", "a%2fb", "a%252fb", ".hidden", "-x", "caf%C3%A9", String(repeating: "n", count: 300)])
    func refusesWhatIsNoName(name: String) {
        #expect(throws: Malformed.self) { try Self.gems.intent(of: Self.request("/info/\(name)")) }
    }

    @Test func readsAFullNameOnlyWhereItIsCertain() {
        func readings(_ file: String) -> [String] { GemFile.readings(of: file).map(\.description) }
        #expect(readings("rack-2.2.21.gem") == ["pkg:gem/rack@2.2.21"])
        #expect(readings("nokogiri-1.16.0-x86_64-linux.gem") == ["pkg:gem/nokogiri@1.16.0?platform=x86_64-linux"])
        #expect(readings("foo-2-1.0.gem") == ["pkg:gem/foo-2@1.0", "pkg:gem/foo@2?platform=1.0"])
        #expect(GemFile.release(of: "foo-2-1.0.gem") == nil)
        for file in ["rack.gem", "-1.0.gem", "rack-.gem", "rack-x.gem", "rack-1.0.tgz", "a-1..0.gem"] {
            #expect(readings(file).isEmpty, "\(file)")
        }
    }

    @Test func keepsTheCaseOfAName() throws {
        let request = try Self.request("/info/RedCloth")
        #expect(try Self.gems.intent(of: request) == .index(.package(Purl(type: "gem", name: "RedCloth"))))
    }

    @Test func asksForMD5AsEntityTag() { #expect(Self.gems.entityTag == .md5) }
}

@Suite struct RubyGemsIndexTests {
    static let gems = RubyGems()
    let rainbow = Purl(type: "gem", name: "rainbow")

    private func read(_ text: String, at url: String = "https://index.rubygems.org/info/rainbow", with: [Document] = [])
        throws -> [Release]
    {
        let index = Document(Array(text.utf8), contentType: "text/plain")
        let request = try RubyGemsTests.request(url)
        return try Self.gems.readIndex(index, companions: with, for: request, scope: .package(rainbow)).releases
    }

    @Test func readsTheFieldsOfALine() throws {
        let sha = String(repeating: "ab", count: 32)
        let text = """
            ---
            3.1.1 |checksum:\(sha),ruby:>= 2.3.0
            3.1.1-java a:>= 1&< 3,b:= 2|checksum:\(sha),ruby:>= 2.3.0&< 4,created_at:2026-05-26T12:00:00Z,abi:x:y
            4.0.0.rc1 |ruby:>= 3

            """
        let releases = try read(text)
        #expect(
            releases.map(\.purl.description) == [
                "pkg:gem/rainbow@3.1.1", "pkg:gem/rainbow@3.1.1?platform=java", "pkg:gem/rainbow@4.0.0.rc1",
            ]
        )
        #expect(releases.map { $0.artifacts[0].digests.map(\.hex) } == [[sha], [sha], []])
        #expect(releases[1].published?.time.description == "2026-05-26T12:00:00Z")
        #expect(releases[1].artifacts[0].url?.description == "https://rubygems.org/gems/rainbow-3.1.1-java.gem")
    }

    @Test func findsTheFileUnderEitherHost() throws {
        let file = "rainbow-3.1.1.gem"
        #expect(
            Self.gems.candidates(forFile: file, at: try HTTPURL("https://index.rubygems.org/gems/\(file)")).count == 1
        )
        let asked = Self.gems.indexRequest(for: rainbow, at: Origin(.https, "rubygems.org"))
        #expect(asked?.url.description == "https://index.rubygems.org/info/rainbow")
        let own = try read("---\n1.0 |\n", at: "https://gems.example.org/private/info/rainbow")
        #expect(own[0].artifacts[0].url?.description == "https://gems.example.org/private/gems/rainbow-1.0.gem")
    }

    @Test func takesTimesFromTheVersionsOfTheAPI() throws {
        let index = Document(try Fixture.bytes("gem/rainbow.txt"))
        let request = try RubyGemsTests.request("https://index.rubygems.org/info/rainbow")
        let wanted = Self.gems.companions(of: index, for: request, scope: .package(rainbow))
        #expect(wanted.map(\.url.description) == ["https://rubygems.org/api/v1/versions/rainbow.json"])
        let companion = Document(try Fixture.bytes("gem/rainbow.json"))
        let releases = try read(String(decoding: index.bytes, as: UTF8.self), with: [companion])
        #expect(releases.map { $0.published?.time.day } == ["2024-10-29", "2026-11-21"])
        #expect(releases.allSatisfy { $0.published?.basis == .registryTime && $0.license == "MIT" })
        // One that is no JSON adds nothing.
        #expect(try read("---\n1.0 |\n", with: [Document([0x3C])]).map(\.published) == [nil])
    }

    @Test func hidesARelease() throws {
        let index = Document(try Fixture.bytes("gem/rainbow.txt"), contentType: "text/plain")
        let request = try RubyGemsTests.request("https://index.rubygems.org/info/rainbow")
        let view = IndexView(keeps: { release, _ in release.purl.version != "3.1.2" })
        let printed = try Self.gems.writeIndex(index, for: request, scope: .package(rainbow), view: view)
        try Fixture.expect(printed.bytes, equals: "gem/rainbow.without-3.1.2.txt")
        let all = IndexView(keeps: { _, _ in true })
        #expect(try Self.gems.writeIndex(index, for: request, scope: .package(rainbow), view: all).bytes == index.bytes)
        let none = IndexView(keeps: { _, _ in false })
        let empty = try Self.gems.writeIndex(index, for: request, scope: .package(rainbow), view: none)
        #expect(empty.bytes == Array("---\n".utf8))
        // What was printed is an index again.
        #expect(try read("---\n").isEmpty)
    }

    @Test func hidesAReleaseOfTheAPIToo() throws {
        let index = Document(try Fixture.bytes("gem/rainbow.json"), contentType: "application/json")
        let request = try RubyGemsTests.request("/api/v1/versions/rainbow.json")
        let view = IndexView(keeps: { release, _ in release.purl.version != "3.1.2" })
        let printed = try Self.gems.writeIndex(index, for: request, scope: .package(rainbow), view: view)
        let text = String(decoding: printed.bytes, as: UTF8.self)
        #expect(text.hasPrefix("[{\"number\":\"3.1.1\"") && !text.contains("3.1.2"))
    }

    @Test func hidesALineThatItCannotRead() throws {
        let index = Document(Array("---\n1.0 |\n-bad |\n2.0/../x |\nnoblank\n".utf8))
        let request = try RubyGemsTests.request("/info/rainbow")
        let view = IndexView(keeps: { _, _ in true })
        let printed = try Self.gems.writeIndex(index, for: request, scope: .package(rainbow), view: view)
        #expect(printed.bytes == Array("---\n1.0 |\n".utf8))
    }

    @Test(arguments: ["<!DOCTYPE html>\n<html>\n", "", "{}", "gone", "\u{0}\u{1}"])
    func refusesWhatIsNoIndex(text: String) { #expect(throws: Malformed.self) { try read(text) } }

    @Test func passesTheWholeListsByteForByte() throws {
        let index = Document(Array("created_at: 2026\n---\nrack 1.0,-1.1 0123\n".utf8))
        let request = try RubyGemsTests.request("/versions")
        let view = IndexView(keeps: { _, _ in false })
        let printed = try Self.gems.writeIndex(index, for: request, scope: .repository("versions"), view: view)
        #expect(printed == index)
    }
}

@Suite struct RubyGemsClientTests {
    static let gems = RubyGems()

    @Test func ordersVersionsAsGemVersionDoes() throws {
        let text = String(decoding: try Fixture.bytes("gem/versions.tsv"), as: UTF8.self)
        let rows = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count == 703)
        for row in rows { #expect(Self.gems.compare(row[0], row[1]) == Int(row[2]), "\(row)") }
    }

    @Test func knowsAPrereleaseByItsLetters() {
        for text in ["1.2.0.a", "2.9.b", "22.1.50.0.d", "1.2.d.42", "1.A", "1.0-1"] {
            #expect(Self.gems.isPrerelease(text))
        }
        for text in ["1.2.0", "2.9", "22.1.50.0"] { #expect(!Self.gems.isPrerelease(text)) }
        for text in ["junk", "1.0\n2.0", "", "1..0", ".1", "1.0+x", "1.0-"] {
            #expect(GemVersion(text) == nil, "\(text)")
        }
    }

    @Test func pinsGemsAndTheirChecksums() throws {
        let pins = try Self.gems.pins(in: Fixture.bytes("gem/Gemfile.lock"), named: "Gemfile.lock")
        #expect(
            pins.map(\.release.description) == [
                "pkg:gem/nokogiri@1.16.0?platform=x86_64-linux", "pkg:gem/racc@1.7.3", "pkg:gem/rack@2.2.21",
                "pkg:gem/secret@1.0.0.pre.1",
            ]
        )
        #expect(pins.map { $0.digests.map(\.algorithm) } == [[.sha256], [.sha256], [.sha256], []])
        #expect(pins[0].url?.description == "https://rubygems.org/gems/nokogiri-1.16.0-x86_64-linux.gem")
        #expect(pins[3].url?.description == "https://gems.example.org/private/gems/secret-1.0.0.pre.1.gem")
        #expect(throws: Malformed.self) { try Self.gems.pins(in: Array("<<<<<<< HEAD\n".utf8), named: "gems.locked") }
    }

    private func identity(_ metadata: String, named file: String = "rack-2.2.21.gem") throws -> String {
        try Self.gems.identity(ofFile: file, entries: ["metadata": Array(metadata.utf8)]).description
    }

    @Test func readsWhoAGemSaysItIs() throws {
        let metadata = String(decoding: try Fixture.bytes("gem/metadata"), as: UTF8.self)
        #expect(try identity(metadata) == "pkg:gem/rack@2.2.21")
        let head =
            "--- !ruby/object:Gem::Specification \nname: 'a'\nversion: !ruby/object:Gem::Version\n  version: \"1.0\"\n"
        #expect(try identity("\(head)platform: java\n") == "pkg:gem/a@1.0?platform=java")
        let java = try RubyGemsTests.gem("a@1.0?platform=java")
        #expect(!Self.gems.agrees(try RubyGemsTests.gem("a@1.0"), with: java))
    }

    @Test(arguments: [
        "name: evil\n", "\"name\": evil\n", "? name\n: evil\n", "<<: *x\n", "--- !ruby/object:Gem::Specification\n",
        "&a name: evil\n", "{name: evil}\n", "version: 3\n", "  continued\n",
    ])
    func refusesMetadataThatCouldBeReadInTwoWays(more: String) {
        let version = "version: !ruby/object:Gem::Version\n  version: '1.0'\n"
        let head = "--- !ruby/object:Gem::Specification\n\(version)name: good\n"
        #expect(throws: Malformed.self) { try identity(head + more) }
        #expect(throws: Malformed.self) { try identity("name: good\n\(version)") }
    }

    @Test func leadsOnlyThePublicSourceToUs() throws {
        func settings(_ mode: Endpoint.Mode, _ own: [String: String] = [:], _ clients: Set<String> = ["bundle"])
            -> ClientSettings
        { Self.gems.clientSettings(for: NpmClientTests.endpoint(mode, clients, own: own)) }
        #expect(settings(.intercept).environment == ["BUNDLE_SSL_CA_CERT": "/run/s/ca-bundle.pem"])
        #expect(settings(.intercept, [:], ["npm"]) == ClientSettings())
        let registry = settings(.registry, ["RUBYOPT": "-W0", "GEMRC": "/etc/own.yml"])
        #expect(registry.environment["RUBYOPT"] == "-r/run/s/purser-gems.rb -W0")
        #expect(registry.environment["GEMRC"] == "/etc/own.yml:/run/s/gemrc")
        #expect(!registry.environment.keys.contains { $0.hasPrefix("BUNDLE_MIRROR") })
        let prelude = try #require(registry.files.first { $0.name == "purser-gems.rb" })
        #expect(
            prelude.contents.contains("\"BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/\"] ||= \"http://127.0.0.1:9/s/gem/\"")
        )
    }
}
