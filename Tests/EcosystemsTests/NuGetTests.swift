import Core
import Ecosystems
import Testing

/// What requests of NuGet's protocol mean, and what its documents say.
@Suite struct NuGetTests {
    private let nuget = NuGet()
    private static let flat = "/v3-flatcontainer/newtonsoft.json"
    private static let hive = "/v3/registration5-gz-semver2/newtonsoft.json"

    private func request(_ target: String) throws -> Request {
        Request(url: try HTTPURL("https://api.nuget.org\(target)"))
    }

    private func read(_ text: String, at target: String, _ beside: [String] = []) throws -> [Release] {
        let request = try request(target)
        guard case .index(let scope)? = try nuget.intent(of: request) else { throw Malformed("no index") }
        let documents = beside.map { Document(Array($0.utf8), url: request.url) }
        let document = Document(Array(text.utf8), contentType: "application/json", url: request.url)
        return try nuget.readIndex(document, companions: documents, for: request, scope: scope).releases
    }

    private static func leaf(_ version: String, _ published: String, _ more: String = "") -> String {
        """
        {"@type":"Package","packageContent":"https://api.nuget.org\(flat)/\(version)/newtonsoft.json.\(version).nupkg",
         "catalogEntry":{"id":"Newtonsoft.Json","version":"\(version)","published":"\(published)"\(more)}}
        """
    }

    @Test func readsWhatAClientWants() throws {
        let package = Purl(type: "nuget", name: "newtonsoft.json")
        #expect(try nuget.intent(of: request("/v3/index.json")) == .index(.repository("index.json")))
        #expect(try nuget.intent(of: request("\(Self.flat)/index.json")) == .index(.package(package)))
        #expect(
            try nuget.intent(of: request("/v3-flatcontainer/Newtonsoft.Json/index.json")) == .index(.package(package))
        )
        #expect(try nuget.intent(of: request("\(Self.hive)/page/1.0.0/13.0.3.json")) == .index(.package(package)))
        #expect(try nuget.intent(of: request("\(Self.hive)/13.0.3.json")) == .index(.package(package.at("13.0.3"))))
        for target in [
            "\(Self.flat)/13.0.3/newtonsoft.json.13.0.3.nupkg", "/api/v2/package/Newtonsoft.Json/13.0.3",
            "/org/_packaging/feed/nuget/v3/flat2/newtonsoft.json/13.0.3/newtonsoft.json.13.0.3.nupkg",
        ] {
            let name = ArtifactName(release: package.at("13.0.3"), file: "newtonsoft.json.13.0.3.nupkg")
            #expect(try nuget.intent(of: request(target)) == .artifact(name), "\(target)")
        }
        let nuspec = try nuget.intent(of: request("\(Self.flat)/13.0.3/newtonsoft.json.nuspec"))
        #expect(nuspec == .sidecar(release: package.at("13.0.3"), file: "newtonsoft.json.nuspec"))
        #expect(try nuget.intent(of: request("/query?q=json")) == .search)
        let push = Request(method: "PUT", url: try HTTPURL("https://www.nuget.org/api/v2/package"))
        #expect(try nuget.intent(of: push) == .publish(nil))
    }

    /// Such a feed lists the file beside the release, and it is the file that is refused.
    @Test func hidesAReleaseOfWhichTheFeedStatesTheDigest() throws {
        let hash = Base64.encode(Array(repeating: 7, count: 64))
        let more = #","packageHash":"\#(hash)","packageHashAlgorithm":"SHA512""#
        let leaves = ["13.0.2", "13.0.3"].map { Self.leaf($0, "2023-03-08T07:42:54Z", more) }
        let list = #"{"items":[{"items":[\#(leaves.joined(separator: ","))]}]}"#
        let flat = #"{"versions":["13.0.2","13.0.3"]}"#
        for (target, text, beside) in [
            ("\(Self.hive)/index.json", list, [String]()), ("\(Self.flat)/index.json", flat, [list]),
        ] {
            #expect(try read(text, at: target, beside).map { $0.artifacts.count } == [1, 1])
            let view = IndexView(keeps: { $1.file != "newtonsoft.json.13.0.3.nupkg" })
            let scope = IndexScope.package(Purl(type: "nuget", name: "newtonsoft.json"))
            let shown = try nuget.writeIndex(Document(Array(text.utf8)), for: request(target), scope: scope, view: view)
            #expect(
                try read(String(decoding: shown.bytes, as: UTF8.self), at: target).map(\.purl.version) == ["13.0.2"]
            )
        }
    }

    @Test(arguments: [
        "/v3-flatcontainer/a/1.0.0/b.1.0.0.nupkg", "/v3-flatcontainer/a/1.0.0/a.2.0.0.nupkg",
        "/v3-flatcontainer/a/x/a.x.nupkg", "/v3-flatcontainer/a%2Fb/index.json", "/v3-flatcontainer/a%252e/index.json",
        "/v3-flatcontainer//a/index.json", "/v3-flatcontainer/%C3%BC/index.json", "/v3-flatcontainer/a..b/index.json",
    ])
    func refusesHostileNames(_ target: String) throws {
        let request = try request(target)
        #expect(throws: Malformed.self) { try nuget.intent(of: request) }
    }

    @Test func ordersVersionsAsNuGetDoes() {
        let ordered = [
            "0.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-BETA", "1.0.0", "1.0.0.1",
            "1.2",
        ]
        for (at, one) in ordered.enumerated() {
            for (place, other) in ordered.enumerated() {
                #expect(nuget.compare(one, other).map { $0.signum() } == (at - place).signum(), "\(one) \(other)")
            }
        }
        #expect(nuget.compare("1.0", "1.0.0.0+build") == 0 && nuget.compare("01.0", "1") == 0)
        #expect(nuget.compare("1.0.0-Beta", "1.0.0-beta") == 0)
        for text in ["", "1.", "v1", "1.0.0.0.0", "99999999999", "1.0-", "1.0-a..b"] {
            #expect(nuget.compare(text, text) == nil, "\(text)")
        }
        #expect(nuget.isPrerelease("1.0.0-rc.1") && !nuget.isPrerelease("1.0.0+rc"))
    }

    @Test func takesTimesFromTheRegistration() throws {
        let versions = #"{"versions":["13.0.2","13.0.3"]}"#
        let items = [
            Self.leaf("13.0.2", "2022-11-24T19:57:25.7Z"), Self.leaf("13.0.3", "2023-03-08T07:42:54.64+00:00"),
        ]
        let hive = #"{"count":1,"items":[{"@id":"x","items":[\#(items.joined(separator: ","))]}]}"#
        let document = Document(Array(versions.utf8))
        let request = try request("\(Self.flat)/index.json")
        let package = Purl(type: "nuget", name: "newtonsoft.json")
        let wanted = nuget.companions(of: document, for: request, scope: .package(package))
        #expect(wanted.map(\.url.path) == ["\(Self.hive)/index.json"])
        let releases = try read(versions, at: "\(Self.flat)/index.json", [hive])
        #expect(releases.map(\.published?.time.day) == ["2022-11-24", "2023-03-08"])
        #expect(releases.allSatisfy { $0.published?.basis == .registryTime })
        // No digest is known yet, so no file is listed: its own leaf tells more when it is asked for.
        #expect(releases.allSatisfy { $0.artifacts.isEmpty })
        #expect(releases[1].purl.description == "pkg:nuget/newtonsoft.json@13.0.3")
    }

    @Test func asksForThePagesOfALongRegistration() throws {
        let page = "https://api.nuget.org\(Self.hive)/page/1.0.0/2.0.0.json"
        let index = #"{"count":2,"items":[{"@id":"\#(page)","count":64},{"@id":"https://evil.test/page.json"}]}"#
        let request = try request("\(Self.hive)/index.json")
        let package = Purl(type: "nuget", name: "newtonsoft.json")
        let wanted = nuget.companions(of: Document(Array(index.utf8)), for: request, scope: .package(package))
        #expect(wanted.map(\.url.description) == [page])
        let leaves = #"{"count":1,"items":[\#(Self.leaf("1.0.0", "2020-01-01T00:00:00Z"))]}"#
        #expect(try read(index, at: "\(Self.hive)/index.json", [leaves]).map(\.purl.version) == ["1.0.0"])
    }

    @Test func findsTheDigestInTheCatalog() throws {
        let url = try HTTPURL("https://api.nuget.org\(Self.flat)/13.0.3/newtonsoft.json.13.0.3.nupkg")
        let release = Purl(type: "nuget", name: "newtonsoft.json", version: "13.0.3")
        let name = ArtifactName(release: release, file: "newtonsoft.json.13.0.3.nupkg")
        let statement = try #require(nuget.statements(about: name, at: url).first)
        #expect(statement.url.path == "\(Self.hive)/13.0.3.json")
        let entry = "https://api.nuget.org/v3/catalog0/data/2023.03.08/newtonsoft.json.13.0.3.json"
        let leaf =
            #"{"catalogEntry":"\#(entry)","listed":true,"packageContent":"\#(url)","published":"2023-03-08T07:42:54Z"}"#
        guard case .index(let scope)? = try nuget.intent(of: statement) else { throw Malformed("no index") }
        let wanted = nuget.companions(of: Document(Array(leaf.utf8)), for: statement, scope: scope)
        #expect(wanted.map(\.url.description) == [entry])
        let hash = Base64.encode([UInt8](repeating: 7, count: 64))
        let catalog = """
            {"id":"Newtonsoft.Json","version":"13.0.3","packageHash":"\(hash)","packageHashAlgorithm":"SHA512",
             "packageSize":2441966,"published":"2023-03-08T07:42:54.64Z","licenseExpression":"MIT","listed":true,
             "deprecation":{"reasons":["Legacy"],"message":"use another"}}
            """
        let found = try #require(try read(leaf, at: "\(Self.hive)/13.0.3.json", [catalog]).first)
        #expect(found.artifacts[0].digests == [Digest(.sha512, bytes: [UInt8](repeating: 7, count: 64))])
        #expect(found.artifacts[0].size == 2_441_966 && found.artifacts[0].url == url)
        #expect(found.license == "MIT" && found.deprecated?.reason == "Legacy, use another")
        let azure = try HTTPURL("https://pkgs.test/o/_packaging/f/nuget/v3/flat2/a/1.0.0/a.1.0.0.nupkg")
        let other = ArtifactName(release: Purl(type: "nuget", name: "a", version: "1.0.0"), file: "a.1.0.0.nupkg")
        let place = nuget.statements(about: other, at: azure).map(\.url.path)
        #expect(place == ["/o/_packaging/f/nuget/v3/registrations2-semver2/a/1.0.0.json"])
    }

    @Test func anUnlistedReleaseIsTakenBack() throws {
        let leaf = Self.leaf("1.0.0", "1900-01-01T00:00:00+00:00", #","listed":false"#)
        let release = try #require(try read(#"{"items":[\#(leaf)]}"#, at: "\(Self.hive)/page/1.0.0/1.0.0.json").first)
        #expect(release.yanked?.reason == "unlisted" && release.published == nil)
    }

    @Test func hidesRefusedVersionsEverywhere() throws {
        func written(_ text: String, _ target: String) throws -> String {
            let request = try request(target)
            guard case .index(let scope)? = try nuget.intent(of: request) else { throw Malformed("no index") }
            let view = IndexView(keeps: { release, _ in release.purl.version != "2.0.0" }, link: { "L\($0.path)" })
            let document = Document(Array(text.utf8), url: request.url)
            let index = try nuget.writeIndex(document, for: request, scope: scope, view: view)
            return String(decoding: index.bytes, as: UTF8.self)
        }
        #expect(
            try written(#"{"versions":["1.0.0","2.0.0"]}"#, "\(Self.flat)/index.json") == #"{"versions":["1.0.0"]}"#
        )
        let leaves = "[\(Self.leaf("1.0.0", "2020-01-01T00:00:00Z")),\(Self.leaf("2.0.0", "2020-01-01T00:00:00Z"))]"
        let hive = try written(#"{"items":[{"@id":"x","items":\#(leaves)}]}"#, "\(Self.hive)/index.json")
        #expect(hive.contains("L\(Self.flat)/1.0.0/newtonsoft.json.1.0.0.nupkg") && !hive.contains("2.0.0"))
        let service =
            #"{"version":"3.0.0","resources":[{"@id":"https://api.nuget.org/v3-flatcontainer/","@type":"P"}]}"#
        #expect(try written(service, "/v3/index.json").contains(#""@id":"L/v3-flatcontainer/""#))
    }

    @Test func pinsReleasesOfALockfile() throws {
        let lock = """
            {"version":1,"dependencies":{"net8.0":{
              "Newtonsoft.Json":{"type":"Direct","requested":"[13.0.3, )","resolved":"13.0.3","contentHash":"AAAA"},
              "Own":{"type":"Project"}},"net8.0/linux-x64":{"Newtonsoft.Json":{"resolved":"13.0.3"}}}}
            """
        let pins = try nuget.pins(in: Array(lock.utf8), named: "packages.lock.json")
        #expect(pins.map(\.release.description) == ["pkg:nuget/newtonsoft.json@13.0.3"])
        #expect(pins.first?.digests == [])
        #expect(throws: Malformed.self) { try nuget.pins(in: Array("{}".utf8), named: "packages.lock.json") }
    }

    @Test func aPackageSaysWhoItIs() throws {
        func identity(_ text: String) throws -> String {
            try nuget.identity(ofFile: "a.1.nupkg", entries: ["A.nuspec": Array(text.utf8)]).description
        }
        let good = """
            \u{FEFF}<?xml version="1.0"?><!-- <id>no</id> -->
            <package xmlns="http://x"><metadata minClientVersion="2>1"><id> Newtonsoft.Json </id><version>13.0.3</version>
            <dependencies><group><dependency id="B" version="1"/></group></dependencies></metadata></package>
            """
        #expect(try identity(good) == "pkg:nuget/newtonsoft.json@13.0.3")
        for bad in [
            "<package><metadata><id>A</id><id>B</id><version>1.0</version></metadata></package>",
            "<package><metadata><id>A&amp;</id><version>1.0</version></metadata></package>", "<package><metadata>",
            "<!DOCTYPE x><package/>", "<package></metadata>", "", "<",
            "<package><metadata><id>A</id></metadata></package>",
        ] {
            #expect(throws: Malformed.self, "\(bad)") { try identity(bad) }
        }
        #expect(throws: Malformed.self) { try nuget.identity(ofFile: "a.nupkg", entries: [:]) }
        let wants = try #require(nuget.inspection(ofFile: "a.1.0.0.nupkg")).wants
        #expect(wants("A.nuspec") && !wants("lib/A.nuspec"))
    }

    @Test func hidesAReleaseFromAWholeRegistration() throws {
        let request = try request("/v3/registration5-gz-semver2/demo.kit/index.json")
        let scope = IndexScope.package(Purl(type: "nuget", name: "demo.kit"))
        let document = Document(try Fixture.bytes("nuget/registration.json"), url: request.url)
        let releases = try nuget.readIndex(document, companions: [], for: request, scope: scope).releases
        #expect(releases.map(\.published?.time.day) == ["2026-01-10", "2026-11-17"])
        #expect(releases.map(\.deprecated?.reason) == ["Legacy, use Other.Kit", nil])
        #expect(releases.allSatisfy { $0.license == "MIT" && $0.yanked == nil })
        let view = IndexView(keeps: { release, _ in release.purl.version != "2.0.0" })
        let written = try nuget.writeIndex(document, for: request, scope: scope, view: view)
        try Fixture.expect(written.bytes, equals: "nuget/registration.without-2.0.0.json")
    }
}
